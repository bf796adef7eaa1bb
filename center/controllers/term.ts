// One term of leadership: everything that only the leader does, from its election to its deposition.
//
// Order of the start: the store's epoch is raised (from then on no older leader can write), a restored backup is dealt with
// (rule R13), tasks and registrations are read, then the loops begin; the first reconcile of the allocation scans the records. Order of the end: the signal is
// aborted first, synchronously, so that no loop begins another write; then the loops are awaited.
import { type Clock, type Logger, messageOf } from '../../base/index.js';
import { type CoordinationSession, type Elected, type Layout, MembersInformer } from '../../coordination/index.js';
import { Alarms, Notifications, type NotificationsOptions, Overdue } from '../notifications/index.js';
import type { Store } from '../store/store.js';
import { AllocationController, type AllocationCounters } from './allocation/allocation-controller.js';
import { Bookkeeping, type BookkeepingCounters, type RoundPeriods } from './bookkeeping/bookkeeping.js';
import { Dependencies } from './dependencies/dependencies.js';
import { type Leadership, refusedAsStale } from './leadership.js';
import { RestoreGuard } from './restore/restore-guard.js';
import { RestoreWatch } from './restore/restore-watch.js';
import { StoreView } from './store-view.js';
import type { ReconcileLoop } from './workqueue/reconcile-loop.js';

export interface TermOptions {
  readonly elected: Elected;
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tzdata: string | undefined;
  readonly sweepMs?: number;
  readonly counters: { readonly allocation: AllocationCounters; readonly bookkeeping: BookkeepingCounters };
  readonly periods: RoundPeriods | undefined;
  readonly auditRetentionMs: number | undefined;
  readonly notifications: NotificationsOptions;
  /** A newer leader refused a write of this term. */
  refused(): void;
  /** A restored backup shows; the next term deals with it. */
  restored(reason: string): void;
}

export class Term {
  readonly allocation: AllocationController;
  private readonly view: StoreView;
  private readonly members: MembersInformer;
  readonly bookkeeping: Bookkeeping;
  private readonly dependencies: Dependencies;
  private readonly notifications: Notifications;
  private readonly overdue: Overdue;
  private readonly alarms: Alarms;
  private readonly leadership: Leadership;
  private readonly guard: RestoreGuard;
  private readonly watch: RestoreWatch;
  private readonly over = new AbortController();
  private starting: Promise<void> | undefined;

  constructor(options: TermOptions) {
    const { elected, session, layout, store, clock, counters, tzdata, sweepMs } = options;
    const log = options.log.child({ epoch: elected.epoch });
    this.leadership = {
      ...{ session, coordinator: elected.coordinator, layout, store, clock, log },
      epoch: elected.epoch,
      fence: { epoch: elected.epoch },
      signal: this.over.signal,
      failed: (error) => {
        if (refusedAsStale(error)) options.refused();
      },
    };
    this.view = new StoreView(store);
    this.members = new MembersInformer({ session, layout, clock, log });
    this.guard = new RestoreGuard(this.leadership, this.members);
    this.watch = new RestoreWatch(this.leadership, this.guard, this.members, options.restored);
    this.allocation = new AllocationController({
      leadership: this.leadership,
      view: this.view,
      members: this.members,
      counters: counters.allocation,
      ...(tzdata === undefined ? {} : { tzdata }),
      ...(sweepMs === undefined ? {} : { sweepMs }),
    });
    this.dependencies = new Dependencies(this.leadership, this.view, this.allocation.cache);
    this.notifications = new Notifications(this.leadership, options.notifications);
    const seen = [this.view, this.allocation.cache, this.members] as const;
    this.overdue = new Overdue(this.leadership, ...seen);
    this.alarms = new Alarms(this.leadership, ...seen, options.notifications.alarms);
    this.bookkeeping = new Bookkeeping({
      leadership: this.leadership,
      view: this.view,
      members: this.members,
      allocation: this.allocation,
      counters: counters.bookkeeping,
      periods: options.periods,
      auditRetentionMs: options.auditRetentionMs,
    });
  }

  get loops(): readonly ReconcileLoop[] {
    return [this.allocation.loop, ...this.bookkeeping.loops, this.dependencies.loop, this.notifications.loop];
  }

  /** Rejects when the term could not begin; `end` must be called all the same. */
  async begin(): Promise<void> {
    this.starting = this.start();
    await this.starting;
  }

  private async start(): Promise<void> {
    const { signal } = this.leadership;
    await this.guard.raiseEpoch();
    signal.throwIfAborted();
    await this.members.start(signal);
    await this.guard.pass();
    signal.throwIfAborted();
    await this.view.start();
    signal.throwIfAborted();
    this.watch.start();
    this.allocation.start();
    this.bookkeeping.start();
    this.dependencies.start();
    this.notifications.start();
    this.overdue.start();
    this.alarms.start();
  }

  /** The first thing that happens is that nothing more is begun. */
  async end(): Promise<void> {
    this.over.abort(new Error('the term of this leader is over'));
    await Promise.all([
      ...[this.dependencies.stop(), this.bookkeeping.stop(), this.allocation.stop(), this.watch.stop()],
      ...[this.notifications.stop(), this.overdue.stop(), this.alarms.stop()],
    ]);
    try {
      await this.starting;
    } catch (error) {
      this.leadership.log.debug({ err: messageOf(error) }, 'term had not begun');
    }
    await this.members.stop();
    this.view.stop();
  }
}
