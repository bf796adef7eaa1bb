import { isFinal, METRICS, RUN_STATES, RUN_TRIGGERS, type Run } from '../../../manifests/index.js';
import type { Change } from '../../store/index.js';
import type { MetricBook } from './metric-book.js';
import type { TaskMetrics } from './task-metrics.js';

/** What the changes of runs come to. */
export class RunMetrics {
  private readonly lateness;
  private readonly started;
  private readonly finished;
  private readonly duration;
  private readonly tasks: TaskMetrics;

  constructor(book: MetricBook, tasks: TaskMetrics) {
    this.lateness = book.histogram('cloudtask_run_start_lateness_seconds');
    this.started = book.counter('cloudtask_runs_started_total');
    this.finished = book.counter('cloudtask_runs_finished_total');
    this.duration = book.histogram('cloudtask_run_duration_seconds');
    this.tasks = tasks;
    // From the beginning: the first failure after a start is an increase, too.
    for (const trigger of RUN_TRIGGERS) {
      this.started.inc({ trigger }, 0);
      for (const result of RUN_STATES.filter(isFinal)) this.finished.inc({ result, trigger }, 0);
    }
  }

  observe({ type, object, previous }: Change): void {
    if (type === 'DELETED') return;
    const { spec, status, metadata } = object as Run;
    const before = (previous as Run | undefined)?.status;
    if (status === undefined) return;
    const { state: result, startTime } = status;
    const { trigger } = spec;
    if (startTime !== undefined && before?.startTime === undefined) {
      this.started.inc({ trigger });
      // A late catch-up is no lateness of ours, nor is what waits for a run of its own task, as that is asked to.
      if (trigger === 'Schedule' && spec.scheduledTime !== undefined && !waitsForItsOwn(before))
        this.lateness.observe(Math.max(0, secondsBetween(spec.scheduledTime, startTime)));
    }
    if (result === before?.state || !isFinal(result)) return;
    this.finished.inc({ result, trigger });
    const { endTime } = status;
    const seconds =
      startTime === undefined || endTime === undefined ? undefined : Math.max(0, secondsBetween(startTime, endTime));
    if (seconds !== undefined) this.duration.observe({ result }, seconds);
    if (metadata.labels?.[METRICS] !== 'true') return;
    const at = endTime === undefined ? undefined : Date.parse(endTime);
    this.tasks.observe({ namespace: metadata.namespace ?? 'default', task: spec.task }, { result, at, seconds });
  }
}

/** By concurrencyPolicy; a wait for a place on an agent is lateness. */
function waitsForItsOwn(status: Run['status']): boolean {
  const waits = status?.state === 'Queued' || status?.state === 'Pending';
  return waits && status.reason !== 'AgentBusy';
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
