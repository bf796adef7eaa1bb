// What a row of a table says, and what has become of it, in words to be heard (T-60).
import type { Task } from '../../../manifests/index.js';
import type { ApiObject } from '../../resources/api-object.js';
import { taskFacts } from '../views/facts.js';
import type { TableColumn } from '../views/table-columns.js';

/** What changes by itself, or at each heartbeat: nobody wants to be told. */
const RESTLESS: ReadonlySet<string> = new Set([
  ...['AGE', 'LAST-SEEN', 'FIRST-SEEN', 'HEARTBEAT', 'NEXT-RUN', 'DURATION', 'LATENCY', 'LOAD', 'MEM', 'CPU'],
  ...['RUNNING', 'ACTIVE', 'COUNT', 'TASKS'],
]);
const AGO: ReadonlySet<string> = new Set(['HEARTBEAT', 'LAST-SEEN', 'FIRST-SEEN']);
/** They are what the row is called by. */
const NAMES: ReadonlySet<string> = new Set(['NAMESPACE', 'NAME']);
const LAST_RUN = 'LAST-RUN';

/** `nightly`, or `billing/nightly` among objects of several namespaces. */
export function rowName({ metadata }: ApiObject, namespaces: boolean): string {
  return namespaces && metadata.namespace !== undefined ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** `schedule 0 2 * * *, status Active, last run Succeeded 10h ago, next run in 14h, age 31d`. */
export function rowWords(columns: readonly TableColumn[], object: ApiObject, now: number): string {
  const said = columns.flatMap(({ name, text }) => {
    const words = NAMES.has(name) ? undefined : cellWords(name, text(object, now));
    return words === undefined ? [] : [`${spoken(name)} ${words}`];
  });
  return said.join(', ');
}

/** What is worth telling when it is another one. */
export function rowFacts(columns: readonly TableColumn[], object: ApiObject, now: number): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  for (const { name, text } of columns) {
    if (NAMES.has(name) || RESTLESS.has(name)) continue;
    const cell = text(object, now);
    facts.set(spoken(name), name === LAST_RUN ? (cell.split('/')[0] ?? '') : plain(cell));
  }
  // Of two runs that ended alike the second one is news too.
  if (object.kind === 'Task') facts.set(LAST_RUN, String(taskFacts(object as unknown as Task).lastTime ?? ''));
  return facts;
}

/** `status Running, was Active`; undefined when nothing is different. */
export function changeWords(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string | undefined {
  const said = [...now].flatMap(([name, value]) => {
    const old = before.get(name) ?? '';
    if (old === value || name === LAST_RUN) return [];
    return [`${name} ${plain(value) || 'none'}${plain(old) === '' ? '' : `, was ${plain(old)}`}`];
  });
  if (said.length === 0 && before.get(LAST_RUN) !== now.get(LAST_RUN)) {
    return `ran again: ${now.get(spoken(LAST_RUN)) ?? 'last run'}`;
  }
  return said.length === 0 ? undefined : said.join('; ');
}

const spoken = (name: string): string => name.toLowerCase().replaceAll('-', ' ');
/** `<none>` and such are no values. */
const plain = (cell: string): string => (cell.startsWith('<') ? '' : cell);

function cellWords(name: string, cell: string): string | undefined {
  if (plain(cell) === '') return undefined;
  if (name === LAST_RUN) return `${cell.replace('/', ' ')} ago`;
  if (name === 'NEXT-RUN') return /^\d/.test(cell) ? `in ${cell}` : cell;
  return AGO.has(name) ? `${cell} ago` : cell;
}
