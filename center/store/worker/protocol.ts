// What the main thread and a database's thread say to one another: calls of a repository's methods, answered in any order
// by their ids, and news of commits. All calls of one turn of the event loop travel in one message, and so do all answers.
import type { ErrorCodeName, ErrorDetails } from '../../../base/index.js';
import type { Appended } from '../log-chunks.js';
import type { PostgresAddress } from '../postgres/connection-url.js';
import type { ChangeText } from '../repository-types.js';

export type EngineOptions =
  | { readonly kind: 'postgres'; readonly address: PostgresAddress }
  | {
      readonly kind: 'sqlite';
      readonly path: string;
      readonly synchronous: 'FULL' | 'NORMAL';
      /** A file whose lock says that this process owns the database; none for a database that its owner guards already. */
      readonly lockPath?: string;
    };

export interface WorkerOptions {
  /** state: definitions and runs. logs: output of attempts. packages: their bytes. */
  readonly part: 'state' | 'logs' | 'packages';
  readonly engine: EngineOptions;
  /** Wall time of the start, ms. */
  readonly now: number;
}

export interface WorkerCall {
  readonly id: number;
  readonly method: string;
  /** A list as JSON, which is the cheapest way for many small objects; a list as it is when there are bytes in it. */
  readonly args: string | readonly unknown[];
}

export type WorkerRequest =
  | {
      /** Wall time by the clock of the store, ms: it is handed in here as everywhere. */
      readonly now: number;
      readonly calls: readonly WorkerCall[];
    }
  | 'close';

export type WorkerItem =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: WorkerFailure }
  | { readonly changes: readonly ChangeText[]; readonly version: number }
  | { readonly appended: Appended['appended'] };

export interface WorkerFailure {
  readonly message: string;
  /** Of a CloudTaskError; absent for a defect. */
  readonly code?: ErrorCodeName;
  readonly details?: Omit<ErrorDetails, 'cause'>;
  readonly stack?: string;
}

/** First message of the worker. */
export type WorkerReady = { readonly ready: true; readonly version: number } | { readonly failure: WorkerFailure };
