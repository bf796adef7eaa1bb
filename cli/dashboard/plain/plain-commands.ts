// What one may type besides the names of kinds. The texts are those of the commands of the same names.
import type { Instant } from '../../../base/index.js';
import type { Task } from '../../../manifests/index.js';
import { runDescribe } from '../../commands/describe/describe.js';
import { runLogs } from '../../commands/logs/logs.js';
import { runNext } from '../../commands/next.js';
import { runWhy } from '../../commands/why.js';
import type { CliDeps } from '../../deps.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import type { Center } from '../actions/center.js';
import type { TableScreen } from '../navigation/table-screen.js';
import { nextDue } from '../views/fires.js';
import { clockTime, distance } from '../views/times.js';
import { rowName } from './row-words.js';

export interface PlainCommand {
  readonly name: string;
  readonly argument?: string;
  readonly help: string;
  /** The text. */
  readonly run: (center: Center, screen: TableScreen, argument: string) => Promise<string>;
}

const LOG_LINES = 100;
const TIMES = 5;
/** Tasks that are due first. */
const DUE_MAX = 10;

const LOGS = {
  ...{ follow: false, followNext: false, tail: LOG_LINES, timestamps: false, previous: false, prefix: false },
  ...{ raw: false, ndjson: false, allRuns: false, allNamespaces: false, maxLogRequests: 1, ignoreErrors: false },
  propagateExitCode: false,
};

export const plainCommands: readonly PlainCommand[] = [
  {
    name: 'describe',
    argument: 'NAME',
    help: 'everything about one of them',
    run: (center, screen, name) => {
      const options = { allNamespaces: false, showEvents: true, filename: [] };
      return about(center, find(screen, name), (deps, found) =>
        runDescribe([screen.resource.name, found], options, deps),
      );
    },
  },
  {
    name: 'yaml',
    argument: 'NAME',
    help: 'its manifest',
    run: (center, screen, name) => center.yaml(screen.resource, find(screen, name), false),
  },
  {
    name: 'logs',
    argument: 'NAME',
    help: `the last ${LOG_LINES} lines of a run, or of the latest run of a task`,
    run: (center, screen, name) => {
      const object = find(screen, name);
      if (object.kind !== 'Task' && object.kind !== 'Run') throw usage(`${screen.resource.name} have no logs`);
      return about(center, object, (deps, found) => runLogs(`${object.kind.toLowerCase()}/${found}`, LOGS, deps));
    },
  },
  {
    name: 'next',
    argument: '[NAME]',
    help: 'when a task is due; without a name, which are due first',
    run: (center, screen, name) => {
      const from = center.deps.clock.now();
      if (name === '') return dueFirst(screen, from);
      const times = { all: false, from, count: TIMES };
      return about(center, findTask(screen, name), (deps, task) => runNext({ task, ...times }, deps));
    },
  },
  {
    name: 'why',
    argument: 'NAME',
    help: 'why a task does not run',
    run: (center, screen, name) => about(center, findTask(screen, name), (deps, task) => runWhy({ task }, deps)),
  },
];

async function about(
  center: Center,
  { metadata }: ApiObject,
  command: (deps: CliDeps, name: string) => Promise<void>,
): Promise<string> {
  const { out, said } = await center.capture(metadata.namespace, (deps) => command(deps, metadata.name));
  return [...said.map((line) => `${line}\n`), out].join('');
}

function findTask(screen: TableScreen, name: string): ApiObject {
  if (screen.resource.kind !== 'Task') throw usage('that is asked about tasks: type tasks first');
  return find(screen, name);
}

/** `nightly: in 14h, 02:00:00Z`, the earliest first. */
async function dueFirst({ feed, namespace, resource }: TableScreen, now: Instant): Promise<string> {
  if (resource.kind !== 'Task') throw usage('that is asked about tasks: type tasks first');
  const due = [...(feed?.objects.values() ?? [])].flatMap((object) => {
    const time = nextDue(object as unknown as Task, now);
    return time === undefined ? [] : [{ name: rowName(object, namespace === undefined), time }];
  });
  const first = due.sort((a, b) => a.time - b.time).slice(0, DUE_MAX);
  if (first.length === 0) return 'nothing is due';
  return first.map(({ name, time }) => `${name}: ${distance(time, now)}, ${clockTime(time, now)}`).join('\n');
}

/** `NAME`, or `NAMESPACE/NAME`, among all rows. Throws CT_USAGE. */
function find({ feed, resource }: TableScreen, word: string): ApiObject {
  if (word === '') throw usage(`give the name of one of the ${resource.name}`);
  const [namespace, name] = word.includes('/') ? word.split('/', 2) : [undefined, word];
  const found = [...(feed?.objects.values() ?? [])].filter(
    ({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
  );
  const [only, another] = found;
  if (only === undefined) throw usage(`there is no ${resource.singularName} ${word} here`);
  if (another === undefined) return only;
  throw usage(`there are ${found.length}: say which, e.g. ${only.metadata.namespace}/${word}`);
}
