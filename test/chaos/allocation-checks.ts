// What ZooKeeper's log says about ownership: guarantee 3, and that no process started without a claim of its owner.
import { type Finding, nameOf } from './findings.js';
import { groupBy } from './group-by.js';
import type { History, RecordVersion, Stretch } from './history.js';

/** A leader may act on an absence for as long after its end: it decides, writes in slices, and may be slow. */
const ABSENCE_REMEMBERED_MS = 30_000;

export function allocationChecks(history: History): Finding[] {
  const versions = groupBy(history.versions, ({ taskUid }) => taskUid);
  const findings: Finding[] = [];
  for (const list of versions.values()) {
    list.sort((a, b) => (a.zxid < b.zxid ? -1 : 1));
    findings.push(...cursors(list), ...moves(list, history), ...stableVersions(list, history.stable));
  }
  for (const { time, path } of history.listWrites.filter(({ time }) => within(time, history.stable))) {
    findings.push({ check: 'allocation-write-in-stable-time', detail: `${path} at ${new Date(time).toISOString()}` });
  }
  return [...findings, ...claims(history, versions)];
}

function cursors(list: readonly RecordVersion[]): Finding[] {
  return list.flatMap((version, i) => {
    const before = list[i - 1];
    if (before === undefined || version.cursor >= before.cursor) return [];
    return [{ check: 'cursor-backwards', detail: `${version.taskUid}: from ${before.cursor} to ${version.cursor}` }];
  });
}

function moves(list: readonly RecordVersion[], { presence }: History): Finding[] {
  return list.flatMap((version, i) => {
    const before = list[i - 1]?.owner;
    // No owner at all: the task is deleted, or nobody may have it.
    if (before === undefined || before === null || version.owner === null || version.owner === before) return [];
    const mine = presence.filter(({ agent }) => agent === before);
    const since = version.time - ABSENCE_REMEMBERED_MS;
    const covers = mine.some(({ from, to }) => from <= since && (to === undefined || to > version.time));
    if (!covers) return [];
    const when = new Date(version.time).toISOString();
    return [
      { check: 'moved-while-present', detail: `${version.taskUid}: from ${before} to ${version.owner} at ${when}` },
    ];
  });
}

function stableVersions(list: readonly RecordVersion[], stable: readonly Stretch[]): Finding[] {
  return list.flatMap((version, i) => {
    const before = list[i - 1];
    if (!within(version.time, stable) || before?.leaderPart === version.leaderPart) return [];
    const when = new Date(version.time).toISOString();
    return [
      { check: 'allocation-write-in-stable-time', detail: `${version.taskUid} at ${when}: ${version.leaderPart}` },
    ];
  });
}

function claims(history: History, versions: ReadonlyMap<string, readonly RecordVersion[]>): Finding[] {
  const findings: Finding[] = [];
  const uids = new Map(history.tasks.map(({ id, uid }) => [id, uid]));
  for (const start of history.starts) {
    const list = versions.get(uids.get(start.task) ?? '') ?? [];
    const found = list.filter((version, i) => authorises(version, list[i - 1], start));
    const name = `${nameOf(start.task, start.point)} attempt ${start.attempt} on ${start.agent}`;
    if (found.length === 0) findings.push({ check: 'started-without-claim', detail: name });
    else if (!found.some(({ owner }) => owner === start.agent)) {
      findings.push({ check: 'foreign-agent', detail: `${name}: claimed by ${found.map(({ owner }) => owner)}` });
    }
  }
  return findings;
}

/** The first attempt is claimed by moving the cursor to its time point; a later one by its number, wherever the cursor is. */
function authorises(
  version: RecordVersion,
  before: RecordVersion | undefined,
  { point, attempt }: { point: number; attempt: number },
): boolean {
  if (version.claimId === before?.claimId || version.attempt !== attempt) return false;
  return attempt === 1 ? version.cursor === point : version.cursor >= point;
}

function within(time: number, stretches: readonly Stretch[]): boolean {
  return stretches.some(({ from, to }) => time > from && time <= to);
}
