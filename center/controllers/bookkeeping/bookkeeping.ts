// The leader's bookkeeping: what is derived from runs, registrations and records and written to the store. Keys say what
// to look at: `agent/<name>`, `drain/<agent>` (its runs may have to end), `run/<uid>` (on demand), `next/<uid>` (a run whose
// next attempt is another agent's), `lost/<task uid>`, `end/<task uid>` (deleted in the foreground), or the name of a round that repeats.
import { Emitter, messageOf } from '../../../base/index.js';
import type { MembersInformer } from '../../../coordination/index.js';
import { isFinal } from '../../../manifests/index.js';
import type { AllocationController } from '../allocation/allocation-controller.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { againIn, done, ReconcileLoop, type ReconcileResult } from '../workqueue/reconcile-loop.js';
import { AgentStatus } from './agent-status.js';
import { Audit } from './audit.js';
import { writeClusterStatus } from './cluster-status.js';
import { Continuations } from './continuations.js';
import { DrainEnds } from './drain-ends.js';
import { Endings } from './endings.js';
import { LostRuns } from './lost-runs.js';
import { ManualRuns } from './manual-runs.js';
import { writeNamespaceStatus } from './namespace-status.js';
import { Pruning } from './pruning.js';
import { waitsForAgent } from './run-facts.js';
import { Silence } from './silence.js';
import { SuspensionEnds } from './suspension-ends.js';
import { TaskStatusWriter } from './task-status-writer.js';

/** How often each round repeats, ms. */
export interface RoundPeriods {
  readonly clusters: number;
  readonly lost: number;
  readonly audit: number;
  readonly prune: number;
}

const PERIODS: RoundPeriods = { clusters: 5_000, lost: 5_000, audit: 10_000, prune: 5_000 };

export interface BookkeepingCounters {
  taskStatusWrites: number;
  agentStatusWrites: number;
  lostRuns: number;
  auditedSlots: number;
  auditFindings: number;
  prunedRuns: number;
}

export class Bookkeeping {
  readonly events = new Emitter<{ round: { name: string } }>();
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly members: MembersInformer;
  private readonly allocation: AllocationController;
  private readonly silence: Silence;
  private readonly taskStatus: TaskStatusWriter;
  private readonly agentStatus: AgentStatus;
  private readonly manualRuns: ManualRuns;
  private readonly continuations: Continuations;
  private readonly lostRuns: LostRuns;
  private readonly drainEnds: DrainEnds;
  private readonly endings: Endings;
  private readonly suspensionEnds: SuspensionEnds;
  private readonly audit: Audit;
  private readonly pruning: Pruning;
  /** Quick work: what people wait for. */
  private readonly keyed: ReconcileLoop;
  /** Rounds that repeat. */
  private readonly rounds: ReconcileLoop;
  private readonly unsubscribe: (() => void)[] = [];
  private readonly periods: RoundPeriods;

  constructor(options: {
    leadership: Leadership;
    view: StoreView;
    members: MembersInformer;
    allocation: AllocationController;
    counters: BookkeepingCounters;
    periods?: RoundPeriods | undefined;
    auditRetentionMs?: number | undefined;
  }) {
    this.periods = options.periods ?? PERIODS;
    const { leadership, view, members, allocation, counters } = options;
    const { clock, log, failed } = leadership;
    this.leadership = leadership;
    this.view = view;
    this.members = members;
    this.allocation = allocation;
    this.silence = new Silence(clock, members, view);
    this.taskStatus = new TaskStatusWriter(leadership, view, allocation.cache, members, counters);
    this.agentStatus = new AgentStatus(leadership, members, allocation, counters);
    this.manualRuns = new ManualRuns(leadership, view, allocation.cache, members);
    this.continuations = new Continuations(leadership, view, allocation.cache, members);
    this.lostRuns = new LostRuns(leadership, view, this.silence, counters, (run) => this.continuations.waits(run));
    this.drainEnds = new DrainEnds(leadership, view, allocation);
    this.endings = new Endings(leadership);
    this.suspensionEnds = new SuspensionEnds(clock, (uid) => this.mayFire(uid));
    this.pruning = new Pruning(leadership, view, counters, options.auditRetentionMs);
    this.audit = new Audit(
      ...([leadership, view, this.silence, counters] as const),
      (uid) => this.pruning.noteTask(uid),
      (uid) => allocation.cache.slotsOf(uid),
    );
    const common = { clock, log, failed };
    this.keyed = new ReconcileLoop({
      ...common,
      ...{ name: 'bookkeeping', workers: 4, reconcile: (key: string) => this.reconcileKey(key) },
    });
    this.rounds = new ReconcileLoop({
      ...common,
      ...{ name: 'rounds', workers: 1, reconcile: (key: string) => this.round(key) },
    });
  }

  start(): void {
    const { view, members, allocation, keyed, rounds } = this;
    this.taskStatus.start();
    this.unsubscribe.push(
      view.events.on('task', ({ uid }) => {
        if (!view.tasks.has(uid)) this.pruning.noteDeletedTask();
        this.mayFire(uid);
        this.endIfGoing(uid);
      }),
      view.events.on('agent', ({ name }) => {
        this.lookAtAgent(name);
        // Its tasks say whether the center knows it. Most agents of this event have been known all along: no hurry.
        for (const { taskUid } of allocation.cache.entriesOf(name)) this.taskStatus.later(taskUid);
      }),
      view.events.on('refusals', ({ uids }) => {
        for (const uid of uids) this.taskStatus.soon(uid);
      }),
      members.events.on('changed', ({ joined, left, changed }) => {
        for (const { name } of [...joined, ...left, ...changed]) keyed.queue.add(`agent/${name}`);
        for (const { name } of [...joined, ...left]) {
          for (const { taskUid } of allocation.cache.entriesOf(name)) this.taskStatus.soon(taskUid);
        }
      }),
      allocation.events.on('tasks', (uids) => {
        for (const uid of uids) this.taskStatus.soon(uid);
        for (const uid of this.manualRuns.waiting) keyed.queue.add(`run/${uid}`);
        for (const uid of this.continuations.due(new Set(uids))) keyed.queue.add(`next/${uid}`);
      }),
      allocation.events.on('drains', (names) => {
        for (const name of names) this.lookAtAgent(name);
      }),
      allocation.events.on('clusters', () => rounds.queue.add('clusters')),
      allocation.events.on('marked', (marks) => this.audit.marked(marks)),
      allocation.events.on('schedulesTurned', (turn) => {
        this.audit.schedulesTurned(turn).catch((error: unknown) => {
          this.leadership.log.warn({ task: turn.taskUid, err: messageOf(error) }, 'audit mark could not be written');
        });
      }),
      view.events.on('run', ({ run, deleted }) => {
        if (deleted) return;
        this.taskStatus.later(run.spec.taskUid);
        if (this.continuations.note(run)) keyed.queue.add(`next/${run.metadata.uid}`);
        if (waitsForAgent(run)) keyed.queue.add(`run/${run.metadata.uid}`);
        if (run.status === undefined || !isFinal(run.status.state)) return;
        this.pruning.noteRun(run);
        this.endIfGoing(run.spec.taskUid);
      }),
    );
    keyed.start();
    rounds.start();
    for (const [uid, { suspendedUntil }] of view.tasks) {
      this.taskStatus.later(uid);
      this.suspensionEnds.watch(uid, suspendedUntil);
      this.endIfGoing(uid);
    }
    for (const name of new Set([...view.agents.keys(), ...members.members.keys()])) this.lookAtAgent(name);
    for (const round of ['open-runs', 'clusters', 'lost', 'audit', 'prune']) rounds.queue.add(round);
  }

  async stop(): Promise<void> {
    for (const off of this.unsubscribe) off();
    this.silence.stop();
    this.suspensionEnds.stop();
    await Promise.all([this.taskStatus.stop(), this.keyed.stop(), this.rounds.stop()]);
  }

  get loops(): readonly ReconcileLoop[] {
    return [this.keyed, this.rounds];
  }

  private lookAtAgent(name: string): void {
    this.keyed.queue.add(`agent/${name}`);
    if (this.view.agents.get(name)?.cancelRunsAt !== undefined) this.keyed.queue.add(`drain/${name}`);
  }

  /** The task was changed, or its suspension has ended: what was Lost meanwhile may be wanted again. */
  private mayFire(uid: string): void {
    const task = this.view.tasks.get(uid);
    this.taskStatus.soon(uid);
    this.suspensionEnds.watch(uid, task?.suspendedUntil);
    if (task?.rerun !== undefined) this.keyed.queue.add(`lost/${uid}`);
  }

  private endIfGoing(uid: string): void {
    if (this.view.tasks.get(uid)?.going) this.keyed.queue.add(`end/${uid}`);
  }

  private reconcileKey(key: string): Promise<ReconcileResult> {
    const slash = key.indexOf('/');
    const name = key.slice(slash + 1);
    switch (key.slice(0, slash)) {
      case 'agent':
        return this.agentStatus.reconcile(name);
      case 'drain':
        return this.drainEnds.reconcile(name);
      case 'next':
        return this.continuations.reconcile(name);
      case 'lost':
        return this.noteLost(name);
      case 'end':
        return this.endings.reconcile(name);
      default:
        return this.manualRuns.reconcile(name);
    }
  }

  /** Takes up Lost runs that are wanted again: those of one task, or of all. */
  private async noteLost(taskUid?: string): Promise<ReconcileResult> {
    for await (const run of this.continuations.lost(taskUid)) {
      if (this.continuations.note(run)) this.keyed.queue.add(`next/${run.metadata.uid}`);
    }
    return done;
  }

  private async round(key: string): Promise<ReconcileResult> {
    const result = await this.reconcileRound(key);
    this.events.emit('round', { name: key });
    return result;
  }

  private async reconcileRound(key: string): Promise<ReconcileResult> {
    switch (key) {
      case 'open-runs': // once per term: afterwards the change feed tells
        return this.takeStock();
      case 'clusters':
        await writeClusterStatus(this.leadership, this.view, this.members, this.allocation);
        await writeNamespaceStatus(this.leadership, this.view);
        for (const name of this.agentStatus.unregistered(this.view.agents.values()))
          this.keyed.queue.add(`agent/${name}`);
        return againIn(this.periods.clusters);
      case 'lost':
        await this.lostRuns.reconcile();
        for (const uid of this.continuations.due()) this.keyed.queue.add(`next/${uid}`);
        return againIn(this.periods.lost);
      case 'audit':
        await this.audit.reconcile();
        return againIn(this.periods.audit);
      default:
        await this.pruning.reconcile();
        return againIn(this.periods.prune);
    }
  }

  private async takeStock(): Promise<ReconcileResult> {
    for (const run of await this.leadership.store.openRuns({})) {
      if (this.continuations.note(run)) this.keyed.queue.add(`next/${run.metadata.uid}`);
      if (waitsForAgent(run)) this.keyed.queue.add(`run/${run.metadata.uid}`);
      else if (run.status?.agent !== undefined) this.lostRuns.strangers.add(run.status.agent);
    }
    return this.noteLost();
  }
}
