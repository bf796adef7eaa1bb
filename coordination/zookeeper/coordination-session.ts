// Keeps one coordinator alive for a process. A lost connection is the coordinator's own business; only an expired session
// is replaced by a new one, with the same credentials. Each follower hears of a coordinator once (`established`), and of
// its end only if it had heard of it (`lost`).
import { type Clock, CloudTaskError, invariant, type Logger } from '../../base/index.js';
import { type Coordinator, isCoordinationError, type SessionState } from '../coordinator.js';
import type { CoordinationSession, CoordinationSessionOptions } from '../session.js';
import { callOut } from './call-out.js';
import { openCoordinator } from './zookeeper-coordinator.js';

interface Listener {
  established(coordinator: Coordinator, resumed: boolean): void;
  lost(): void;
}

interface Follower {
  readonly listener: Listener;
  told: Coordinator | undefined;
}

export function createCoordinationSession(
  options: CoordinationSessionOptions & { readonly clock: Clock; readonly log: Logger },
): CoordinationSession {
  return new ZooKeeperCoordinationSession(options);
}

class ZooKeeperCoordinationSession implements CoordinationSession {
  readonly name = 'coordination';
  private readonly options: CoordinationSessionOptions & { readonly clock: Clock; readonly log: Logger };
  private readonly followers = new Set<Follower>();
  private coordinator: Coordinator | undefined;
  /** Still the session that was handed in by an earlier process. */
  private resumed: boolean;
  private ended = false;

  constructor(options: CoordinationSessionOptions & { readonly clock: Clock; readonly log: Logger }) {
    this.options = options;
    this.resumed = options.resume !== undefined;
  }

  get current(): Coordinator {
    invariant(this.coordinator !== undefined, 'coordination-session-started', 'start() comes before current');
    return this.coordinator;
  }

  /** Resolves once connected, however long that takes; rejects with CT_COORDINATION when stopped before, or with the
   * signal's reason. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.open();
    while (!this.ended) {
      try {
        return await this.current.connected(signal);
      } catch (error) {
        if (!isCoordinationError(error, 'expired', 'closed')) throw error;
        // Expired: the next coordinator is being connected already.
      }
    }
    throw new CloudTaskError('CT_COORDINATION', 'coordination was stopped before it was connected');
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.coordinator?.close();
  }

  async detach(): Promise<void> {
    this.ended = true;
    await this.coordinator?.detach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  follow(listener: Listener): () => void {
    const follower: Follower = { listener, told: undefined };
    this.followers.add(follower);
    this.tellEstablished(follower);
    return () => void this.followers.delete(follower);
  }

  private open(): void {
    const { resume, ...rest } = this.options;
    const coordinator = openCoordinator({ ...rest, ...(this.resumed && resume !== undefined ? { resume } : {}) });
    this.coordinator = coordinator;
    coordinator.onState((state) => this.onState(coordinator, state));
  }

  private onState(coordinator: Coordinator, state: SessionState): void {
    if (coordinator !== this.coordinator) return;
    const { log, observer } = this.options;
    observer?.state(state);
    if (state === 'connected') {
      log.info({ session: sessionText(coordinator), resumed: this.resumed }, 'connected to ZooKeeper');
      for (const follower of [...this.followers]) this.tellEstablished(follower);
    }
    if (state === 'expired' && !this.ended) {
      log.warn({ session: sessionText(coordinator) }, 'ZooKeeper session expired');
      this.resumed = false;
      this.open();
      for (const follower of [...this.followers]) this.tellLost(follower, coordinator);
    }
  }

  private tellEstablished(follower: Follower): void {
    const coordinator = this.coordinator;
    if (coordinator?.state !== 'connected' || follower.told === coordinator || !this.followers.has(follower)) return;
    follower.told = coordinator;
    const { resumed } = this;
    callOut(() => follower.listener.established(coordinator, resumed));
  }

  private tellLost(follower: Follower, coordinator: Coordinator): void {
    if (follower.told !== coordinator || !this.followers.has(follower)) return;
    follower.told = undefined;
    callOut(() => follower.listener.lost());
  }
}

function sessionText(coordinator: Coordinator): string {
  return coordinator.session === undefined ? 'none' : `0x${BigInt.asUintN(64, coordinator.session.id).toString(16)}`;
}
