// The columns of a table on the screen: those of `ctask get`, with the value each is sorted by.
import { formatAge } from '../../../base/index.js';
import {
  type Agent,
  type Column,
  columnsOf,
  type Event,
  labelsText,
  type Run,
  type Task,
} from '../../../manifests/index.js';
import type { Resource } from '../../client/discovery.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Align } from '../text/line.js';
import { taskFacts } from './facts.js';
import { isOverdue } from './faults.js';
import { nextDue } from './fires.js';

export type SortValue = string | number | undefined;

export interface TableColumn {
  readonly name: string;
  readonly align: Align;
  readonly text: (object: ApiObject, now: number) => string;
  /** Undefined comes last, whichever way it is sorted. */
  readonly value: (object: ApiObject, now: number) => SortValue;
  /** Its value changes with time alone. */
  readonly moves?: boolean;
  /** Where it is cut: these names are told apart by their ends. */
  readonly cut?: 'middle';
}

const time = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
/** The younger, the smaller. */
const age = (text: string | undefined): number | undefined => (text === undefined ? undefined : -Date.parse(text));

/** Where the words are not what counts: `9m` comes before `10m`, and Monday's run before Tuesday's. */
const values: Readonly<Record<string, (object: never, now: number) => SortValue>> = {
  AGE: ({ metadata }: ApiObject) => age(metadata.creationTimestamp),
  'Task/LAST-RUN': ({ status }: Task) => age(status?.lastRun?.time),
  'Task/NEXT-RUN': (task: Task) => taskFacts(task).next,
  'Run/EXIT': ({ status }: Run) => status?.exitCode ?? status?.signal,
  'Run/DURATION': ({ status }: Run, now) =>
    status?.startTime === undefined ? undefined : (time(status.endTime) ?? now) - Date.parse(status.startTime),
  'Run/SCHEDULED': ({ spec }: Run) => time(spec.scheduledTime),
  'Agent/HEARTBEAT': ({ status }: Agent) => age(status?.heartbeatTime),
  'Agent/LOAD': ({ status }: Agent) => status?.load,
  'Agent/MEM': ({ status }: Agent) => status?.memoryBytes,
  'Event/LAST-SEEN': ({ spec }: Event) => age(spec.lastTime),
  'Event/FIRST-SEEN': ({ spec }: Event) => age(spec.firstTime),
};

/** Where the dashboard, which is current, can say more than a list. */
const texts: Readonly<Record<string, (object: never, now: number) => string | undefined>> = {
  'Task/NEXT-RUN': (task: Task, now) => {
    const { next, firesFrom } = taskFacts(task);
    if (now < firesFrom || next === undefined || next > now) return undefined;
    if (isOverdue(task, now)) return 'overdue';
    const due = nextDue(task, now);
    return due === undefined ? undefined : formatAge(due - now);
  },
};

/** How long a run takes, while it runs. */
const MOVING = new Set(['Run/DURATION']);
const CUT_IN_THE_MIDDLE = new Set(['Run/NAME', 'Run/AGENT']);
const NUMBERS = new Set([
  'EXIT',
  'RUNNING',
  'LOAD',
  'TASKS',
  'AGENTS',
  'COUNT',
  'CAPACITY',
  'CPU',
  'ACTIVE',
  'ATTEMPT',
]);

/** Of the wide ones these are shown where there is room, which a list that is printed does not know. */
const ALSO_SHOWN = new Set(['Run/REASON', 'Agent/TASKS', 'Cluster/DESCRIPTION']);

const labels: Column<never> = { name: 'LABELS', cell: ({ metadata }: ApiObject) => labelsText(metadata.labels) };

/** Of a kind that is known by its name only, the labels are all that tells its objects apart. */
function allColumns(kind: string): readonly Column<never>[] {
  const columns = columnsOf(kind);
  return columns.length > 2 ? columns : [...columns, labels];
}

export function tableColumns(resource: Resource, options: { wide: boolean; namespaces: boolean }): TableColumn[] {
  const { kind } = resource;
  const columns: TableColumn[] = allColumns(kind)
    .filter(({ name, wide }) => options.wide || wide !== true || ALSO_SHOWN.has(`${kind}/${name}`))
    .map(({ name, cell }) => {
      const own = texts[`${kind}/${name}`];
      const text = (object: ApiObject, now: number) =>
        own?.(object as never, now) ?? safeCell(cell(object as never, { now, age: formatAge }));
      const value = values[`${kind}/${name}`] ?? values[name];
      return {
        name,
        align: NUMBERS.has(name) ? 'right' : 'left',
        moves: MOVING.has(`${kind}/${name}`),
        ...(CUT_IN_THE_MIDDLE.has(`${kind}/${name}`) ? { cut: 'middle' as const } : {}),
        text,
        value: (object, now) => (value === undefined ? cellValue(text(object, now)) : value(object as never, now)),
      };
    });
  if (options.namespaces && resource.namespaced) {
    const text = ({ metadata }: ApiObject) => safeCell(metadata.namespace ?? '');
    columns.unshift({ name: 'NAMESPACE', align: 'left', text, value: text });
  }
  return columns;
}

/** What says `<none>` has no value; numbers count as such. */
export function cellValue(text: string): SortValue {
  if (text === '' || text.startsWith('<')) return undefined;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Texts that compare as people order them: numbers by their size, capitals like small letters. Made once per object, since
 * comparing by locale takes many times as long. */
export function orderKey(value: SortValue): SortValue {
  if (typeof value !== 'string') return value;
  return value.toLowerCase().replace(/\d+/g, (digits) => String.fromCharCode(0x100 + digits.length) + digits);
}

/** By value; what has none comes last, also when `descending`. Numbers come before texts. @param a of `orderKey`. */
export function compareValues(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const before = typeof a === typeof b ? a < b : typeof a === 'number';
  return before === descending ? 1 : -1;
}
