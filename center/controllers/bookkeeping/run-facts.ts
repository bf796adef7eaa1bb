import type { Run, RunReport, RunState } from '../../../manifests/index.js';
import type { Stored } from '../../store/store.js';

/** A run on demand that no agent has been given yet. */
export function waitsForAgent(run: Stored<Run>): boolean {
  return run.spec.manualId !== undefined && run.status?.state === 'Pending' && run.status.agent === undefined;
}

/** What the leader states of a stored run: the run as it is known, with this end. */
export function verdictReport(
  run: Stored<Run>,
  end: { state: RunState; reason: string; message: string; time: number },
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
