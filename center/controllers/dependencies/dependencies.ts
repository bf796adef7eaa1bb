// Tasks that wait for others (spec.after, decision 0021). The store writes down each end of a run that somebody waits for, in the
// commit of the end; the leader takes them out one after the other, in the commit that makes the runs they cause. A leader that
// dies in between leaves them to the next one; a run has its identity from its cause, so what is done twice is done once.
import { declaredSlots, isFinal, type Run } from '../../../manifests/index.js';
import type { DependencyStep, RunResult } from '../../store/dependencies/dependency-book.js';
import type { RecordCache } from '../allocation/record-cache.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { againIn, done, ReconcileLoop, type ReconcileResult } from '../workqueue/reconcile-loop.js';
import { decideStep } from './decide.js';
import { groupResult } from './group-result.js';
import { type MadeAgain, madeAgain } from './made-again.js';

/** The one key: results are dealt with in their order. */
const RESULTS = 'results';
/** Results read at a time. */
const RESULTS_PER_READ = 100;
/** Dependents of one result that share a transaction: a thousand runs at once would hold up the reports of others. */
const DEPENDENTS_PER_WRITE = 200;
/** How often a result of several slots looks whether those without a row are to have one: as often as the audit does. */
const GROUP_RETRY_MS = 5_000;

/** How soon a new leader looks whether it has read the trigger records. */
const RECORDS_RETRY_MS = 100;

export class Dependencies {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly cache: Pick<RecordCache, 'slotsOf' | 'filled'>;
  readonly loop: ReconcileLoop;
  /** By uid: tasks that wait for others, as `namespace/name` of these. */
  private readonly links = new Map<string, readonly string[]>();
  /** How many tasks wait for each, by `namespace/name`. Counted, so that a batch of a hundred thousand stays cheap. */
  private readonly awaited = new Map<string, number>();
  private readonly unsubscribe: (() => void)[] = [];

  constructor(leadership: Leadership, view: StoreView, cache: Pick<RecordCache, 'slotsOf' | 'filled'>) {
    this.leadership = leadership;
    this.view = view;
    this.cache = cache;
    const { clock, log, failed } = leadership;
    this.loop = new ReconcileLoop({
      ...{ name: 'dependencies', clock, log, failed, workers: 1 },
      reconcile: () => this.reconcile(),
    });
  }

  start(): void {
    const { view, loop } = this;
    this.unsubscribe.push(
      view.events.on('task', ({ uid }) => {
        if (this.link(uid)) loop.queue.add(RESULTS);
      }),
      view.events.on('run', ({ run, deleted }) => {
        if (deleted || run.status === undefined || !isFinal(run.status.state)) return;
        if (this.awaited.has(`${run.metadata.namespace}/${run.spec.task}`)) loop.queue.add(RESULTS);
      }),
    );
    for (const uid of view.tasks.keys()) this.link(uid);
    loop.queue.add(RESULTS); // what a former leader has left
    loop.start();
  }

  async stop(): Promise<void> {
    for (const off of this.unsubscribe) off();
    await this.loop.stop();
  }

  /** True when what the task waits for has changed. */
  private link(uid: string): boolean {
    const task = this.view.tasks.get(uid);
    const names = task?.after?.map((name) => `${task.namespace}/${name}`) ?? [];
    const before = this.links.get(uid) ?? [];
    if (names.length === before.length && names.every((name, i) => name === before[i])) return false;
    if (names.length === 0) this.links.delete(uid);
    else this.links.set(uid, names);
    for (const name of names) this.count(name, 1);
    for (const name of before) this.count(name, -1);
    return true;
  }

  private count(name: string, by: 1 | -1): void {
    const count = (this.awaited.get(name) ?? 0) + by;
    if (count === 0) this.awaited.delete(name);
    else this.awaited.set(name, count);
  }

  private async reconcile(): Promise<ReconcileResult> {
    const { store, signal } = this.leadership;
    // Which agents have a task of mode EveryAgent is not known before the records are read.
    if (!this.cache.filled) return againIn(RECORDS_RETRY_MS);
    const groups = new Set<string>();
    let waits = false;
    for (let after = 0; ; ) {
      const results = await store.dependencies.results(after, RESULTS_PER_READ);
      for (const result of results) {
        if (signal.aborted) return done;
        after = result.id;
        if (result.slot === '') {
          if (!(await this.settleRun(result))) waits = true;
        } else if (!groups.has(result.groupUid)) {
          groups.add(result.groupUid);
          if (!(await this.settleGroup(result))) waits = true;
        }
      }
      if (results.length < RESULTS_PER_READ) return waits ? againIn(GROUP_RETRY_MS) : done;
    }
  }

  /** False while the run may be made again. */
  private async settleRun(result: RunResult): Promise<boolean> {
    const { store, fence } = this.leadership;
    const again = await this.again(result);
    if (again === 'GoesOn') await store.dependencies.settle([], [result.id], fence);
    else if (again === 'No') await this.settle(result, result, [result.id]);
    return again !== 'Waits';
  }

  private async again(result: RunResult): Promise<MadeAgain> {
    if (result.state !== 'Lost') return 'No';
    const { store, clock } = this.leadership;
    const run = await store.getByUid<Run>('Run', result.uid);
    return madeAgain(result, run, this.view.tasks.get(result.taskUid), clock.now());
  }

  /** False while runs of the group are open. */
  private async settleGroup(result: RunResult): Promise<boolean> {
    const { store, fence } = this.leadership;
    const slots = this.cache.slotsOf(result.taskUid);
    const group = await groupResult(store, result, slots, async (lost) => (await this.again(lost)) !== 'No');
    if (group === undefined) return false;
    if (group.cause === undefined) await store.dependencies.settle([], group.ids, fence);
    else await this.settle(result, group.cause, group.ids);
    return true;
  }

  /** The result goes with the last of its dependents. */
  private async settle(
    { namespace }: RunResult,
    { uid, name, task, state, scheduledTime, endTime }: Parameters<typeof decideStep>[1],
    ids: readonly number[],
  ): Promise<void> {
    const { store, fence, clock, log, signal } = this.leadership;
    const cause = { uid, name, task, state, scheduledTime, endTime };
    const query = { namespace, upstream: task, causeUid: uid, limit: DEPENDENTS_PER_WRITE };
    for (let after = ''; !signal.aborted; ) {
      const dependents = await store.dependencies.dependents({ ...query, after });
      const now = clock.now();
      const steps = dependents.flatMap((dependent): DependencyStep[] => {
        const slots =
          declaredSlots(dependent.spec) ?? this.cache.slotsOf(dependent.taskUid).filter((slot) => slot !== '');
        const step = decideStep(dependent, cause, slots, now);
        return step === undefined ? [] : [step];
      });
      const last = dependents.length < DEPENDENTS_PER_WRITE;
      await store.dependencies.settle(steps, last ? ids : [], fence);
      const started = steps.filter(({ kind }) => kind === 'Start').length;
      if (started > 0) log.info({ run: name, tasks: started }, 'run has made other tasks due');
      if (last) return;
      after = dependents.at(-1)!.taskUid;
    }
  }
}
