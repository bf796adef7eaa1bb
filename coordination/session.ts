// One process has one CoordinationSession: it keeps a Coordinator alive, and makes a new one when the old session expired.
// Nothing else in the product creates coordinators.
import type { Service } from '../base/index.js';
import type { Coordinator, SessionIdentity } from './coordinator.js';
import type { CoordinationObserver } from './observer.js';

export interface CoordinationSessionOptions {
  /** `host:port,host:port[/chroot]`. */
  readonly connectString: string;
  /** Time-out asked for, ms; the server clamps it to 2..20 ticks. */
  readonly sessionTimeoutMs: number;
  /** Session of an earlier process to go on with (rule R6). */
  readonly resume?: SessionIdentity;
  /** Credentials added to every session, e.g. digest. */
  readonly auth?: readonly { readonly scheme: string; readonly credential: Uint8Array }[];
  /** For metrics. */
  readonly observer?: CoordinationObserver;
}

export interface CoordinationSession extends Service {
  /** The coordinator of the present session. Its state says whether it is connected. */
  readonly current: Coordinator;
  /**
   * `established` is called with each new session's coordinator once it is connected (and at once when one is connected
   * already); `resumed` tells that the session of an earlier process was taken up. `lost` is called when a session
   * expired: whatever was held by it is gone. Returns the function that unsubscribes.
   */
  follow(listener: { established(coordinator: Coordinator, resumed: boolean): void; lost(): void }): () => void;
  /** Ends without closing the session (rule R6): ephemeral nodes stay until the time-out. */
  detach(): Promise<void>;
}
