// Metrics of single tasks: only of those with the label cloudtask.dev/metrics: "true", and of so many only, since whoever may write tasks
// could otherwise fill the memory of Prometheus.
import { METRICS, type RunState } from '../../../manifests/index.js';
import type { Change } from '../../store/index.js';
import type { MetricBook } from './metric-book.js';

/** Tasks with metrics of their own; the first ones that run. */
export const TASKS_MAX = 500;
/** Tasks that are counted as left out, at most. */
const LEFT_OUT_MAX = 100_000;
/** Deleted tasks that are remembered. */
const GONE_MAX = 10_000;

interface TaskLabels {
  readonly namespace: string;
  readonly task: string;
}

export class TaskMetrics {
  private readonly finished;
  private readonly lastSuccess;
  private readonly lastDuration;
  private readonly leftOut;
  /** The results that each task has had, by namespace/name. */
  private readonly known = new Map<string, { readonly labels: TaskLabels; readonly results: Set<RunState> }>();
  private readonly over = new Set<string>();
  /** Tasks that were deleted lately: their last runs may end yet. */
  private readonly gone = new Set<string>();

  constructor(book: MetricBook) {
    this.finished = book.counter('cloudtask_task_runs_finished_total');
    this.lastSuccess = book.gauge('cloudtask_task_last_success_timestamp_seconds');
    this.lastDuration = book.gauge('cloudtask_task_last_run_duration_seconds');
    this.leftOut = book.gauge('cloudtask_task_metrics_left_out');
  }

  /** `at`: when the run ended, ms. */
  observe(
    labels: TaskLabels,
    { result, at, seconds }: { result: RunState; at: number | undefined; seconds: number | undefined },
  ): void {
    const key = `${labels.namespace}/${labels.task}`;
    if (this.gone.has(key)) return;
    let known = this.known.get(key);
    if (known === undefined) {
      if (this.known.size >= TASKS_MAX) {
        if (this.over.size < LEFT_OUT_MAX) this.over.add(key);
        this.leftOut.set(this.over.size);
        return;
      }
      known = { labels, results: new Set() };
      this.known.set(key, known);
      if (this.over.delete(key)) this.leftOut.set(this.over.size);
    }
    known.results.add(result);
    this.finished.inc({ ...labels, result });
    if (result === 'Succeeded' && at !== undefined) this.lastSuccess.set(labels, at / 1000);
    if (seconds !== undefined) this.lastDuration.set(labels, seconds);
  }

  /** A task that is gone, or does not ask any more, takes its series along. */
  taskChanged(change: Change): void {
    const { type } = change;
    const nothingKnown = this.known.size === 0 && this.over.size === 0 && this.gone.size === 0;
    if (nothingKnown && type !== 'DELETED') return; // before the object is parsed
    const { name, namespace = 'default', labels } = change.object.metadata;
    const key = `${namespace}/${name}`;
    if (type === 'DELETED') this.gone.add(key);
    else this.gone.delete(key);
    for (const oldest of this.gone) if (this.gone.size > GONE_MAX) this.gone.delete(oldest);
    if (type !== 'DELETED' && labels?.[METRICS] === 'true') return;
    if (this.over.delete(key)) this.leftOut.set(this.over.size);
    const known = this.known.get(key);
    if (known === undefined) return;
    this.known.delete(key);
    for (const result of known.results) this.finished.remove({ ...known.labels, result });
    this.lastSuccess.remove(known.labels);
    this.lastDuration.remove(known.labels);
  }

  /** What this center does not tell any more, another one does. */
  forget(): void {
    if (this.known.size === 0 && this.over.size === 0) return;
    this.known.clear();
    this.over.clear();
    for (const metric of [this.finished, this.lastSuccess, this.lastDuration, this.leftOut]) metric.reset();
  }
}
