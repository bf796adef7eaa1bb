// What a command may know of the process it runs in. Tests hand in another host; commands never touch `process`.
import type { Clock } from '../base/index.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a command writes. Data goes to stdout, talk to stderr. */
export interface Output {
  readonly isTTY: boolean;
  /** Width of the terminal; undefined when piped. */
  readonly columns: number | undefined;
  /** Resolves when the consumer takes more, so that a slow pipe slows the command and fills no memory. */
  write(data: string | Uint8Array): Promise<void>;
}

export interface Input {
  readonly isTTY: boolean;
  /** One line, for a question; undefined at the end of input. */
  line(): Promise<string | undefined>;
  /** Everything up to the end of input. */
  text(): Promise<string>;
}

export type InterruptSignal = 'SIGINT' | 'SIGTERM';

export interface Host {
  readonly env: Environment;
  readonly clock: Clock;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly homeDir: string;
  readonly platform: NodeJS.Platform;
  /** Version of this program. */
  readonly version: string;
  /** Calls `listener` on SIGINT and SIGTERM instead of ending the process. Returns the function that gives the signals
   * back. */
  onInterrupt(listener: (signal: InterruptSignal) => void): () => void;
}
