// What a case of the conformance suite is given, and what it is.
import type { Test } from 'tap';
import type { ConnectOptions, RawClient } from './raw-client.js';

export interface Server {
  readonly port: number;
  stop(): Promise<unknown>;
}

export interface Subject {
  /** Part of the test's name. */
  readonly name: string;
  /** Starts a server without data, with the given tick. */
  readonly start: (options: { tickMs: number }) => Promise<Server>;
}

export interface Context {
  readonly t: Test;
  readonly port: number;
  readonly tickMs: number;
  /** An existing node that only this case uses. */
  readonly root: string;
  /** Connected and closed by the suite. Fails when the server refuses. */
  connect(options?: ConnectOptions): Promise<RawClient>;
}

export interface Case {
  readonly name: string;
  readonly run: (context: Context) => Promise<void>;
}
