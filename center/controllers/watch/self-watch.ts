// Whether the installation does what it is for: a center, leading or not, that has heard of no scheduled run for a while works out for
// itself which time points were due, by the code that agents fire by, and looks into trigger records whether anybody has taken them.
// While runs are reported it does nothing at all. One task that fires is enough: what a single task lacks, others tell.

import type { Clock } from '../../../base/index.js';
import {
  type CoordinationSession,
  type Layout,
  readTriggerRecords,
  recordSuspensionEnd,
  type TriggerRecord,
} from '../../../coordination/index.js';
import { compileSchedules, isSuspended, type Run, scheduleSpecOf, type Task } from '../../../manifests/index.js';
import { objectPages } from '../../store/object-pages.js';
import type { Store } from '../../store/store.js';
import type { Change, Stored } from '../../store/store-types.js';

/** Names that are logged. */
const FOUND_MAX = 5;
/** So many tasks that should have fired, and have not, are enough. */
const UNFIRED_MAX = 300;
/** Of each page of tasks so many records are read, spread over it: one agent may own all that have similar names. */
const READ_PER_PAGE = 25;

export interface SelfWatchOptions {
  readonly store: Store;
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly clock: Clock;
  /** For how long it must be found, ms: after sleep, or when the clock was set, agents need a moment. */
  readonly afterMs: number;
  /** How long a time point may wait, and nothing else fire, ms. */
  readonly silenceMs: number;
}

/** unknown: this process has seen too little to say either, or finds it since a moment ago. */
export type Finding = { readonly state: 'unknown' } | { readonly state: 'fires' } | Silent;

export interface Silent {
  readonly state: 'silent';
  /** Names of tasks that should have fired; some of them. */
  readonly tasks: readonly string[];
  /** The earliest of their time points, ms. */
  readonly since: number;
}

interface Suspicion {
  readonly silent: Silent;
  /** Wall time of the first look that found it, ms. */
  readonly at: number;
  /** The same, and that of the last look; monotonic ms. */
  readonly foundAt: number;
  readonly lookedAt: number;
}

interface Due {
  readonly task: Stored<Task>;
  readonly point: number;
}

/** Of one look. */
interface Looked {
  readonly unfired: readonly Due[];
  /** The latest time point that somebody has taken, ms; no more has been looked at then. */
  readonly taken?: number;
  /** A task waits for whoever leads: it may fire or not. */
  readonly unsure: boolean;
  /** When the next time point is overdue, ms. */
  readonly soonest: number;
  readonly due: boolean;
}

export class SelfWatch {
  private readonly options: SelfWatchOptions;
  /** Time points behind it are looked at: the latest that is known to be taken, or the begin of this process; wall ms. */
  private from: number;
  /** `from` was taken. */
  private taken = false;
  private fires = false;
  private suspicion: Suspicion | undefined;
  /** No time point of any task can be overdue before, wall ms. */
  private quietUntil = 0;
  /** No look before, monotonic ms. */
  private restUntil = 0;
  private edits = 0;

  constructor(options: SelfWatchOptions) {
    this.options = options;
    this.from = options.clock.now();
  }

  note(changes: readonly Change[]): void {
    for (const { kind, object, previous } of changes) {
      if (kind === 'Run') {
        const { scheduledTime } = (object as Run).spec;
        if (scheduledTime !== undefined) this.heard(Date.parse(scheduledTime));
      } else if (kind === 'Task' && object.metadata.generation !== previous?.metadata.generation) {
        this.edits += 1;
        this.quietUntil = 0;
      }
    }
  }

  /** Throws when the store or ZooKeeper cannot be asked. */
  async look(): Promise<Finding> {
    const { clock, silenceMs, afterMs } = this.options;
    const now = clock.now();
    this.from = Math.min(this.from, now); // the clock was set back
    const rests = now < this.quietUntil || clock.monotonic() < this.restUntil;
    if (now - this.from >= silenceMs && !rests) await this.lookAtTasks(now);
    const { suspicion } = this;
    if (suspicion === undefined) return { state: this.fires ? 'fires' : 'unknown' };
    return suspicion.lookedAt - suspicion.foundAt >= afterMs ? suspicion.silent : { state: 'unknown' };
  }

  /** A run of this time point is recorded. */
  private heard(point: number): void {
    if (point <= this.from) return; // news of an old run
    // What was missed may be made up for by one agent while the others are silent: a look tells.
    if (this.suspicion !== undefined && point <= this.suspicion.at) this.restUntil = 0;
    else this.somebodyFires(point);
  }

  private somebodyFires(point: number): void {
    this.from = Math.min(point, this.options.clock.now());
    this.taken = true;
    this.fires = true;
    this.suspicion = undefined;
  }

  private async lookAtTasks(now: number): Promise<void> {
    const { clock, silenceMs } = this.options;
    const { from, edits } = this;
    const began = clock.monotonic();
    this.restUntil = began + silenceMs / 4;
    const { unfired, taken, unsure, soonest, due } = await this.lookThrough(now);
    if (this.from !== from) return; // a run was recorded meanwhile
    if (taken !== undefined) {
      this.somebodyFires(taken);
    } else if (unfired.length > 0) {
      const names = unfired
        .slice(0, FOUND_MAX)
        .map(({ task: { metadata } }) => `${metadata.namespace}/${metadata.name}`);
      const since = unfired.reduce((least, { point }) => Math.min(least, point), Number.POSITIVE_INFINITY);
      const first = this.suspicion ?? { at: now, foundAt: began };
      this.suspicion = { ...first, lookedAt: began, silent: { state: 'silent', tasks: names, since } };
      return;
    } else if (!unsure && (this.suspicion !== undefined || soonest === Number.POSITIVE_INFINITY)) {
      // The tasks that it was found by are gone; or there is nothing that could fire.
      this.suspicion = undefined;
      this.fires = true;
    }
    if (due) this.restUntil = began + silenceMs;
    else if (this.edits === edits) this.quietUntil = soonest;
  }

  private async lookThrough(now: number): Promise<Looked> {
    const { store, silenceMs } = this.options;
    const { from } = this;
    const unfired: Due[] = [];
    const looked = { unfired, unsure: false, soonest: Number.POSITIVE_INFINITY, due: false };
    for await (const page of objectPages<Task>(store, 'Task')) {
      const due: Due[] = [];
      for (const task of page) {
        const point = firstAfter(task, from);
        if (point === undefined) continue;
        if (point + silenceMs > now) looked.soonest = Math.min(looked.soonest, point + silenceMs);
        else due.push({ task, point });
      }
      looked.due ||= due.length > 0;
      const step = Math.ceil(due.length / READ_PER_PAGE);
      const asked = due.filter((_, index) => index % step === 0);
      const records = await this.recordsOf(asked);
      const taken = asked.flatMap(({ point }, index) => takenAt(records[index], point) ?? []);
      if (taken.length > 0) return { ...looked, taken: Math.max(...taken) };
      for (const [index, one] of asked.entries()) {
        const judged = this.judge(one, records[index]);
        if (judged === 'unfired') unfired.push(one);
        else if (judged === 'unsure') looked.unsure = true;
      }
      if (unfired.length >= UNFIRED_MAX) break;
    }
    return looked;
  }

  private async recordsOf(due: readonly Due[]): Promise<(TriggerRecord | undefined)[]> {
    if (due.length === 0) return [];
    const { session, layout } = this.options;
    // Of a task with shards the first stands for all.
    const slotOf = ({ spec }: Task) => (spec.placement?.mode === 'Shards' ? '0' : '');
    const paths = due.map(({ task }) => layout.trigger(task.metadata.uid, slotOf(task)));
    return (await readTriggerRecords(session.current, paths)).map((versioned) => versioned?.record);
  }

  /** What it says that this point has not been taken. */
  private judge({ task, point }: Due, record: TriggerRecord | undefined): 'unfired' | 'unsure' | 'nothing' {
    if (record === undefined) return 'unfired'; // even whoever leads does nothing
    const goesOn = recordSuspensionEnd(record);
    // Without an owner: NoAgents or NoEligibleAgent. Blocked: the leader finds out about the run that may go on.
    if (record.owner === null || record.blockedBy !== null || record.cursor >= point || goesOn > point)
      return 'nothing';
    if (record.revision !== task.metadata.generation) return 'unsure';
    if (!this.taken) return 'unfired';
    // What it lacks is its own, when it was due already while others fired.
    const schedules = compileSchedules(scheduleSpecOf(task), task.metadata.uid);
    const first = schedules.next(Math.max(record.cursor, goesOn - 1))?.time ?? point;
    return first < this.from - this.options.silenceMs ? 'nothing' : 'unfired';
  }
}

/** The point that was taken last, when it is this one or a later one. A record that was just made tells nothing. */
function takenAt(record: TriggerRecord | undefined, point: number): number | undefined {
  return record !== undefined && record.claimId !== '' && record.cursor >= point ? record.cursor : undefined;
}

/** The first time point behind `from` at which the task should fire. */
function firstAfter(task: Stored<Task>, from: number): number | undefined {
  const { metadata, spec, status } = task;
  const after = Math.max(from, Date.parse(metadata.creationTimestamp));
  if (spec.schedules === undefined || spec.placement?.mode === 'EveryAgent') return undefined;
  if (metadata.deletionTimestamp !== undefined || status?.state === 'Complete' || isSuspended(spec, after))
    return undefined;
  return compileSchedules(scheduleSpecOf(task), metadata.uid).next(after)?.time;
}
