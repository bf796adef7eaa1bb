import type { Run, RunReason, RunReport, RunState } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import { hasSlot } from '../allocation/task-slots.js';
import type { StoreView } from '../store-view.js';

/** A run on demand that no agent has been given yet. */
export function waitsForAgent(run: Stored<Run>): boolean {
  return run.spec.manualId !== undefined && run.status?.state === 'Pending' && run.status.agent === undefined;
}

/** How a run that waits ends when nobody will ever own its slot; undefined while somebody may. */
export function endOfSlot(view: Pick<StoreView, 'tasks' | 'agents'>, { spec }: Run) {
  const task = view.tasks.get(spec.taskUid);
  if (task === undefined)
    return { state: 'Cancelled', reason: 'TaskDeleted', message: 'the task was deleted' } as const;
  if (hasSlot(task, spec.slot, (agent) => view.agents.has(agent))) return undefined;
  const message = `the task has no slot "${spec.slot}" any more`;
  return { state: 'Cancelled', reason: 'SlotEnded', message } as const;
}

/** What the leader states of a stored run: the run as it is known, with this end. */
export function verdictReport(
  run: Stored<Run>,
  end: { state: RunState; reason: RunReason; message: string; time: number },
): RunReport {
  const { spec, status, metadata } = run;
  const attempts = (status?.attempts ?? []).map((attempt) =>
    attempt.endTime === undefined
      ? { ...attempt, state: end.state, reason: end.reason, endTime: new Date(end.time).toISOString() }
      : attempt,
  );
  const made = Math.max(0, ...attempts.map((attempt) => attempt.number));
  // A Pending run waits for the attempt after those made (runRank): the verdict must outrank that.
  const attempt = status?.state === 'Running' ? Math.max(1, made) : made + 1;
  return {
    uid: metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    ...{ task: spec.task, taskUid: spec.taskUid, slot: spec.slot, revision: spec.revision, trigger: spec.trigger },
    // A retry tells its process a time point; it is not the run of that point.
    scheduledTime:
      spec.manualId !== undefined || spec.scheduledTime === undefined ? null : Date.parse(spec.scheduledTime),
    schedule: spec.schedule ?? null,
    state: end.state,
    reason: end.reason,
    message: end.message,
    ...(status?.startTime === undefined ? {} : { startTime: Date.parse(status.startTime) }),
    endTime: end.time,
    attempts,
    attempt,
  };
}
