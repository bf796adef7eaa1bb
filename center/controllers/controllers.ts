// The controllers of one center: it stands for election, and while it leads, a Term runs.
import { Backoff, type Clock, Emitter, type Logger, messageOf, type Service, type Timer } from '../../base/index.js';
import { type CoordinationSession, type Elected, Election, type Layout } from '../../coordination/index.js';
import { ALARM_TIMES, type NotificationsOptions } from '../notifications/index.js';
import type { Store } from '../store/store.js';
import type { AllocationCounters, PlanApplied } from './allocation/allocation-controller.js';
import { noMoves } from './allocation/move-reasons.js';
import type { BookkeepingCounters, RoundPeriods } from './bookkeeping/bookkeeping.js';
import { Term } from './term.js';
import { type WatchCounters, Watchman } from './watch/watchman.js';
import type { ReconcileLoop } from './workqueue/reconcile-loop.js';

/** A term that cannot begin (store down, epoch behind) is tried again by a new election; others get their chance too. */
const RESIGN_INITIAL_MS = 100;
const RESIGN_MAX_MS = 5_000;

export interface ControllersOptions {
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly centerId: string;
  /** Version of the center's time-zone data: agents with another are not given tasks (rule R2). */
  readonly tzdata?: string;
  /** How often records and lists are compared with one another from scratch, ms. */
  readonly sweepMs?: number;
  /** How long entries of the audit are kept, ms. */
  readonly auditRetentionMs?: number;
  /** How notifications are sent; none that needs a secret, and to the internet only, unless given. */
  readonly notifications?: NotificationsOptions;
  /** Other than the usual ones, for tests. */
  readonly periods?: RoundPeriods;
}

export class Controllers implements Service {
  readonly name = 'controllers';
  readonly events = new Emitter<{
    elected: { epoch: number };
    deposed: { epoch: number };
    /** The term has begun: tasks and registrations are read, loops run. */
    synced: { epoch: number };
    planApplied: PlanApplied;
    /** A repeating round of the bookkeeping ended: clusters, lost, audit, prune. */
    round: { name: string };
  }>();
  /** For metrics; over all terms of this process. */
  readonly counters = {
    leader: 0,
    epoch: 0,
    elections: 0,
    watch: { alarm: 0, looks: 0 } as WatchCounters,
    allocation: {
      ...{ writes: 0, moves: 0, plans: 0, lastPlanMs: 0, lastApplyMs: 0, unallocated: 0 },
      movesByReason: noMoves(),
    } as AllocationCounters,
    bookkeeping: {
      taskStatusWrites: 0,
      agentStatusWrites: 0,
      lostRuns: 0,
      auditedSlots: 0,
      auditFindings: 0,
      prunedRuns: 0,
    } as BookkeepingCounters,
  };
  private readonly options: ControllersOptions;
  private readonly election: Election;
  private readonly backoff = new Backoff({ initialMs: RESIGN_INITIAL_MS, maxMs: RESIGN_MAX_MS });
  private readonly notifications: NotificationsOptions;
  private watchman: Watchman | undefined;
  private term: Term | undefined;
  /** Terms begin and end one after the other. */
  private turns: Promise<void> = Promise.resolve();
  private resignTimer: Timer | undefined;
  private stopped = true;
  private stands = false;

  constructor(options: ControllersOptions) {
    this.options = options;
    this.notifications = options.notifications ?? { secrets: { unseal: async () => new Map() }, allowed: [] };
    const { session, layout, clock, log, centerId } = options;
    this.election = new Election({ session, layout, id: centerId, clock, log });
    this.election.events.on('elected', (elected) => this.begin(elected));
    this.election.events.on('deposed', ({ epoch }) => this.end(epoch));
  }

  /** The queues of this term; none while another center leads. */
  get loops(): readonly ReconcileLoop[] {
    return this.term?.loops ?? [];
  }

  get isLeader(): boolean {
    return this.term !== undefined;
  }

  /** Begins to look after the installation; the session has been started, and need not be connected. */
  watch(): void {
    if (this.watchman !== undefined) return;
    const { session, layout, store, clock, log, centerId } = this.options;
    this.watchman = new Watchman({
      ...{ session, layout, store, clock, log, centerId, notifications: this.notifications },
      ...{ ...(this.notifications.alarms ?? ALARM_TIMES), counters: this.counters.watch },
      candidates: () => this.election.candidates(),
      leads: () => this.isLeader,
      stands: () => this.stands,
    });
    this.watchman.start();
  }

  /** Resolves when this center stands for election; it need not lead. */
  async start(signal: AbortSignal): Promise<void> {
    this.stopped = false;
    this.watch(); // who cannot get into the line says so, too
    await this.election.start(signal);
    this.stands = true;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.stands = false;
    this.resignTimer?.cancel();
    await this.watchman?.stop();
    this.watchman = undefined;
    await this.election.stop();
    await this.turns;
  }

  private begin(elected: Elected): void {
    const { epoch } = elected;
    const term = new Term({
      ...this.options,
      tzdata: this.options.tzdata,
      periods: this.options.periods,
      auditRetentionMs: this.options.auditRetentionMs,
      notifications: this.notifications,
      elected,
      counters: this.counters,
      refused: () => this.resign('a newer leader exists'),
      restored: (reason) => this.resign(reason),
    });
    this.term = term;
    Object.assign(this.counters, { leader: 1, epoch, elections: this.counters.elections + 1 });
    term.allocation.events.on('applied', (applied) => this.events.emit('planApplied', applied));
    term.bookkeeping.events.on('round', (round) => this.events.emit('round', round));
    this.events.emit('elected', { epoch });
    this.turns = this.turns.then(async () => {
      if (this.term !== term) return; // deposed before its turn came
      try {
        await term.begin();
        this.backoff.reset();
        if (this.term === term) this.events.emit('synced', { epoch });
      } catch (error) {
        if (this.term === term) this.resign(messageOf(error));
      }
    });
  }

  /** Called while the session is being given up: the term is told to end before anything else happens. */
  private end(epoch: number): void {
    const term = this.term;
    this.term = undefined;
    this.counters.leader = 0;
    if (term !== undefined) {
      const ended = term.end();
      this.turns = this.turns.then(() => ended);
    }
    this.options.log.info({ epoch }, 'center does not lead any more');
    this.events.emit('deposed', { epoch });
  }

  private resign(reason: string): void {
    if (this.stopped) return;
    const term = this.term;
    this.resignTimer?.cancel();
    const delayMs = this.backoff.next();
    this.options.log.warn({ reason, delayMs }, 'leadership is given up');
    this.resignTimer = this.options.clock.timerAfter(delayMs, () => {
      if (this.term === term && !this.stopped) void this.election.resign();
    });
  }
}
