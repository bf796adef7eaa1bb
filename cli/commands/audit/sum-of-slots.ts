import type { TaskAudit } from './judge.js';

/** One line per task: counts of all its slots, and which slot lacks what. */
export function sumOfSlots(
  { namespace, task }: Pick<TaskAudit, 'namespace' | 'task'>,
  slots: readonly { readonly slot: string; readonly audit: TaskAudit }[],
): TaskAudit {
  const audits = slots.map(({ audit }) => audit);
  const sum = (count: (audit: TaskAudit) => number) => audits.reduce((total, audit) => total + count(audit), 0);
  const named = (points: (audit: TaskAudit) => readonly string[]) =>
    slots.flatMap(({ slot, audit }) => points(audit).map((point) => (slot === '' ? point : `${point} (slot ${slot})`)));
  const since = audits.flatMap(({ judgedSince }) => judgedSince ?? []).sort()[0];
  const latenesses = audits.flatMap(({ latenessP99Ms }) => latenessP99Ms ?? []);
  return {
    ...{ namespace, task },
    ...(since === undefined ? {} : { judgedSince: since }),
    expected: sum(({ expected }) => expected),
    ran: sum(({ ran }) => ran),
    skipped: sum(({ skipped }) => skipped),
    missed: sum(({ missed }) => missed),
    lost: sum(({ lost }) => lost),
    pending: sum(({ pending }) => pending),
    pruned: sum(({ pruned }) => pruned),
    late: sum(({ late }) => late),
    ...(latenesses.length === 0 ? {} : { latenessP99Ms: Math.max(...latenesses) }),
    missing: named(({ missing }) => missing),
    duplicate: named(({ duplicate }) => duplicate),
  };
}
