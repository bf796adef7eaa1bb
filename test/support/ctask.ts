// Runs the built program as a user does: real processes, real terminal output, exit codes.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));
export const program = join(repository, 'dist', 'cli', 'main.js');

/** Of what changes without a word. */
const ASK_AGAIN_MS = 500;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process whose output can be waited for. */
export class Running {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly done: Promise<Outcome>;
  /** The process has ended and all that it had printed has been read: the two do not come together. */
  private closed = false;
  private readonly watchers = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      for (const watcher of this.watchers) watcher();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      for (const watcher of this.watchers) watcher();
    });
    this.done = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.closed = true;
        for (const watcher of this.watchers) watcher();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when `accept` holds for what has been printed; rejects when the process ends first or time is up. */
  until(accept: (running: Running) => boolean, what: string, timeoutMs = 30_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        this.watchers.delete(look);
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
      const failure = (why: string) =>
        new Error(`${what}: ${why}\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`);
      const look = () => {
        if (accept(this)) finish();
        else if (this.closed) finish(failure(`the process ended with ${this.child.exitCode ?? this.child.signalCode}`));
      };
      const timer = setTimeout(() => finish(failure('did not happen in time')), timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    if (!this.ended) this.child.kill(signal);
    return this.done;
  }
}

/** A user with a home and a configuration of his own. */
export class User {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  private readonly processes = new Set<Running>();

  constructor() {
    if (!existsSync(program)) throw new Error('build first: npm run build');
    this.home = mkdtempSync(join(tmpdir(), 'ctask-user-'));
    const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
    this.env = {
      ...inherited,
      HOME: this.home,
      CTASK_CONFIG: join(this.home, 'config.yaml'),
      NO_COLOR: '1',
      NODE_ENV: 'production',
    };
  }

  /** Starts ctask; what is still running when the user goes is killed. */
  start(args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Running {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...this.env, ...options.env },
      cwd: options.cwd ?? repository,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const running = new Running(child);
    this.processes.add(running);
    void running.done.then(() => this.processes.delete(running));
    return running;
  }

  /** Runs ctask to its end. */
  async ctask(args: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Outcome> {
    const running = this.start(args, options);
    running.child.stdin!.on('error', () => undefined); // the command may end without reading its input
    running.child.stdin!.end(options.input ?? '');
    return running.done;
  }

  /** Runs ctask and returns its standard output; throws when it fails. */
  async ok(args: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Promise<string> {
    const outcome = await this.ctask(args, options);
    if (outcome.code !== 0)
      throw new Error(`ctask ${args.join(' ')} ended with ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
    return outcome.stdout;
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.ok([...args, '-o', 'json'])) as T;
  }

  /** Asks until the answer pleases: again at each change that a watch of the same shows, as each question costs a process, and
   * now and then for what has no watch, or changes without a word. */
  async eventually<T>(args: readonly string[], accept: (answer: T) => boolean, timeoutMs = 30_000): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    let changes: Running | undefined;
    try {
      for (;;) {
        const seen = changes?.stdout.length ?? 0;
        const answer = await this.json<T>(args);
        if (accept(answer)) return answer;
        if (performance.now() > deadline)
          throw new Error(`ctask ${args.join(' ')} never pleased: ${JSON.stringify(answer).slice(0, 4000)}`);
        if (args[0] === 'get') changes ??= this.start([...args, '--watch']);
        if (changes === undefined) await elapse(ASK_AGAIN_MS);
        else await changes.until(({ stdout }) => stdout.length > seen, 'a change', ASK_AGAIN_MS).catch(() => undefined);
      }
    } finally {
      await changes?.end('SIGKILL');
    }
  }

  /** Ends what is still running, politely first: a supervisor takes its parts with it. */
  async go(): Promise<void> {
    for (const running of this.processes) {
      const late = setTimeout(() => running.child.kill('SIGKILL'), 20_000);
      await running.end('SIGINT');
      clearTimeout(late);
    }
    await rm(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** `ctask up` on a free port, in the user's home. */
export async function startUp(user: User, args: readonly string[] = []): Promise<Running & { url: string }> {
  const running = user.start(['up', '--data-dir', join(user.home, 'up'), '--port', '0', ...args]);
  await running.until(({ stdout }) => stdout.includes('Ctrl-C ends everything'), 'ctask up becomes ready', 60_000);
  const url = /up at (\S+)/.exec(running.stdout)![1]!;
  return Object.assign(running, { url });
}
