// What a planned claim consists of: the run that it authorises, the records of what it passes over, its entry in the journal.
import { type Clock, type Instant, newUid } from '../../base/index.js';
import type { TriggerRecord, VersionedRecord } from '../../coordination/index.js';
import type { ManualRun, RunReport } from '../../manifests/index.js';
import type { ClaimIntent } from '../journal/journal.js';
import { type OpenRun, openRun } from '../runs/open-run.js';
import { unrunReport } from '../runs/unrun-report.js';
import type { ClaimPlan } from './decide-claim.js';
import type { RunPlan } from './decide-due.js';
import type { LoadedTask } from './loaded-task.js';
import type { Slot } from './slot.js';

export type PlannedClaim = Extract<ClaimPlan, { kind: 'claim' }>;

export function runOf(slot: Slot, task: LoadedTask, plan: RunPlan, known: VersionedRecord, clock: Clock): OpenRun {
  const run = openRun({
    task,
    slot: slot.entry.slot,
    slotKey: slot.key,
    point: plan.point.time,
    schedule: plan.point.schedule,
    trigger: plan.trigger,
    startAt: plan.point.startTime,
    startBefore: plan.startBefore,
    claimId: newUid(),
    ownerEpoch: known.record.ownerEpoch,
  });
  run.recordVersion = known.version;
  run.blocked = known.record.blockedBy !== null;
  noteDue(run, clock);
  return run;
}

/** To be called while the wall clock is believed: what is set afterwards does not make the attempt start early. */
export function noteDue(run: OpenRun, clock: Clock): void {
  run.dueMonotonic = clock.monotonic() + run.startAt - clock.now();
}

/** A run on demand: due at once, whenever that is. */
export function manualRunOf(slot: Slot, task: LoadedTask, manual: ManualRun, now: Instant): OpenRun {
  return openRun({
    task,
    slot: manual.slot,
    slotKey: slot.key,
    point: manual.manualId,
    schedule: null,
    trigger: manual.trigger,
    startAt: now,
    startBefore: undefined,
    claimId: newUid(),
    uid: manual.uid,
    name: manual.name,
    ...(manual.args === undefined ? {} : { args: manual.args }),
    ...(manual.env === undefined ? {} : { env: manual.env }),
    ...(manual.parameters === undefined ? {} : { parameters: manual.parameters }),
    toldTime: manual.toldTime,
  });
}

export function unrunOf(slot: Slot, task: LoadedTask, plan: PlannedClaim, now: Instant): RunReport[] {
  return plan.unrun.map((each) => unrunReport(task, slot.entry.slot, each, now));
}

/** What the claim makes of the record. */
export function plannedRecord(record: TriggerRecord, plan: PlannedClaim, intent: ClaimIntent): TriggerRecord {
  const { claimId, runs = record.runs } = intent;
  return { ...record, cursor: plan.cursor, attempt: plan.run === undefined ? 0 : 1, claimId, runs };
}

/** A claim that starts nothing: it carries the last of the reports as its own. */
export function unrunIntent(slot: Slot, unrun: readonly RunReport[], known: VersionedRecord): ClaimIntent {
  const last = unrun.at(-1)!;
  return {
    claimId: newUid(),
    runUid: last.uid,
    taskUid: slot.entry.taskUid,
    slot: slot.entry.slot,
    point: last.scheduledTime ?? 0,
    attempt: 0,
    revision: last.revision,
    recordVersion: known.version,
    directory: '',
    report: last,
    unrun: unrun.slice(0, -1),
  };
}
