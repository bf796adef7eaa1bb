// What every center looks after, whether it leads or not: that time points fire, that the other centers are there, that it reaches
// ZooKeeper and the store itself. It writes what it finds to the outbox; the leader sends it, and when there may be none that does, so
// does this center: leases of the outbox keep two of them from sending the same.
import { type Clock, formatDuration, type Logger, messageOf, type Timer } from '../../../base/index.js';
import type { CoordinationSession, Layout } from '../../../coordination/index.js';
import { Notifications, type NotificationsOptions } from '../../notifications/index.js';
import type { Alarm, AlarmEvent } from '../../store/notifications/notification-book.js';
import type { Store } from '../../store/store.js';
import { refusedAsStale } from '../leadership.js';
import { SelfWatch } from './self-watch.js';

const LOOK_MS = 5_000;

export interface WatchCounters {
  /** 1 while time points are due and nothing fires. */
  alarm: number;
  looks: number;
}

export interface WatchmanOptions {
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly centerId: string;
  readonly notifications: NotificationsOptions;
  readonly afterMs: number;
  readonly silenceMs: number;
  readonly counters: WatchCounters;
  /** Names of the centers that stand for election. */
  candidates(): Promise<string[]>;
  leads(): boolean;
  /** It has come so far that it stands for election. Before, it says only what it cannot reach. */
  stands(): boolean;
}

export class Watchman {
  private readonly options: WatchmanOptions;
  private readonly selfWatch: SelfWatch;
  private readonly over = new AbortController();
  /** Since when each is gone, by center; monotonic ms. undefined: it is there. */
  private readonly centers = new Map<string, number | undefined>();
  /** Since when this center cannot reach them; monotonic ms. */
  private coordinationLost: number | undefined;
  private storeLost: number | undefined;
  /** What the store was told last, by prefix. */
  private readonly told = new Map<string, string>();
  private substitute: { readonly notifications: Notifications; readonly end: AbortController } | undefined;
  private unsubscribe: (() => void) | undefined;
  private timer: Timer | undefined;
  private looking: Promise<void> | undefined;

  constructor(options: WatchmanOptions) {
    this.options = options;
    this.selfWatch = new SelfWatch(options);
  }

  start(): void {
    this.unsubscribe = this.options.store.onChange((changes) => this.selfWatch.note(changes));
    this.look();
  }

  async stop(): Promise<void> {
    this.over.abort();
    this.unsubscribe?.();
    this.timer?.cancel();
    await this.looking;
    await this.endSubstitute();
  }

  private look(): void {
    const { clock, log, afterMs, counters } = this.options;
    this.looking = this.lookOnce()
      .catch((error: unknown) => {
        if (!this.over.signal.aborted)
          log.warn({ err: messageOf(error) }, 'the installation could not be looked after');
      })
      .finally(() => {
        counters.looks += 1;
        if (!this.over.signal.aborted) this.timer = clock.timerAfter(Math.min(LOOK_MS, afterMs), () => this.look());
      });
  }

  private async lookOnce(): Promise<void> {
    if (!(await this.reachesStore())) return;
    const connected = await this.reachesCoordination();
    if (connected && this.options.stands()) {
      await this.lookForCenters();
      await this.lookForSilence();
    }
    await this.sendForOthers();
  }

  private async reachesStore(): Promise<boolean> {
    const { store, clock, centerId, afterMs } = this.options;
    try {
      await store.notifications.epoch();
    } catch (error) {
      this.storeLost ??= clock.monotonic();
      this.options.log.debug({ err: messageOf(error) }, 'the store does not answer');
      return false;
    }
    const lost = this.storeLost;
    this.storeLost = undefined;
    if (lost === undefined || clock.monotonic() - lost < afterMs) return true;
    // It could not be told while it lasted: told now, with its end.
    const message = `it could not reach the store for ${formatDuration(Math.round(clock.monotonic() - lost))}`;
    await this.note('StoreUnreachable', centerId, [this.alarm('StoreUnreachable', centerId, message)], []);
    await this.note('StoreUnreachable', centerId, [], [`StoreUnreachable/${centerId}`]);
    return true;
  }

  private async reachesCoordination(): Promise<boolean> {
    const { session, clock, centerId, afterMs } = this.options;
    const connected = session.current.state === 'connected';
    const now = clock.monotonic();
    if (connected) this.coordinationLost = undefined;
    else this.coordinationLost ??= now;
    const lost = this.coordinationLost !== undefined && now - this.coordinationLost >= afterMs;
    const alarm = this.alarm('CoordinationUnreachable', centerId, 'it cannot reach ZooKeeper');
    if (lost) await this.note('CoordinationUnreachable', centerId, [alarm], []);
    else if (connected && this.options.stands()) await this.note('CoordinationUnreachable', centerId, [], [alarm.key]);
    return connected;
  }

  private async lookForCenters(): Promise<void> {
    const { clock, afterMs } = this.options;
    const there = new Set(await this.options.candidates());
    const now = clock.monotonic();
    for (const name of there) this.centers.set(name, undefined);
    for (const [name, gone] of this.centers) if (!there.has(name)) this.centers.set(name, gone ?? now);
    const lost = [...this.centers].filter(([, gone]) => gone !== undefined && now - gone >= afterMs);
    const raised = lost.map(([name]) => this.alarm('CenterLost', name, 'it does not stand for election any more'));
    const over = [...there].map((name) => `CenterLost/${name}`);
    await this.note('CenterLost', '', raised, over);
  }

  private async lookForSilence(): Promise<void> {
    const { counters } = this.options;
    const found = await this.selfWatch.look();
    if (found.state === 'unknown') return; // what an earlier process has told stands
    counters.alarm = found.state === 'silent' ? 1 : 0;
    if (found.state === 'fires') return this.note('NothingFires', '', [], ['NothingFires/installation']);
    const { tasks, since } = found;
    const message = `nothing fires, and since ${new Date(since).toISOString()} time points are due, of ${tasks.join(', ')}`;
    const alarm = this.alarm('NothingFires', 'installation', message, 'installation');
    await this.note('NothingFires', '', [{ ...alarm, commands: ['ctask get agents', 'ctask get clusters'] }], []);
  }

  private alarm(event: AlarmEvent, name: string, message: string, subject = `center ${name}`): Alarm {
    return {
      ...{ key: `${event}/${name}`, event, to: { all: true }, subject, message, commands: ['ctask cluster-info'] },
      regarding: { kind: 'Cluster', name: 'default' },
    };
  }

  private async note(
    event: AlarmEvent,
    name: string,
    raised: readonly Alarm[],
    over: readonly string[],
  ): Promise<void> {
    const words = JSON.stringify([raised.map(({ key }) => key), over]);
    const prefix = `${event}/${name}`;
    if (this.told.get(prefix) === words) return;
    await this.options.store.notifications.noteAlarms({ prefix, raised, over });
    this.told.set(prefix, words);
  }

  /** The leader cannot be reached by ZooKeeper, or does not do its work: what is to be told is sent from here. */
  private async sendForOthers(): Promise<void> {
    const { store, clock, log, notifications, counters, afterMs, leads } = this.options;
    const lost = this.coordinationLost !== undefined && clock.monotonic() - this.coordinationLost >= afterMs;
    if (leads() || !(lost || counters.alarm === 1)) return this.endSubstitute();
    if (this.substitute?.end.signal.aborted) await this.endSubstitute(); // somebody led, and does not any more
    if (this.substitute !== undefined) return;
    const end = new AbortController();
    const fence = { epoch: await store.notifications.epoch() };
    const failed = (error: unknown) => {
      if (refusedAsStale(error)) end.abort(); // somebody leads
    };
    const substitute = new Notifications({ store, clock, log, fence, signal: end.signal, failed }, notifications);
    this.substitute = { notifications: substitute, end };
    log.warn({ epoch: fence.epoch }, 'notifications are sent by a center that does not lead');
    substitute.start();
  }

  private async endSubstitute(): Promise<void> {
    const { substitute } = this;
    this.substitute = undefined;
    substitute?.end.abort();
    await substitute?.notifications.stop();
  }
}
