import type { Calendar, Task } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';

const DAY_MS = 86_400_000;
const NEXT_DAYS = 10;

/** Its days, the next ones from today on, and the tasks that name it. */
export async function describeCalendar(object: Calendar, description: Description, deps: CliDeps): Promise<void> {
  const { metadata, spec } = object;
  const { calendarDays, calendarReferences } = await import('../../heavy/manifests.js');
  description
    .field('Description', spec.description ?? '<none>')
    .field('Time Zone', spec.timeZone ?? '<that of each schedule>')
    .field('Weekdays', spec.weekdays?.join(', ') ?? '<none>')
    .field('Dates', spec.dates?.join(', ') ?? '<none>');
  const days = calendarDays(spec);
  const next: string[] = [];
  let day = days.nextIn(Math.floor(deps.clock.now() / DAY_MS));
  while (day !== undefined && next.length < NEXT_DAYS) {
    next.push(dateText(day));
    day = days.nextIn(day + 1);
  }
  description.field('Next Days', next.length === 0 ? '<none>' : next.join(', '));
  const { items } = await listAll<Task>(await deps.api(), resourcePath('tasks', metadata.namespace ?? ''));
  description.table(
    'Tasks',
    ['Task', 'Use', 'Of'],
    items.flatMap((task) =>
      calendarReferences(task.spec)
        .filter(({ name }) => name === metadata.name)
        .map(({ field }) => [
          task.metadata.name,
          field.includes('.exclude[') ? 'exclude' : 'only',
          placeOf(task, field),
        ]),
    ),
  );
}

/** `Fri 2026-12-25`. */
function dateText(day: number): string {
  const date = new Date(day * DAY_MS);
  return `${date.toUTCString().slice(0, 3)} ${date.toISOString().slice(0, 10)}`;
}

/** `all schedules`, `schedule nightly`. */
function placeOf({ spec }: Task, field: string): string {
  const index = /^spec\.schedules\[(\d+)\]/.exec(field)?.[1];
  return index === undefined ? 'all schedules' : `schedule ${spec.schedules?.[Number(index)]?.name ?? 'default'}`;
}
