import { formatAge } from '../../../base/index.js';
import { type Run, runDuration } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';

/** Rows of a group; the line above counts them all. */
const SHOWN_MAX = 50;

/** Of a run of a task with several slots: what became of the others of the same time point, those that did not end well first. */
export async function addGroup({ spec, metadata }: Run, description: Description, deps: CliDeps): Promise<void> {
  if (spec.group === undefined) return;
  // The task is indexed: of its runs those of the group are picked out.
  const query = { fieldSelector: `spec.taskUid=${spec.taskUid},spec.group=${spec.group}` };
  const { items } = await listAll<Run>(await deps.api(), resourcePath('runs', metadata.namespace), query);
  const now = deps.clock.now();
  const runs = [...items].sort((a, b) => weight(a) - weight(b) || bySlot(a, b));
  description.field('Group', `${spec.group} (${groupWords(runs)})`);
  description.table(
    'Group Runs',
    ['Slot', 'Name', 'Status', 'Agent', 'Exit', 'Duration'],
    runs
      .slice(0, SHOWN_MAX)
      .map((run) => [
        run.spec.slot,
        run.metadata.name,
        stateOf(run),
        run.status?.agent ?? '<none>',
        String(run.status?.exitCode ?? run.status?.signal ?? '<none>'),
        runDuration(run, { now, age: formatAge }),
      ]),
  );
}

/** `6 runs: 1 Failed, 5 Succeeded`. */
export function groupWords(runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(stateOf(run), (counts.get(stateOf(run)) ?? 0) + 1);
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}: ${states}`;
}

const stateOf = ({ status }: Run): string => status?.state ?? 'Pending';

const ORDER: readonly string[] = ['Failed', 'TimedOut', 'Lost', 'Missed', 'Cancelled', 'Skipped', 'Running'];

/** Good ends last, and before them what has not ended. */
function weight(run: Run): number {
  const at = ORDER.indexOf(stateOf(run));
  if (at >= 0) return at;
  return stateOf(run) === 'Succeeded' ? ORDER.length + 1 : ORDER.length;
}

function bySlot({ spec: a }: Run, { spec: b }: Run): number {
  return a.slot.localeCompare(b.slot, 'en', { numeric: true });
}
