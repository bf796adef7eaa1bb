// Who is told of what: the entries of `spec.notify`, and what there is to tell by now.
import type { Cluster, RunNotify } from '../../../manifests/index.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';
import { alarmsOf } from '../../resources/cluster-alarms.js';
import { ago, selectorWords } from './parts.js';

const NONE = '<none>';

type Entry = Pick<RunNotify, 'notifier' | 'to'> &
  Partial<Omit<RunNotify, 'on'>> & { readonly on?: readonly string[] | undefined };

/** A column for each thing that any of the entries says. */
export function addNotify(description: Description, title: string, entries: readonly Entry[] = []): void {
  const columns = COLUMNS.filter(([, cell], index) => index < ALWAYS || entries.some((one) => cell(one) !== undefined));
  description.table(
    title,
    columns.map(([head]) => head),
    entries.map((one) => columns.map(([, cell]) => cell(one) ?? NONE)),
  );
}

const COLUMNS: readonly (readonly [head: string, cell: (entry: Entry) => string | undefined])[] = [
  ['Notifier', ({ notifier }) => notifier],
  ['On', ({ on }) => on?.join(',')],
  ['Late After', ({ on, lateAfter }) => (on?.includes('Late') ? (lateAfter ?? '1m') : undefined)],
  ['Longer Than', ({ longerThan }) => longerThan],
  ['After', ({ after = 1 }) => (after === 1 ? undefined : `${after} failures`)],
  ['Namespaces', ({ namespaces }) => namespaces?.join(',')],
  ['Selector', ({ selector }) => (selector === undefined ? undefined : selectorWords(selector).join(', '))],
  ['To', ({ to }) => to?.join(',')],
  ['Subject', ({ subject }) => subject],
];
const ALWAYS = 2;

/** What is wrong with the cluster by now, as far as the center has told it. */
export async function addAlarms(description: Description, { metadata }: Cluster, deps: CliDeps): Promise<void> {
  const alarms = await alarmsOf(metadata.name, await deps.api());
  if (alarms === undefined) {
    description.field('Alarms', '<unknown>');
    return;
  }
  const now = deps.clock.now();
  description.table(
    'Alarms',
    ['Event', 'About', 'Age', 'Message', 'See'],
    alarms.map(({ event, subject, since, message, commands }) => [
      ...[event, subject, ago(since, now), message],
      commands[0] ?? NONE,
    ]),
  );
}
