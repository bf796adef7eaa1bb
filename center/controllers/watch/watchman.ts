// What every center looks after, whether it leads or not: that time points fire, that the other centers are there, that it reaches
// ZooKeeper and the store itself. It writes what it finds to the outbox; the leader sends it, and when there may be none that does, so
// does this center: leases of the outbox keep two of them from sending the same.
import { type Clock, formatDuration, type Logger, messageOf } from '../../../base/index.js';
import type { CoordinationSession, Layout } from '../../../coordination/index.js';
import {
  CONFIRMATIONS,
  keepLooking,
  Notifications,
  type NotificationsOptions,
  Steady,
} from '../../notifications/index.js';
import type { Alarm, AlarmEvent } from '../../store/notifications/notification-book.js';
import type { Store } from '../../store/store.js';
import { refusedAsStale } from '../leadership.js';
import { SelfWatch, type Silent } from './self-watch.js';

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
  /** What no center finds for so long is forgotten, and so is the name of a center that is gone, ms. */
  readonly forgottenMs: number;
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
  /** Those that were there once: found when they are gone. What it says of a name is not confirmed: the store forgets it, too. */
  private readonly centers: Steady;
  /** Whether this center cannot reach ZooKeeper. */
  private readonly coordination: Steady;
  private readonly silence: Steady;
  /** Since when this center cannot reach the store; monotonic ms. */
  private storeLost: number | undefined;
  private substitute: { readonly notifications: Notifications; readonly end: AbortController } | undefined;
  private unsubscribe: (() => void) | undefined;
  private end: (() => Promise<void>) | undefined;

  constructor(options: WatchmanOptions) {
    const { afterMs, forgottenMs } = options;
    this.options = options;
    this.selfWatch = new SelfWatch(options);
    this.centers = new Steady(afterMs);
    this.coordination = new Steady(afterMs, forgottenMs / CONFIRMATIONS);
    this.silence = new Steady(0, forgottenMs / CONFIRMATIONS); // that it lasts is found already
  }

  start(): void {
    const { clock, log, afterMs, counters } = this.options;
    this.unsubscribe = this.options.store.onChange((changes) => this.selfWatch.note(changes));
    const againInMs = Math.min(LOOK_MS, afterMs);
    const look = async () => {
      try {
        await this.look();
      } finally {
        counters.looks += 1;
      }
      return againInMs;
    };
    const complaint = 'the installation could not be looked after';
    this.end = keepLooking(look, { clock, log, signal: this.over.signal, complaint, retryMs: againInMs });
  }

  async stop(): Promise<void> {
    this.over.abort();
    this.unsubscribe?.();
    await this.end?.();
    await this.endSubstitute();
  }

  private async look(): Promise<void> {
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
    const lostForMs = clock.monotonic() - (this.storeLost ?? clock.monotonic());
    if (lostForMs >= afterMs) {
      // It could not be told while it lasted: told now, with its end.
      const message = `it could not reach the store for ${formatDuration(Math.round(lostForMs))}`;
      const alarm = alarmOf('StoreUnreachable', centerId, { message });
      await store.notifications.noteAlarms({ raised: [alarm], over: [alarm.key] });
    }
    this.storeLost = undefined;
    return true;
  }

  private async reachesCoordination(): Promise<boolean> {
    const { session, clock, centerId, stands } = this.options;
    const connected = session.current.state === 'connected';
    if (!connected) this.coordination.saw(centerId, true, clock.monotonic());
    else if (stands()) this.coordination.saw(centerId, false, clock.monotonic());
    else this.coordination.lostSight(centerId, clock.monotonic());
    await this.tell('CoordinationUnreachable', this.coordination, { message: 'it cannot reach ZooKeeper' });
    return connected;
  }

  private async lookForCenters(): Promise<void> {
    const { clock, forgottenMs } = this.options;
    const { centers } = this;
    const there = new Set(await this.options.candidates());
    const now = clock.monotonic();
    for (const name of there) centers.saw(name, false, now);
    for (const name of centers.keys) if (!there.has(name)) centers.saw(name, true, now);
    await this.compareWithStore();
    await this.tell('CenterLost', centers, { message: 'it does not stand for election any more' });
    for (const name of centers.keys) if (centers.foundFor(name, now) >= forgottenMs) centers.forget(name);
  }

  /** Another center may have seen one come back that is gone again by now. */
  private async compareWithStore(): Promise<void> {
    const { store, clock, forgottenMs } = this.options;
    const { centers } = this;
    const now = clock.monotonic();
    const told = centers.keys.filter((name) => centers.isTold(name) && centers.foundFor(name, now) < forgottenMs);
    if (told.length === 0) return;
    const stand = new Set(await store.notifications.alarms());
    for (const name of told) if (!stand.has(`CenterLost/${name}`)) centers.endedElsewhere(name);
  }

  private async lookForSilence(): Promise<void> {
    const { counters, clock, log } = this.options;
    const found = await this.selfWatch.look();
    if (found.state === 'unknown') {
      // What has been told stands, whoever told it. Should it be over, that is said once more: meanwhile another center may have told it.
      this.silence.lostSight('installation', clock.monotonic());
      return;
    }
    if (found.state === 'silent' && counters.alarm === 0) log.warn({ tasks: found.tasks }, 'nothing fires');
    counters.alarm = found.state === 'silent' ? 1 : 0;
    this.silence.saw('installation', found.state === 'silent', clock.monotonic());
    await this.tell('NothingFires', this.silence, {
      ...{ message: found.state === 'silent' ? silenceOf(found) : '', subject: 'installation' },
      commands: ['ctask get agents', 'ctask get tasks -A', 'ctask doctor'],
    });
  }

  private async tell(event: AlarmEvent, steady: Steady, words: AlarmWords): Promise<void> {
    const { store, clock } = this.options;
    const now = clock.monotonic();
    const due = steady.due(now);
    if (due.raised.length + due.over.length === 0) return;
    const raised = due.raised.map((name) => alarmOf(event, name, words));
    await store.notifications.noteAlarms({ raised, over: due.over.map((name) => `${event}/${name}`) });
    steady.wasTold(due, now);
  }

  /** The leader cannot be reached by ZooKeeper, or does not do its work: what is to be told is sent from here. */
  private async sendForOthers(): Promise<void> {
    const { store, session, clock, log, notifications, counters, centerId, afterMs, leads } = this.options;
    const connected = session.current.state === 'connected';
    const lost = !connected && this.coordination.foundFor(centerId, clock.monotonic()) >= afterMs;
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

type AlarmWords = Pick<Alarm, 'message'> & Partial<Pick<Alarm, 'subject' | 'commands'>>;

function alarmOf(event: AlarmEvent, name: string, words: AlarmWords): Alarm {
  return {
    ...{
      key: `${event}/${name}`,
      event,
      to: { all: true },
      subject: `center ${name}`,
      commands: ['ctask cluster-info'],
    },
    regarding: { kind: 'Cluster', name: 'default' },
    ...words,
  };
}

/** Without names: who may read clusters may read it, and need not know of any task. */
const silenceOf = ({ since }: Silent): string =>
  `nothing fires, and since ${new Date(since).toISOString()} time points are due`;
