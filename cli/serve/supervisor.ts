// Starts the parts of CloudTask as processes of their own, restarts one that dies, and ends them in reverse order.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { Backoff, CloudTaskError, Emitter, type Logger, systemClock } from '../../base/index.js';
import { selfEntry } from './entries.js';
import type { ReadyMessage } from './lifecycle.js';

/** A part that is not ready by then is broken; compiling caches on a slow disk take a few seconds. */
const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 20_000;
/** How a part ends that was told something wrong. */
const WRONG_OPTIONS = 2;

export interface PartOptions {
  readonly name: string;
  /** Arguments of ctask. Called again for each restart, with what the part announced before, e.g. its port. */
  readonly args: (last: Record<string, string | number> | undefined) => string[];
  /** File that takes the part's standard output and error. */
  readonly logFile: string;
}

export type PartEvents = {
  ready: { name: string; info: Record<string, string | number>; pid: number };
  died: { name: string; code: number | null; signal: NodeJS.Signals | null };
};

export class Part {
  readonly events = new Emitter<PartEvents>();
  private readonly options: PartOptions;
  private readonly log: Logger;
  private readonly backoff = new Backoff({ initialMs: 200, maxMs: 10_000 });
  private child: ChildProcess | undefined;
  private info: Record<string, string | number> | undefined;
  private stopping = false;
  /** Where in the log file the present process begins: what earlier ones said is no news. */
  private logStart = 0;

  constructor(options: PartOptions, log: Logger) {
    this.options = options;
    this.log = log;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves with what the part announced; rejects when it ends or stays silent before that. */
  async start(): Promise<Record<string, string | number>> {
    const child = this.spawn();
    const info = await this.awaitReady(child);
    this.info = info;
    this.events.emit('ready', { name: this.options.name, info, pid: child.pid! });
    child.once('exit', (code, signal) => this.onDeath(code, signal));
    if (child.exitCode !== null || child.signalCode !== null) this.onDeath(child.exitCode, child.signalCode);
    return info;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.send({ type: 'stop' });
    else child.kill('SIGTERM');
    const late = systemClock.timerAfter(STOP_DEADLINE_MS, () => {
      this.log.warn({ part: this.options.name }, 'part did not stop in time and is killed');
      child.kill('SIGKILL');
    });
    await exited;
    late.cancel();
  }

  private spawn(): ChildProcess {
    const [command, ...entry] = selfEntry();
    const logFd = openSync(this.options.logFile, 'a', 0o600);
    this.logStart = fstatSync(logFd).size;
    try {
      // An own process group, so that Ctrl-C in the terminal reaches the supervisor alone and parts end in order.
      this.child = spawn(command!, [...entry, ...this.options.args(this.info)], {
        stdio: ['ignore', logFd, logFd, 'ipc'],
        // The file of options is the supervisor's: parts would refuse keys that they do not have.
        env: { ...process.env, CTASK_OPTIONS: undefined },
        detached: process.platform !== 'win32',
      });
      return this.child;
    } finally {
      closeSync(logFd);
    }
  }

  private awaitReady(child: ChildProcess): Promise<Record<string, string | number>> {
    return new Promise((resolve, reject) => {
      const fail = (detail: string) =>
        reject(
          new CloudTaskError('CT_UNAVAILABLE', {
            detail: `${this.options.name} ${detail}`,
            hint: this.lastWord('hint: ') ?? `see ${this.options.logFile}`,
          }),
        );
      const timer = systemClock.timerAfter(READY_DEADLINE_MS, () => {
        child.kill('SIGKILL');
        fail('did not become ready');
      });
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => {
        timer.cancel();
        const said = this.lastWord('error: ');
        if (code === WRONG_OPTIONS && said !== undefined) {
          const hint = this.lastWord('hint: ');
          reject(new CloudTaskError('CT_CONFIG_INVALID', { detail: said, ...(hint === undefined ? {} : { hint }) }));
          return;
        }
        fail(`ended with ${signal ?? `exit code ${code}`} before it was ready${said === undefined ? '' : `: ${said}`}`);
      });
      child.on('message', (message: ReadyMessage) => {
        if (message.type !== 'ready') return;
        timer.cancel();
        resolve(message.info);
      });
    });
  }

  /** What the part said last after `word`: what was wrong, and what to do. */
  private lastWord(word: 'error: ' | 'hint: '): string | undefined {
    const lines = readFileSync(this.options.logFile).subarray(this.logStart).toString().split('\n');
    return lines.findLast((line) => line.startsWith(word))?.slice(word.length);
  }

  private onDeath(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.stopping) return;
    this.events.emit('died', { name: this.options.name, code, signal });
    this.log.warn({ part: this.options.name, code, signal }, 'part died and is started again');
    systemClock.timerAfter(this.backoff.next(), () => void this.restart());
  }

  private async restart(): Promise<void> {
    if (this.stopping) return;
    try {
      await this.start();
      this.backoff.reset();
    } catch (error) {
      this.log.error({ part: this.options.name, err: error }, 'part could not be started again');
      systemClock.timerAfter(this.backoff.next(), () => void this.restart());
    }
  }
}
