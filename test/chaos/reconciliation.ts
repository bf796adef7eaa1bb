// Witnesses against records, both ways.
import { expectations } from './expectations.js';
import { type Finding, nameOf } from './findings.js';
import { groupBy } from './group-by.js';
import type { DeclaredTask, History, RecordedRun, WitnessEnd, WitnessStart } from './history.js';

/** States of a record that says that a process ran and how it ended. Of Lost nobody knows. */
const RAN = new Set(['Succeeded', 'Failed', 'TimedOut', 'Cancelled']);
const DID_NOT_RUN = new Set(['Skipped', 'Missed']);
/** The attempt was made, and no process came of it: no program, no disk. */
const NEVER_BEGAN = 'StartFailed';
const OPEN = new Set(['Pending', 'Queued', 'Running']);

export function reconciliation(history: History): Finding[] {
  const records = groupBy(history.records, ({ taskUid }) => taskUid);
  const starts = groupBy(history.starts, ({ task }) => task);
  const ends = new Map(history.ends.map((end) => [`${end.run}/${end.attempt}/${end.pid}`, end]));
  return history.tasks.flatMap((task) => {
    // The runs of a deleted task are deleted after it.
    if (task.deleted !== undefined) return [];
    return ofTask(task, history, records.get(task.uid) ?? [], starts.get(task.id) ?? [], ends);
  });
}

function ofTask(
  task: DeclaredTask,
  { window }: History,
  records: readonly RecordedRun[],
  starts: readonly WitnessStart[],
  ends: ReadonlyMap<string, WitnessEnd>,
): Finding[] {
  const findings: Finding[] = [];
  const inWindow = (point: number | undefined) => point !== undefined && point > window.from && point <= window.to;
  const recordOf = new Map<number, RecordedRun>();
  for (const record of records.filter(({ point }) => inWindow(point))) {
    const name = nameOf(task.id, record.point!);
    if (recordOf.has(record.point!)) findings.push({ check: 'recorded-twice', detail: name });
    recordOf.set(record.point!, record);
  }
  const startsOf = groupBy(
    starts.filter(({ point }) => inWindow(point)),
    ({ point }) => point,
  );
  for (const [point, kind] of expectations(task, window)) {
    if (kind === 'may' || recordOf.has(point) || startsOf.has(point)) continue;
    findings.push({ check: 'missing', detail: nameOf(task.id, point) });
  }
  for (const point of startsOf.keys()) {
    if (!recordOf.has(point)) findings.push({ check: 'unrecorded-run', detail: nameOf(task.id, point) });
  }
  for (const [point, record] of recordOf) {
    const name = nameOf(task.id, point);
    findings.push(...againstWitnesses(name, record, startsOf.get(point) ?? [], ends));
  }
  return findings;
}

function againstWitnesses(
  name: string,
  record: RecordedRun,
  starts: readonly WitnessStart[],
  ends: ReadonlyMap<string, WitnessEnd>,
): Finding[] {
  const findings: Finding[] = [];
  if (OPEN.has(record.state)) findings.push({ check: 'still-open', detail: `${name}: ${record.state}` });
  if (DID_NOT_RUN.has(record.state) && starts.length > 0) {
    findings.push({ check: 'state-contradicts-witness', detail: `${name}: recorded as ${record.state}, and it ran` });
  }
  const seen = new Map(starts.map((start) => [start.attempt, start]));
  const claimed = record.attempts.filter(({ state, reason }) => RAN.has(state) && reason !== NEVER_BEGAN);
  const unbegun = record.attempts.filter(({ reason }) => reason === NEVER_BEGAN);
  for (const { number } of unbegun.filter(({ number }) => seen.has(number))) {
    findings.push({
      check: 'state-contradicts-witness',
      detail: `${name}: attempt ${number} is said never to have begun`,
    });
  }
  const alleges = claimed.length > 0 || unbegun.length === 0;
  if (RAN.has(record.state) && record.state !== 'Cancelled' && starts.length === 0 && alleges) {
    findings.push({ check: 'record-without-witness', detail: `${name}: recorded as ${record.state}` });
  }
  for (const attempt of claimed) {
    const start = seen.get(attempt.number);
    if (start !== undefined)
      findings.push(...againstEnd(name, attempt, ends.get(`${start.run}/${start.attempt}/${start.pid}`)));
    else if (attempt.startTime !== undefined && starts.length > 0) {
      findings.push({ check: 'record-without-witness', detail: `${name}: attempt ${attempt.number}` });
    }
  }
  for (const start of starts) {
    // A power cut may take with it what was known of a start.
    if (record.state === 'Lost' && record.reason === 'HostRestarted') continue;
    if (DID_NOT_RUN.has(record.state) || record.attempts.some(({ number }) => number === start.attempt)) continue;
    findings.push({ check: 'unrecorded-run', detail: `${name}: attempt ${start.attempt}` });
  }
  const last = record.attempts.at(-1);
  if (RAN.has(record.state) && last !== undefined && last.state !== record.state) {
    findings.push({
      check: 'state-contradicts-witness',
      detail: `${name}: recorded as ${record.state}, its last attempt as ${last.state}`,
    });
  }
  return findings;
}

function againstEnd(name: string, attempt: RecordedRun['attempts'][number], end: WitnessEnd | undefined): Finding[] {
  // It was killed before it could say how it ended; then it did not succeed.
  const truth = end === undefined ? 'was killed' : `ended with ${end.exitCode}`;
  const succeeded = end !== undefined && end.exitCode === 0;
  if (attempt.state === 'Succeeded' && !succeeded) {
    return [{ check: 'state-contradicts-witness', detail: `${name}: recorded as Succeeded, and it ${truth}` }];
  }
  if (attempt.state === 'Failed' && succeeded) {
    return [{ check: 'state-contradicts-witness', detail: `${name}: recorded as Failed, and it ${truth}` }];
  }
  return [];
}
