// The CLI in process, at a terminal or a pipe of its own: what it writes is kept, signals are sent by the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../base/index.js';
import type { Host, InterruptSignal, Output } from '../../cli/host.js';
import { runCli } from '../../cli/run-cli.js';

const lookHere = async () => (await import('../../cli/serve/doctor.js')).lookHere;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SessionOptions {
  readonly input?: string;
  readonly env?: Record<string, string>;
  readonly tty?: boolean;
  readonly clock?: Clock;
}

/** A command that is running. */
export class CliSession {
  stdout = '';
  stderr = '';
  readonly done: Promise<Outcome>;
  private readonly watchers = new Set<() => void>();
  private listener: ((signal: InterruptSignal) => void) | undefined;

  constructor(argv: readonly string[], home: string, options: SessionOptions) {
    this.done = runCli(argv, this.host(home, options), undefined, lookHere).then((code) => {
      for (const watcher of this.watchers) watcher();
      return { code, stdout: this.stdout, stderr: this.stderr };
    });
  }

  signal(signal: InterruptSignal): void {
    this.listener?.(signal);
  }

  /** Resolves when `accept` holds for what has been written. */
  until(accept: (session: CliSession) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!accept(this)) return;
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }

  private host(home: string, { input = '', env = {}, tty = false, clock = systemClock }: SessionOptions): Host {
    const output = (name: 'stdout' | 'stderr'): Output => {
      const decoder = new TextDecoder();
      return {
        isTTY: tty,
        columns: tty ? 120 : undefined,
        write: async (data) => {
          this[name] += typeof data === 'string' ? data : decoder.decode(data, { stream: true });
          for (const watcher of this.watchers) watcher();
        },
      };
    };
    const lines = input.split('\n');
    return {
      env: { CTASK_CONFIG: join(home, 'config.yaml'), XDG_CACHE_HOME: join(home, 'cache'), ...env },
      clock,
      stdin: { isTTY: tty, line: async () => lines.shift(), text: async () => input },
      stdout: output('stdout'),
      stderr: output('stderr'),
      homeDir: home,
      platform: process.platform,
      version: '1.2.3',
      onInterrupt: (listener) => {
        this.listener = listener;
        return () => {
          this.listener = undefined;
        };
      },
    };
  }
}

/** Somebody with a home directory, a configuration and a cache of their own. */
export class CliUser {
  readonly home = mkdtempSync(join(tmpdir(), 'ctask-cli-'));

  start(argv: readonly string[], options: SessionOptions = {}): CliSession {
    return new CliSession(argv, this.home, options);
  }

  run(argv: readonly string[], options: SessionOptions = {}): Promise<Outcome> {
    return this.start(argv, options).done;
  }

  /** Runs a command line as people write it; quotes keep words together. */
  type(line: string, options: SessionOptions = {}): Promise<Outcome> {
    return this.run(words(line), options);
  }

  go(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Words of a command line without `ctask`, as a shell parts them: at blanks outside of single and double quotes. */
export function words(line: string): string[] {
  const found = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const plain = found.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, (_quoted, one, two) => one ?? two));
  return plain[0] === 'ctask' ? plain.slice(1) : plain;
}
