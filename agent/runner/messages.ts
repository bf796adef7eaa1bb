// What agent and runner say to one another: one JSON document per line, both ways, over the local socket.
import type { ExitRecord, LaunchOutcome, LaunchRequest } from './runner.js';

/** Part of the socket's name. An agent of another version starts its own runner beside the old one, which serves the
 * processes it started and then leaves. */
export const PROTOCOL_VERSION = 1;

export type ToRunner =
  | { readonly type: 'launch'; readonly id: number; readonly request: LaunchRequest }
  | { readonly type: 'cancel'; readonly directory: string; readonly gracePeriodMs: number }
  | { readonly type: 'watch'; readonly directory: string }
  | { readonly type: 'shutdown'; readonly force: boolean };

export type FromRunner =
  /** First message of every connection. */
  | { readonly type: 'hello'; readonly pid: number }
  | { readonly type: 'launched'; readonly id: number; readonly outcome: LaunchOutcome }
  /** The marker was taken by another launch of the same directory: look there. */
  | { readonly type: 'refused'; readonly id: number; readonly message: string }
  | { readonly type: 'exit'; readonly directory: string; readonly exit: ExitRecord }
  /** Answer to shutdown; the runner ends when `running` is 0. */
  | { readonly type: 'leaving'; readonly running: number };
