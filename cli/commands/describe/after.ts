// What a task waits for, and who waits for it, as `describe` and `why` show it.
import type { Instant } from '../../../base/index.js';
import type { Description } from '../../output/description.js';
import type { Why } from '../../resources/why.js';
import { timeAndAge } from './parts.js';

type AfterTask = NonNullable<Why['after']>['tasks'][number];

/** Names on one line. */
const NAMED_MAX = 20;

/** Nothing for a task without dependencies, or when the center does not tell. */
export function addDependencies(description: Description, why: Why | undefined, now: Instant): void {
  const { after, triggers = [] } = why ?? {};
  if (after !== undefined) {
    const within = after.within === undefined ? '' : `, within ${after.within}`;
    description.field('After', `${after.match} of ${after.tasks.length}${within}`);
    description.table(
      'Waits For',
      ['Task', 'On', 'Latest Result', 'Run', 'Ended'],
      after.tasks.map((task) => resultRow(task, now)),
    );
  }
  if (triggers.length === 0) return;
  const more = triggers.length > NAMED_MAX ? ` and ${triggers.length - NAMED_MAX} more` : '';
  description.field('Triggers', `${triggers.slice(0, NAMED_MAX).join(', ')}${more}`);
}

function resultRow({ name, on, missing, arrived, latest }: AfterTask, now: Instant): string[] {
  const result = arrived ?? latest;
  if (result === undefined) return [name, on, missing ? '<task not found>' : '<none>', '<none>', '<none>'];
  // One that was used makes nothing due again; others came before the task waited for them, or are not what it asks for.
  const what = latest === undefined ? '' : latest.used ? ' (used)' : ' (does not count)';
  return [name, on, `${result.state}${what}`, result.run, timeAndAge(result.time, now)];
}
