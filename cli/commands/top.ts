// ctask top: who and what is busy, from what the center knows: heartbeats and kept runs.
import type { Command } from 'commander';
import { formatAge } from '../../base/index.js';
import { type Agent, isFinal, type Run, type Task } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll, type ObjectList, PAGE_SIZE } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { Table } from '../output/table.js';
import { usage } from '../resources/target.js';

const DAY_MS = 86_400_000;
const HISTORY_RUNS_DEFAULT = 100;

export interface TopOptions {
  what: 'agents' | 'tasks' | 'runs';
  allNamespaces: boolean;
  selector?: string;
  headers: boolean;
  sortBy?: string;
}

type TopFlags = Omit<TopOptions, 'what'>;

const NAMES: Readonly<Record<string, TopOptions['what']>> = {
  ...{ agents: 'agents', agent: 'agents', ag: 'agents', tasks: 'tasks', task: 'tasks', tk: 'tasks' },
  ...{ runs: 'runs', run: 'runs', ru: 'runs' },
};

export function defineTop(program: Command, deps: CliDeps, run = runTop): void {
  const command = program
    .command('top')
    .description('Show what is busy: agents by load, tasks by the runs of the last 24 hours, runs by their duration')
    .argument('<what>', 'agents, tasks or runs')
    .option('-A, --all-namespaces', 'of all namespaces', false)
    .option('-l, --selector <labels>', 'only with these labels')
    .option('--no-headers', 'leave out the header line')
    .option('--sort-by <column>', 'name of a column; the busiest first unless given');
  addExamples(command, [
    { say: 'Agents by their load', run: 'ctask top agents' },
    { say: 'Tasks by how often they ran and failed', run: 'ctask top tasks -A' },
    { say: 'What has been running for longest', run: 'ctask top runs' },
  ]).action((word: string, flags: TopFlags) => {
    const what = NAMES[word.toLowerCase()];
    if (what === undefined) throw usage(`"${word}" is not one of agents, tasks, runs`);
    return run({ ...flags, what }, deps);
  });
}

/** A row: its cells, and what they are ordered by. */
interface Row {
  readonly cells: readonly string[];
  readonly weights: readonly (number | string)[];
}

interface Sheet {
  readonly headers: readonly string[];
  readonly rows: readonly Row[];
  /** Column by which the busiest come first. */
  readonly by: string;
}

export async function runTop(options: TopOptions, deps: CliDeps): Promise<void> {
  const sheets = { agents: agentSheet, tasks: taskSheet, runs: runSheet };
  const { headers, rows, by } = await sheets[options.what](options, deps);
  const column = headers.indexOf((options.sortBy ?? by).toUpperCase());
  if (column === -1) throw usage(`--sort-by "${options.sortBy}" is not one of ${headers.join(', ')}`);
  if (rows.length === 0) return deps.say('No resources found');
  const ordered = [...rows].sort(
    (a, b) => order(a.weights[column], b.weights[column]) || order(a.weights[0], b.weights[0]),
  );
  const table = new Table({ headers, noHeaders: !options.headers, width: deps.host.stdout.columns });
  await deps.out(table.render(ordered.map(({ cells }) => cells)));
}

/** Numbers from the greatest, words by the alphabet; what is not known comes last. */
function order(a: number | string | undefined, b: number | string | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** What is not known: it comes last. */
const NOT_KNOWN = Number.NEGATIVE_INFINITY;

async function agentSheet({ selector }: TopOptions, deps: CliDeps): Promise<Sheet> {
  const { items } = await listAll<Agent>(await deps.api(), resourcePath('agents'), { labelSelector: selector });
  const rows = items.map(({ metadata, status }): Row => {
    const { load, cpus, running = 0, tasks = 0, spoolBytes = 0 } = status ?? {};
    const share = load === undefined || !cpus ? NOT_KNOWN : (load / cpus) * 100;
    const cells = [
      metadata.name,
      share === NOT_KNOWN ? '<unknown>' : `${Math.round(share)}%`,
      load?.toFixed(2) ?? '<unknown>',
      String(cpus ?? '<unknown>'),
      String(running),
      String(tasks),
      `${Math.ceil(spoolBytes / 1024)}Ki`,
    ];
    return { cells, weights: [metadata.name, share, load ?? NOT_KNOWN, cpus ?? NOT_KNOWN, running, tasks, spoolBytes] };
  });
  return { headers: ['NAME', 'LOAD%', 'LOAD', 'CPUS', 'RUNNING', 'TASKS', 'SPOOL'], rows, by: 'LOAD%' };
}

async function runSheet({ allNamespaces, selector }: TopOptions, deps: CliDeps): Promise<Sheet> {
  const { namespace } = await deps.settings();
  const path = resourcePath('runs', allNamespaces ? undefined : namespace);
  const query = { fieldSelector: 'status.state=Running', labelSelector: selector };
  const { items } = await listAll<Run>(await deps.api(), path, query);
  const now = deps.clock.now();
  const rows = items.map(({ metadata, spec, status }): Row => {
    const attempt = status?.attempts?.at(-1);
    const duration = now - (Date.parse(attempt?.startTime ?? status?.startTime ?? '') || now);
    const number = attempt?.number ?? 1;
    const own = [spec.task, status?.agent ?? '<none>', String(number), formatAge(Math.max(0, duration))];
    const head = allNamespaces ? [metadata.namespace ?? ''] : [];
    return {
      cells: [...head, metadata.name, ...own],
      weights: [...head, metadata.name, spec.task, status?.agent ?? '', number, duration],
    };
  });
  const head = allNamespaces ? ['NAMESPACE'] : [];
  return { headers: [...head, 'NAME', 'TASK', 'AGENT', 'ATTEMPT', 'DURATION'], rows, by: 'DURATION' };
}

async function taskSheet({ allNamespaces, selector }: TopOptions, deps: CliDeps): Promise<Sheet> {
  const { namespace } = await deps.settings();
  const scope = allNamespaces ? undefined : namespace;
  const query = { labelSelector: selector };
  const { items: tasks } = await listAll<Task>(await deps.api(), resourcePath('tasks', scope), query);
  const sums = new Map<string, TaskRuns>();
  for await (const run of runsOfADay(resourcePath('runs', scope), deps)) {
    if (run.status?.startTime === undefined) continue;
    const sum = sums.get(run.spec.taskUid) ?? { begun: 0, ended: 0, failed: 0, durations: [] };
    count(sum, run);
    sums.set(run.spec.taskUid, sum);
  }
  const head = allNamespaces ? ['NAMESPACE'] : [];
  const rows = tasks.map((task): Row => {
    const own = sums.get(task.metadata.uid ?? '') ?? NO_RUNS;
    const { cells, weights } = figures(own, task.spec.history?.runs ?? HISTORY_RUNS_DEFAULT);
    const names = [...(allNamespaces ? [task.metadata.namespace ?? ''] : []), task.metadata.name];
    return { cells: [...names, ...cells], weights: [...names, ...weights] };
  });
  return { headers: [...head, 'NAME', 'RUNS/24H', 'FAIL%', 'P50', 'P95', 'MAX'], rows, by: 'RUNS/24H' };
}

/** Newest first, and no further back than a day. */
async function* runsOfADay(path: string, deps: CliDeps): AsyncGenerator<Run> {
  const api = await deps.api();
  const since = deps.clock.now() - DAY_MS;
  let token: string | undefined;
  do {
    const page: ObjectList<Run> = await api.get(path, { limit: PAGE_SIZE, continue: token });
    for (const run of page.items) {
      if (Date.parse(run.metadata.creationTimestamp ?? '') < since) return;
      yield run;
    }
    token = page.metadata.continue || undefined;
  } while (token !== undefined);
}

/** What is kept of the runs of a task: of 100,000 of them this, and not they. */
interface TaskRuns {
  begun: number;
  ended: number;
  failed: number;
  /** ms, of those that ended. */
  readonly durations: number[];
}

const NO_RUNS: TaskRuns = { begun: 0, ended: 0, failed: 0, durations: [] };

function count(sum: TaskRuns, { status }: Run): void {
  const state = status?.state ?? 'Pending';
  sum.begun += 1;
  if (!isFinal(state)) return;
  sum.ended += 1;
  if (state !== 'Succeeded' && state !== 'Cancelled') sum.failed += 1;
  if (status?.endTime === undefined) return;
  sum.durations.push(Date.parse(status.endTime) - Date.parse(status.startTime ?? status.endTime));
}

/** `100+`: the history keeps no more, so there were perhaps more. */
function figures({ begun, ended, failed, durations }: TaskRuns, kept: number): { cells: string[]; weights: number[] } {
  durations.sort((a, b) => a - b);
  const quantile = (q: number) => durations[Math.max(0, Math.ceil(durations.length * q) - 1)];
  const share = ended === 0 ? NOT_KNOWN : (failed / ended) * 100;
  const times = [quantile(0.5), quantile(0.95), durations.at(-1)];
  const words = (ms: number | undefined) => (ms === undefined ? '<none>' : ms < 1000 ? `${ms}ms` : formatAge(ms));
  return {
    cells: [
      `${begun}${ended >= kept ? '+' : ''}`,
      share === NOT_KNOWN ? '<none>' : `${Math.round(share)}%`,
      ...times.map(words),
    ],
    weights: [begun, share, ...times.map((ms) => ms ?? NOT_KNOWN)],
  };
}
