// What controllers need to know of tasks, agents and clusters, held in memory for one term: a list, then the change feed.
// Views are small: at 100,000 tasks the manifests themselves would fill the heap.
import { isDeepStrictEqual } from 'node:util';
import { Emitter, parseDuration } from '../../base/index.js';
import {
  type Agent,
  type Cluster,
  type KindName,
  massLossDefaults,
  type Run,
  type Task,
} from '../../manifests/index.js';
import { objectPages } from '../store/object-pages.js';
import type { Store } from '../store/store.js';
import type { Change, Stored } from '../store/store-types.js';
import type { MassLossLimits } from './allocation/presence.js';
import { editOf, firesUntilOf, type TaskEdit, type TaskView, taskViewOf } from './task-view.js';

/** Edits of one task that are remembered while none is in force; older ones count as not seen. */
const EDITS_MAX = 16;
const LOST_AFTER_DEFAULT_MS = 300_000;
const VIEWED: readonly KindName[] = ['Task', 'Agent', 'Cluster'];

export interface AgentView {
  readonly name: string;
  readonly cluster: string;
  readonly unschedulable: boolean;
  readonly drain: Agent['spec']['drain'];
  /** Its drain waits for runs until then, ms since the epoch; for ever when undefined. */
  readonly cancelRunsAt: number | undefined;
  /** What the operator says; undefined when the agent's own word counts. */
  readonly capacity: number | undefined;
  /** What the agent says, as far as the store knows. */
  readonly ownCapacity: number | undefined;
  /** Wall time until which the agent announced to be back (rule R6); null usually. */
  readonly holdUntil: number | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'Ready' | 'NotReady' | undefined;
  /** When the center last heard from it over HTTP, ms; 0 for never. */
  readonly heartbeatAt: number;
  /** Reports of runs that waited for acknowledgement then; undefined when it did not say. */
  readonly pendingReports: number | undefined;
  /** The earliest time point that one of them is about, ms; undefined when it did not say. */
  readonly oldestReport: number | undefined;
  /** Why it cannot schedule tasks that it was given, by their uids. */
  readonly refused: Readonly<Record<string, string>>;
  /** How far its clock is from that of ZooKeeper, ms; undefined while they agree. */
  readonly clockOffsetMs: number | undefined;
  /** Runs that were running then. */
  readonly running: number;
}

export interface ClusterView {
  readonly name: string;
  /** Silence after which an open run counts as Lost, ms. */
  readonly lostAfterMs: number;
  readonly massLoss: MassLossLimits;
  readonly rebalance: 'Manual' | 'Slow';
  /** Records of unknown tasks since before this time are gone, ms; 0 for none. */
  readonly unknownForgottenAt: number;
  readonly request: Cluster['spec']['rebalanceRequest'];
  /** What became of the latest request, as the store knows it. */
  readonly answer: NonNullable<Cluster['status']>['rebalance'];
}

export class StoreView {
  readonly events = new Emitter<{
    /** A task that was added, changed (spec) or deleted. */
    task: { uid: string; namespace: string; name: string };
    /** An agent's spec or labels changed, or it came or went. Not its heartbeats. */
    agent: { name: string };
    /** Whether agents can schedule these tasks has changed. */
    refusals: { uids: readonly string[] };
    cluster: { name: string };
    run: { run: Stored<Run>; previous: Stored<Run> | undefined; deleted: boolean };
  }>();
  readonly tasks = new Map<string, TaskView>();
  readonly agents = new Map<string, AgentView>();
  private readonly clusterViews = new Map<string, ClusterView>();
  /** Edits not yet in force, oldest first. */
  private readonly edits = new Map<string, TaskEdit[]>();
  private readonly versions = new Map<string, number>();
  private readonly store: Store;
  private unsubscribe: (() => void) | undefined;
  private loaded = false;

  constructor(store: Store) {
    this.store = store;
  }

  /** Subscribes first and lists then, so that nothing falls between; what both tell is told apart by its version. */
  async start(): Promise<void> {
    this.unsubscribe = this.store.onChange((changes) => {
      for (const change of changes) this.take(change);
    });
    for (const kind of VIEWED) await this.load(kind);
    this.loaded = true;
  }

  stop(): void {
    this.unsubscribe?.();
  }

  lostAfterMs(cluster: string): number {
    return this.clusterViews.get(cluster)?.lostAfterMs ?? LOST_AFTER_DEFAULT_MS;
  }

  /** A cluster that is not declared is like one without a spec. */
  cluster(name: string): ClusterView {
    return this.clusterViews.get(name) ?? clusterViewOf({ metadata: { name }, spec: {} });
  }

  /** The latest time that a cluster gives. */
  get unknownForgottenAt(): number {
    return Math.max(0, ...[...this.clusterViews.values()].map((view) => view.unknownForgottenAt));
  }

  get clusters(): Iterable<string> {
    return this.clusterViews.keys();
  }

  /** How the task differs from the generation `from`; undefined when this leader did not see the change happen. */
  editSince(uid: string, from: number): TaskEdit | undefined {
    const edits = this.edits.get(uid) ?? [];
    const first = edits.findIndex((edit) => edit.from === from);
    if (first < 0) return undefined;
    const scheduleChanged = edits.slice(first).some((edit) => edit.scheduleChanged);
    return { ...edits[first]!, scheduleChanged };
  }

  /** Edits that this leader did not see happen, as the store tells them. */
  learnEdits(uid: string, edits: readonly TaskEdit[]): void {
    const known = this.edits.get(uid) ?? [];
    const unknown = edits.filter(({ from }) => !known.some((edit) => edit.from === from));
    this.edits.set(uid, [...known, ...unknown].sort((a, b) => a.from - b.from).slice(-EDITS_MAX));
  }

  /** `generation` is in force: edits of earlier ones are of no use any more. */
  forgetEdits(uid: string, generation: number): void {
    const left = (this.edits.get(uid) ?? []).filter((edit) => edit.from >= generation);
    if (left.length === 0) this.edits.delete(uid);
    else this.edits.set(uid, left);
  }

  private async load(kind: KindName): Promise<void> {
    for await (const page of objectPages<Task | Agent | Cluster>(this.store, kind)) {
      for (const object of page) if (this.isNewer(object)) this.put(object);
    }
  }

  private isNewer(object: Stored): boolean {
    const version = Number(object.metadata.resourceVersion);
    if (version <= (this.versions.get(object.metadata.uid) ?? -1)) return false;
    this.versions.set(object.metadata.uid, version);
    return true;
  }

  private take(change: Change): void {
    const { object, previous, type } = change;
    if (change.kind === 'Run') {
      this.events.emit('run', {
        run: object as Stored<Run>,
        previous: previous as Stored<Run> | undefined,
        deleted: type === 'DELETED',
      });
      return;
    }
    if (!VIEWED.includes(change.kind) || !this.isNewer(object)) return;
    if (type === 'DELETED') this.remove(object);
    else this.put(object, previous);
  }

  private put(object: Stored, previous?: Stored): void {
    const { uid, name } = object.metadata;
    if (object.kind === 'Task') {
      const before = this.tasks.get(uid);
      const task = object as Stored<Task>;
      if (before?.generation === task.metadata.generation) {
        // Only its status changed; whether it fires any more is all that it says here.
        const { firesUntil: _, ...rest } = before;
        const until = firesUntilOf(task);
        if (until.firesUntil !== before.firesUntil) this.tasks.set(uid, { ...rest, ...until });
        return;
      }
      if (previous !== undefined) this.noteEdit(uid, previous as Stored<Task>, task);
      const view = taskViewOf(task);
      this.tasks.set(uid, view);
      this.events.emit('task', view);
    } else if (object.kind === 'Agent') {
      const before = this.agents.get(name);
      const view = agentViewOf(object as Stored<Agent>);
      this.agents.set(name, view);
      if (before === undefined || placementChanged(before, view)) this.events.emit('agent', { name });
      if (!isDeepStrictEqual(before?.refused ?? {}, view.refused)) {
        this.events.emit('refusals', { uids: Object.keys({ ...before?.refused, ...view.refused }) });
      }
    } else if (object.kind === 'Cluster') {
      const before = this.clusterViews.get(name);
      const view = clusterViewOf(object as Stored<Cluster>);
      this.clusterViews.set(name, view);
      if (JSON.stringify(before) !== JSON.stringify(view)) this.events.emit('cluster', { name });
    }
  }

  private noteEdit(uid: string, previous: Stored<Task>, task: Stored<Task>): void {
    const edits = [...(this.edits.get(uid) ?? []), editOf(previous, task)];
    this.edits.set(uid, edits.slice(-EDITS_MAX));
  }

  private remove(object: Stored): void {
    const { uid, name, namespace = '' } = object.metadata;
    if (this.loaded) this.versions.delete(uid); // while loading, an older page must not bring it back
    if (object.kind === 'Task') {
      this.tasks.delete(uid);
      this.edits.delete(uid);
      this.events.emit('task', { uid, namespace, name });
    } else if (object.kind === 'Agent') {
      this.agents.delete(name);
      this.events.emit('agent', { name });
    } else {
      this.clusterViews.delete(name);
      this.events.emit('cluster', { name });
    }
  }
}

function agentViewOf(agent: Stored<Agent>): AgentView {
  const { spec, status } = agent;
  return {
    name: agent.metadata.name,
    cluster: spec.cluster ?? 'default',
    unschedulable: spec.unschedulable ?? false,
    drain: spec.drain,
    cancelRunsAt: spec.cancelRunsTime === undefined ? undefined : Date.parse(spec.cancelRunsTime),
    capacity: spec.capacity,
    ownCapacity: status?.capacity,
    holdUntil: status?.holdUntil === undefined ? null : Date.parse(status.holdUntil),
    labels: agent.metadata.labels ?? {},
    state: status?.state,
    heartbeatAt: Date.parse(status?.heartbeatTime ?? '1970-01-01T00:00:00Z'),
    refused: Object.fromEntries((status?.refusedTasks ?? []).map(({ uid, message }) => [uid, message])),
    pendingReports: status?.pendingReports,
    oldestReport: status?.oldestReportTime === undefined ? undefined : Date.parse(status.oldestReportTime),
    clockOffsetMs: status?.clockOffsetMs,
    running: status?.running ?? 0,
  };
}

function clusterViewOf({ metadata, spec, status }: Pick<Cluster, 'metadata' | 'spec' | 'status'>): ClusterView {
  const { minAgents, percent, window, holdFor } = { ...massLossDefaults, ...spec.massLoss };
  return {
    name: metadata.name,
    lostAfterMs: parseDuration(spec.lostAfter ?? '') ?? LOST_AFTER_DEFAULT_MS,
    massLoss: {
      minAgents,
      share: percent / 100,
      windowMs: parseDuration(window) ?? 0,
      holdForMs: parseDuration(holdFor) ?? 0,
      releasedAt: Date.parse(spec.massLoss?.releasedTime ?? '1970-01-01T00:00:00Z'),
    },
    rebalance: spec.rebalance ?? 'Slow',
    unknownForgottenAt: Date.parse(spec.unknownTasksForgottenTime ?? '1970-01-01T00:00:00Z'),
    request: spec.rebalanceRequest,
    answer: status?.rebalance,
  };
}

/** Whether the plan may come out otherwise. */
function placementChanged(a: AgentView, b: AgentView): boolean {
  const decisive = (view: AgentView) => {
    const {
      heartbeatAt: _,
      pendingReports: _p,
      oldestReport: _o,
      running: _r,
      refused: _f,
      clockOffsetMs: _c,
      ...rest
    } = view;
    return rest;
  };
  return JSON.stringify(decisive(a)) !== JSON.stringify(decisive(b));
}
