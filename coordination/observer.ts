import type { SessionState } from './coordinator.js';

/** Is told what passes between this process and ZooKeeper. It stands in the way of every reply: it must be quick, and throw nothing. */
export interface CoordinationObserver {
  /** A reply came, be it an error, so many ms after its request was sent. */
  answered(write: boolean, ms: number): void;
  /** `connected` after each loss of a connection, too. */
  state(state: SessionState): void;
}

/** Counts since the process began. */
export class CoordinationTally implements CoordinationObserver {
  requests = 0;
  /** Time that all replies together took. */
  requestMs = 0;
  connectionsLost = 0;
  sessionsLost = 0;

  answered(_write: boolean, ms: number): void {
    this.requests += 1;
    this.requestMs += ms;
  }

  state(state: SessionState): void {
    if (state === 'disconnected') this.connectionsLost += 1;
    if (state === 'expired') this.sessionsLost += 1;
  }
}
