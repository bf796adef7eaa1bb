// A store that was restored is made usable: it must not say again what it has said before with another meaning.
import { scanTriggerRecords } from '../../../coordination/index.js';
import { RESTORED } from '../../store/restore-book.js';
import { verdictReport } from '../bookkeeping/run-facts.js';
import type { Leadership } from '../leadership.js';

/** Runs per transaction. */
const SLICE = 500;
/** The store's time of its last checkpoint is that much older than the backup at most, while a center led. */
const CHECKPOINT_AGE_MAX_MS = 20_000;

/**
 * Runs that were open when the backup was made have gone on since, and nobody will tell of those that ended: they are Lost
 * until their agent says how they ended. Returns how many.
 */
export async function settleRestoredStore(
  leadership: Leadership,
  resourceVersion: number,
  backTo: number,
): Promise<number> {
  const { store, fence, coordinator, layout, clock, log } = leadership;
  const revisions: Record<string, number> = {};
  await scanTriggerRecords(
    coordinator,
    layout,
    ({ taskUid, record }) => {
      revisions[taskUid] = Math.max(record.revision, revisions[taskUid] ?? 0);
    },
    (path, error) => log.error({ path, err: error }, 'trigger record is not readable'),
  );
  const ageMs = backTo === 0 ? 0 : clock.now() - backTo;
  await store.restores.leaveVersionsBehind({ resourceVersion, revisions, ageMs }, fence);
  const open = await store.openRuns({});
  const known = open.filter(({ metadata }) => Date.parse(metadata.creationTimestamp) <= backTo + CHECKPOINT_AGE_MAX_MS);
  const time = clock.now();
  const message = 'the run was open in the backup from which the store was restored; what became of it was lost';
  for (let start = 0; start < known.length; start += SLICE) {
    const verdicts = known.slice(start, start + SLICE).map((run) => {
      const report = verdictReport(run, { state: 'Lost', reason: RESTORED, message, time });
      return { report, agent: run.status?.agent ?? null };
    });
    await store.recordVerdicts(verdicts, fence);
  }
  return known.length;
}
