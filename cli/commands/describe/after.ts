// What a task waits for, and who waits for it, as `describe` and `why` show it.
import type { Instant } from '../../../base/index.js';
import type { Description } from '../../output/description.js';
import type { Why } from '../../resources/why.js';
import { timeAndAge } from './parts.js';

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
      after.tasks.map(({ name, on, missing, arrived }) => [
        name,
        on,
        arrived?.state ?? (missing ? '<task not found>' : '<none>'),
        arrived?.run ?? '<none>',
        arrived === undefined ? '<none>' : timeAndAge(arrived.time, now),
      ]),
    );
  }
  if (triggers.length === 0) return;
  const more = triggers.length > NAMED_MAX ? ` and ${triggers.length - NAMED_MAX} more` : '';
  description.field('Triggers', `${triggers.slice(0, NAMED_MAX).join(', ')}${more}`);
}
