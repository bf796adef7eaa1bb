// Allocation: observe (store, registrations, records) → planAllocation (pure) → apply (records, gaining lists, losing
// lists). One key: every reconcile looks at everything, so a lost or doubled notification changes nothing but latency.
import { Emitter } from '../../../base/index.js';
import { AllocationWriter, inParallel, type MembersInformer, scanTriggerRecords } from '../../../coordination/index.js';
import { isFinal, type Run } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import type { ScheduleTurn } from '../bookkeeping/audit.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { againIn, ReconcileLoop, type ReconcileResult } from '../workqueue/reconcile-loop.js';
import { Announcer } from './announcer.js';
import { RecordWriter } from './apply-records.js';
import { BlockedRuns, type BlockingRun } from './blocked-runs.js';
import { Drains, type OpenSlots } from './drains.js';
import { JumpRecorder } from './jump-recorder.js';
import { countMoves, type MovesByReason } from './move-reasons.js';
import { newCursor } from './new-cursor.js';
import { planWithOpenRuns, slotOf } from './open-runs-left.js';
import { Orphans } from './orphans.js';
import { type KnownOwner, Presence } from './presence.js';
import { type RebalanceAnswer, Rebalancer } from './rebalancer.js';
import { planRecordOf, RecordCache } from './record-cache.js';
import { RetriesElsewhere } from './retries-elsewhere.js';
import { beginSlots, type SlotMark, settleEnded } from './slot-ends.js';
import type { Plan, PlanAgent, PlanInput, PlanRecord, RecordRemove, RecordUpdate } from './types.js';
import { createAsBorn, learnUnseenEdits } from './unseen-edits.js';

const KEY = 'allocation';
/** Lists and records are compared with one another from scratch so often. */
const SWEEP_MS = 600_000;
/** Applies that come in a burst are planned together; long enough for that, too short to be felt. */
const GATHER_MS = 20;
const LISTS_IN_FLIGHT = 16;
const BLOCK_RECHECK_MS = 1_000;
/** Runs that end on a draining agent come in crowds; each may free a slot to move. */
const FREED_MS = 50;

export interface AllocationCounters {
  /** Trigger records and list nodes written. Stands still while nothing changes (guarantee 3). */
  writes: number;
  moves: number;
  readonly movesByReason: MovesByReason;
  plans: number;
  lastPlanMs: number;
  lastApplyMs: number;
  unallocated: number;
}

export interface PlanApplied {
  readonly creates: number;
  readonly updates: number;
  readonly removes: number;
  readonly moves: number;
  readonly writes: number;
}

export class AllocationController {
  readonly events = new Emitter<{
    applied: PlanApplied;
    /** Uids of tasks whose records changed. */
    tasks: readonly string[];
    schedulesTurned: ScheduleTurn;
    /** Audit marks that were written beside the audit, of slots that begin or end. */
    marked: readonly SlotMark[];
    /** Agents whose drain has come on, or is over. */
    drains: readonly string[];
    /** A brake, or what becomes of a request to rebalance. */
    clusters: undefined;
  }>();
  readonly cache = new RecordCache();
  readonly counters: AllocationCounters;
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly members: MembersInformer;
  private readonly tzdata: string | undefined;
  private readonly presence: Presence;
  private readonly writer: RecordWriter;
  private readonly lists: AllocationWriter;
  private readonly blocked: BlockedRuns;
  private readonly jumps: JumpRecorder;
  private readonly announcer: Announcer;
  private readonly drains: Drains;
  private readonly rebalancer: Rebalancer;
  private readonly retries: RetriesElsewhere;
  private readonly orphans: Orphans;
  private answersTold = '';
  readonly loop: ReconcileLoop;
  private readonly unsubscribe: (() => void)[] = [];
  private readonly sweepMs: number;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: {
    leadership: Leadership;
    view: StoreView;
    members: MembersInformer;
    counters: AllocationCounters;
    /** Version of the center's time-zone data (rule R2); undefined: agents are not compared. */
    tzdata?: string;
    sweepMs?: number;
  }) {
    const { leadership, view, members, counters, tzdata, sweepMs = SWEEP_MS } = options;
    this.leadership = leadership;
    this.view = view;
    this.members = members;
    this.counters = counters;
    this.tzdata = tzdata;
    this.sweepMs = sweepMs;
    const { clock, coordinator, layout, epoch, store, log } = leadership;
    this.presence = new Presence(clock.monotonic(), coordinator.sessionTimeoutMs);
    this.writer = new RecordWriter(leadership, this.cache);
    this.lists = new AllocationWriter(coordinator, layout, epoch);
    this.blocked = new BlockedRuns(store, clock);
    this.jumps = new JumpRecorder(leadership, view, (turn) => this.events.emit('schedulesTurned', turn));
    this.announcer = new Announcer(leadership, view);
    this.drains = new Drains(view, this.cache, clock, this.writer.claimedByFormer);
    this.retries = new RetriesElsewhere(leadership, view);
    this.orphans = new Orphans(leadership);
    this.rebalancer = new Rebalancer(view, clock, coordinator.sessionTimeoutMs);
    this.loop = new ReconcileLoop({
      ...{ name: KEY, clock, log, workers: 1 },
      reconcile: () => this.reconcile(),
      failed: leadership.failed,
    });
  }

  start(): void {
    const soon = () => this.loop.queue.addAfter(KEY, GATHER_MS);
    this.unsubscribe.push(
      this.view.events.on('task', soon),
      this.view.events.on('agent', soon),
      this.view.events.on('cluster', soon),
      this.view.events.on('run', ({ run }) => this.noteRun(run)),
      this.members.events.on('changed', () => this.loop.queue.add(KEY)), // the failover budget starts here
    );
    this.jumps.start();
    this.loop.start();
    this.loop.queue.add(KEY);
  }

  async stop(): Promise<void> {
    for (const off of this.unsubscribe) off();
    await Promise.all([this.loop.stop(), this.jumps.stop()]);
  }

  /** Looks again now. */
  poke(): void {
    this.loop.queue.add(KEY);
  }

  /** How far the agent's drain has come; undefined when it does not drain, or this leader has not looked yet. */
  drainOf(agent: string) {
    return this.drains.progress.get(agent);
  }

  /** What people want to know of a cluster's allocation. */
  clusterFacts(cluster: string): { goneWhileBraked: number | undefined; rebalance: RebalanceAnswer | undefined } {
    return { goneWhileBraked: this.announcer.braked(cluster), rebalance: this.rebalancer.answers.get(cluster) };
  }

  private noteRun(run: Stored<Run>): void {
    if (run.status === undefined) return;
    const record = this.cache.get(slotOf(run));
    if (record?.blockedBy === run.metadata.uid && (isFinal(run.status.state) || run.status.agent === record.owner)) {
      this.blocked.noteChange(run);
      this.loop.queue.add(KEY);
    }
    if (this.retries.note(run)) this.loop.queue.addAfter(KEY, GATHER_MS);
    if (!isFinal(run.status.state)) return;
    const agent = this.view.agents.get(run.status.agent ?? '');
    if (agent?.drain !== undefined || this.rebalancer.waits) this.loop.queue.addAfter(KEY, FREED_MS);
  }

  private async reconcile(): Promise<ReconcileResult> {
    const { clock, signal } = this.leadership;
    const sweep = clock.monotonic() - this.sweptAt >= this.sweepMs;
    if (sweep) await this.scan();
    signal.throwIfAborted();
    const { input: seen, wakeAfterMs } = await this.observe();
    const started = clock.monotonic();
    const { input, open, moreAfterMs } = await this.wish(seen);
    const plan = await planWithOpenRuns(this.leadership, this.view, this.members, input);
    this.counters.plans += 1;
    this.counters.lastPlanMs = clock.monotonic() - started;
    this.counters.unallocated = plan.unallocated.length;
    signal.throwIfAborted();
    const applied = await this.apply(plan, input, sweep);
    this.counters.lastApplyMs = clock.monotonic() - started - this.counters.lastPlanMs;
    if (sweep) this.sweptAt = clock.monotonic();
    if (applied.surprises > 0) this.loop.queue.addAfter(KEY, GATHER_MS);
    // A run may have ended between the look at it and the block that names it: then its end was told to nobody.
    if (plan.updates.some(({ from, to }) => to.blockedBy !== null && to.blockedBy !== from.blockedBy)) {
      this.loop.queue.addAfter(KEY, BLOCK_RECHECK_MS);
    }
    const drainAfterMs = this.tellProgress(input, open);
    const untilSweep = Math.max(1, this.sweptAt + this.sweepMs - clock.monotonic());
    return againIn(Math.max(1, Math.min(wakeAfterMs, untilSweep, moreAfterMs, drainAfterMs)));
  }

  /** Adds what people want moved, and what keeps it from moving yet. */
  private async wish(seen: PlanInput): Promise<{ input: PlanInput; open: OpenSlots; moreAfterMs: number }> {
    const drained = await this.openSlots(this.drains.agents);
    const busyOf = async (agents: readonly string[]) => new Set([...(await this.openSlots(agents)).values()].flat());
    const { relocations, wakeAfterMs } = await this.rebalancer.look(seen, busyOf);
    const busy = this.drains.busy(drained);
    const sources = [...new Set([...relocations.values()].map(({ from }) => from))];
    for (const name of await busyOf(sources)) busy.add(name);
    for (const move of await this.retries.look(seen)) relocations.set(move.name, move);
    return { input: { ...seen, busy, relocations }, open: drained, moreAfterMs: wakeAfterMs };
  }

  private async openSlots(agents: readonly string[]): Promise<Map<string, string[]>> {
    const open = new Map<string, string[]>();
    for (const agent of agents) open.set(agent, (await this.leadership.store.openRuns({ agent })).map(slotOf));
    return open;
  }

  private tellProgress(input: PlanInput, open: OpenSlots): number {
    const { changed, wakeAfterMs } = this.drains.look(input, open);
    if (changed.length > 0) this.events.emit('drains', changed);
    const answers = JSON.stringify([...this.rebalancer.answers]);
    if (answers !== this.answersTold) this.events.emit('clusters', undefined);
    // What was moved just now is counted by the next look, which says that it is done.
    if (answers !== this.answersTold && this.rebalancer.waits) this.loop.queue.addAfter(KEY, GATHER_MS);
    this.answersTold = answers;
    return wakeAfterMs;
  }

  /** Reads all records. Until it is done the cache of before stands; a new leader begins with this. */
  private async scan(): Promise<void> {
    const { coordinator, layout, log } = this.leadership;
    const found = new RecordCache();
    await coordinator.sync(layout.root === '' ? '/' : layout.root);
    await scanTriggerRecords(
      coordinator,
      layout,
      ({ name, taskUid, slot, record }) => found.set(name, planRecordOf(taskUid, slot, record)),
      (path, error) => log.error({ path, err: error }, 'trigger record is not readable'),
    );
    this.cache.clear();
    for (const [name, record] of found.records) this.cache.set(name, record);
    this.cache.filled = true;
  }

  private async observe(): Promise<{ input: PlanInput; wakeAfterMs: number }> {
    const { clock } = this.leadership;
    const owners = new Map<string, KnownOwner>();
    for (const owner of this.cache.owners) {
      const { cluster = 'default', holdUntil = null } = this.view.agents.get(owner) ?? {};
      owners.set(owner, { cluster, holdUntil });
    }
    const registered = [...this.members.members.values()].map(({ name, registration }) => ({
      name,
      cluster: registration.cluster,
      holdUntil: registration.holdUntil,
    }));
    const limitsOf = (cluster: string) => this.view.cluster(cluster).massLoss;
    const verdict = this.presence.look(registered, owners, limitsOf, clock.monotonic(), clock.now());
    this.cache.held = verdict.held;
    if (await this.announcer.tellBrakes(verdict.braked)) this.events.emit('clusters', undefined);
    const agents = [
      ...registered.map(({ name }) => this.planAgent(name, 'present')),
      ...[...verdict.held].map((name) => this.planAgent(name, 'held')),
    ];
    const blocked = await this.blocked.look(this.blockingRuns());
    return {
      input: {
        tasks: [...this.view.tasks.values()],
        agents,
        records: this.cache.records,
        openRuns: new Map(),
        endedRuns: blocked.ended,
        ownRuns: blocked.own,
        known: new Set(this.view.agents.keys()),
      },
      wakeAfterMs: Math.max(1, Math.min(verdict.wakeAfterMs ?? Number.POSITIVE_INFINITY, blocked.wakeAfterMs)),
    };
  }

  private blockingRuns(): BlockingRun[] {
    return [...this.cache.blockedSlots].map(([name, uid]) => {
      const { taskUid = '', owner = null } = this.cache.get(name) ?? {};
      return { uid, owner, lostAfterMs: this.view.lostAfterMs(this.view.tasks.get(taskUid)?.cluster ?? 'default') };
    });
  }

  private planAgent(name: string, presence: PlanAgent['presence']): PlanAgent {
    const registration = this.members.members.get(name)?.registration;
    const object = this.view.agents.get(name);
    return {
      name,
      cluster: registration?.cluster ?? object?.cluster ?? 'default',
      labels: { ...registration?.labels, ...object?.labels }, // what a user set wins
      presence,
      unschedulable: object?.unschedulable ?? false,
      draining: object?.drain !== undefined,
      capacity: object?.capacity ?? registration?.capacity ?? object?.ownCapacity ?? 1,
      // An agent that is held was fit when it was last seen; nothing is given to it anyway.
      fit: registration === undefined || this.tzdata === undefined || registration.tzdata === this.tzdata,
    };
  }

  private async apply(plan: Plan, input: PlanInput, everyList: boolean): Promise<{ surprises: number }> {
    const ended = plan.removes.filter((remove) => remove.ended !== undefined);
    const unknown = plan.removes.filter((remove) => remove.ended === undefined);
    const removes = await this.orphans.sort(unknown, this.view.unknownForgottenAt);
    const gone = [...removes.buried, ...removes.orphaned, ...ended];
    const tombstones = gone.filter(({ from }) => from.owner !== null || !from.suspended).map(tombstoneOf);
    const begun = await beginSlots(this.leadership, await createAsBorn(this.leadership, this.view, plan.creates));
    const { creates } = begun;
    this.events.emit('marked', begun.marks);
    const created = await this.writer.create(creates);
    const early = creates.filter((create, i) => create.revision !== plan.creates[i]?.revision).length;
    const endings = ended.map(({ taskUid, from }) => ({ taskUid, from, to: this.inForce(taskUid, from) }));
    await learnUnseenEdits(this.leadership, this.view, [...plan.updates, ...endings]);
    const updated = await this.writer
      .update(plan.updates, (update) => this.newCursor(update))
      .finally(() => this.takeJumps()); // what was committed counts, whatever failed beside it
    const endsNow = new Set(ended.filter((remove) => remove.ended === 'Now').map(({ name }) => name));
    const buried = await this.writer
      .update(tombstones, ({ name }) => (endsNow.has(name) ? this.leadership.clock.now() : undefined))
      .finally(() => this.takeJumps());
    let writes = created.writes + updated.writes + buried.writes;
    this.counters.writes += writes;
    this.counters.moves += plan.moves;
    countMoves(this.counters.movesByReason, plan, input);
    const listWrites = await this.writeLists(everyList);
    await this.announcer.tellMoves(plan, input, this.cache);
    const tombs = (list: readonly RecordRemove[]) => list.filter(({ name }) => this.cache.get(name)?.owner === null);
    this.events.emit('marked', await settleEnded(this.leadership, this.view, tombs(ended)));
    const removed = await this.writer.remove(tombs([...removes.buried, ...ended]));
    writes += listWrites + removed.writes;
    this.counters.writes += removed.writes;
    for (const { name, taskUid } of plan.updates) {
      this.view.forgetEdits(taskUid, this.cache.get(name)?.revision ?? 0);
    }
    const changed = [...plan.creates, ...plan.updates, ...gone];
    if (changed.length > 0) {
      const [created, updated] = [plan.creates.length, plan.updates.length];
      const counts = { creates: created, updates: updated, removes: removes.buried.length + ended.length };
      this.leadership.log.info(
        {
          ...counts,
          moves: plan.moves,
          writes,
          unallocated: plan.unallocated.length,
          planMs: this.counters.lastPlanMs,
        },
        'allocation plan applied',
      );
      this.events.emit('tasks', [...new Set(changed.map((change) => change.taskUid))]);
      this.events.emit('applied', { ...counts, moves: plan.moves, writes });
    }
    return { surprises: early + created.surprises + updated.surprises + buried.surprises + removed.surprises };
  }

  /**
   * Gaining lists first: for a moment two agents may see a slot, never none; the record decides between them. An agent
   * whose list could not be written stays in the cache's sets, so that the next reconcile writes it.
   */
  private async writeLists(every: boolean): Promise<number> {
    const { gaining, losing } = this.cache;
    if (every) this.lists.forget();
    if (every) for (const agent of [...this.cache.owners, ...(await this.lists.agents())]) losing.add(agent);
    let writes = 0;
    for (const agents of [gaining, losing]) {
      await inParallel([...agents], LISTS_IN_FLIGHT, async (agent) => {
        this.leadership.signal.throwIfAborted();
        const count = await this.lists.write(agent, this.cache.entriesOf(agent));
        agents.delete(agent);
        writes += count;
        this.counters.writes += count;
      });
    }
    return writes;
  }

  private inForce(taskUid: string, from: PlanRecord): { revision: number } {
    return { revision: this.view.tasks.get(taskUid)?.generation ?? from.revision };
  }

  private newCursor(update: RecordUpdate): number | undefined {
    const edit = this.view.editSince(update.taskUid, update.from.revision);
    return newCursor(update, edit?.scheduleChanged === true, this.leadership.clock.now());
  }

  /** Hands over what is owed for the cursors that were moved, while the schedules of before are still known. */
  private takeJumps(): void {
    for (const jump of this.writer.jumps.splice(0)) {
      const { taskUid, from } = jump.update;
      this.jumps.add(jump, this.view.editSince(taskUid, from.revision)?.schedules);
    }
  }
}

function tombstoneOf({ name, taskUid, slot, from }: Plan['removes'][number]): RecordUpdate {
  const { suspendedUntil: _, ...kept } = from;
  const to = { ...kept, owner: null, ownerEpoch: from.ownerEpoch + 1, suspended: true };
  return { kind: 'update', name, taskUid, slot, from, to };
}
