// One process of the fleet: started, killed, paused and started again, with its output kept as evidence.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { program, Running } from '../support/ctask.js';

const RESTART_MS = 1_000;

export class Member {
  readonly name: string;
  /** Exits that nobody asked for. */
  readonly unexpected: string[] = [];
  private readonly args: readonly string[];
  private readonly env: NodeJS.ProcessEnv;
  private readonly logFile: string;
  private readonly readyText: string;
  private running: Running | undefined;
  private wanted = false;

  constructor(options: {
    name: string;
    args: readonly string[];
    env: NodeJS.ProcessEnv;
    logFile: string;
    /** What it prints when it is ready. */
    readyText: string;
  }) {
    this.name = options.name;
    this.args = options.args;
    this.env = options.env;
    this.logFile = options.logFile;
    this.readyText = options.readyText;
  }

  get pid(): number | undefined {
    return this.running?.ended === false ? this.running.child.pid : undefined;
  }

  /** Nothing when it runs: of two faults that end late, both bring it back. */
  start(): void {
    if (this.pid !== undefined) return;
    const child = spawn(process.execPath, [program, ...this.args], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const running = new Running(child);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => appendFileSync(this.logFile, text));
    this.running = running;
    this.wanted = true;
    void running.done.then(({ code, signal }) => {
      if (!this.wanted || this.running !== running) return;
      this.unexpected.push(`${this.name} ended with ${code ?? signal}: ${running.stderr.trim().split('\n').at(-1)}`);
      this.running = undefined;
      // As a service manager does.
      setTimeout(() => {
        if (this.wanted && this.running === undefined) this.start();
      }, RESTART_MS).unref();
    });
  }

  ready(timeoutMs?: number): Promise<void> {
    const accept = ({ stderr }: Running) => stderr.includes(this.readyText);
    return this.running!.until(accept, `${this.name} becomes ready`, timeoutMs);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.pid !== undefined) this.running?.child.kill(signal);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<void> {
    this.wanted = false;
    await this.running?.end(signal);
  }
}
