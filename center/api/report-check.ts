import { RUN_STATES, RUN_TRIGGERS, type RunReport, runUid } from '../../manifests/index.js';

/** Attempts of one run that a report may carry: the most a retry policy allows, and then some for runs on request. */
const ATTEMPTS_MAX = 1000;

/**
 * Why a report can never be accepted; undefined when it may be. Agents are trusted to say what happened, not to be free
 * of defects: one malformed report is refused alone, and the others of its batch are taken.
 */
export function reportProblem(value: unknown): string | undefined {
  const report = value as Partial<RunReport> | null;
  if (typeof report !== 'object' || report === null) return 'not an object';
  const { uid, name, namespace, task, taskUid, slot, revision, trigger, scheduledTime, state, attempts, attempt } =
    report;
  for (const [field, text] of Object.entries({ uid, name, namespace, task, taskUid, slot })) {
    if (typeof text !== 'string') return `${field} is not a text`;
  }
  if (!Number.isSafeInteger(revision) || !Number.isSafeInteger(attempt) || attempt! < 0) return 'a number is malformed';
  if (scheduledTime !== null && !isInstant(scheduledTime)) return 'scheduledTime is not an instant';
  if (!(RUN_STATES as readonly unknown[]).includes(state)) return `state "${String(state)}" is not known`;
  if (!(RUN_TRIGGERS as readonly unknown[]).includes(trigger)) return `trigger "${String(trigger)}" is not known`;
  if (!Array.isArray(attempts) || attempts.length > ATTEMPTS_MAX) return 'attempts are malformed';
  for (const time of [report.startTime, report.endTime]) {
    if (time !== undefined && !isInstant(time)) return 'a time is malformed';
  }
  // The uid of a scheduled run is a function of its time point: a report cannot be about one run and named for another.
  const expected = scheduledTime === null ? uid : runUid({ taskUid: taskUid!, slot: slot!, point: scheduledTime! });
  return uid === expected ? undefined : 'uid does not belong to the time point';
}

/** Milliseconds that a Date can hold. */
function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 8.64e15;
}
