// Times derived from the session time-out T, after the Java client (ClientCnxn): a ping when nothing was sent for T/3,
// and a server that answers nothing for 2T/3 is given up, which leaves T/3 to find another one.

export interface Timings {
  /** From dialling to the server's answer to the first packet, so that every server can be tried within T. */
  readonly connectMs: number;
  readonly pingMs: number;
  readonly readMs: number;
  /** A request is given up after this time, sent or not. */
  readonly requestMs: number;
  /** How long close() waits for the server's word. */
  readonly closeMs: number;
  /** Longest wait between two dials. A server that comes back gives every session its full T: a client that waits
   * longer than a part of it would lose its session by waiting. */
  readonly redialMaxMs: number;
}

const SHORTEST_CONNECT_MS = 200;
const LONGEST_REDIAL_MS = 5000;

export function timingsOf(sessionTimeoutMs: number, servers: number): Timings {
  return {
    connectMs: Math.max(SHORTEST_CONNECT_MS, Math.floor(sessionTimeoutMs / servers)),
    pingMs: Math.floor(sessionTimeoutMs / 3),
    readMs: Math.floor((sessionTimeoutMs * 2) / 3),
    requestMs: sessionTimeoutMs,
    closeMs: Math.floor(sessionTimeoutMs / 2),
    redialMaxMs: Math.min(LONGEST_REDIAL_MS, Math.max(250, Math.floor(sessionTimeoutMs / 4))),
  };
}
