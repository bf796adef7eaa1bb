// Who holds what, as a tree (T-43): Namespace > Task > Run, and Cluster > Agent > Run. Children are made for nodes that are open only.
import type { Instant } from '../../../base/index.js';
import { type Agent, agentReady, agentState, type Cluster, type Run, type Task } from '../../../manifests/index.js';
import { safeCell } from '../../output/terminal-safety.js';
import { type RunFacts, runFacts, taskFacts } from './facts.js';
import { runTimeWords } from './times.js';

export interface XrayNode {
  /** Stays the same while the object does: what is open is known by it. */
  readonly id: string;
  readonly kind: 'Namespace' | 'Task' | 'Run' | 'Cluster' | 'Agent';
  readonly namespace?: string;
  readonly name: string;
  /** Instead of the name: a row that stands for what is left out below its object. */
  readonly label?: string;
  /** Children; none of a leaf. */
  readonly count: number;
  readonly children: () => readonly XrayNode[];
  /** What its row says besides the name; asked of rows that are seen, of 10,000 open ones too. */
  readonly look: (now: Instant) => XrayLook;
}

export interface XrayLook {
  /** Words for the status column. */
  readonly state: string;
  /** What is below, in words. */
  readonly detail: string;
  /** States of the latest runs, oldest first. */
  readonly history?: readonly string[];
}

export interface XrayRow {
  readonly node: XrayNode;
  /** Lines of the tree before the name. */
  readonly lead: string;
  /** 0 of a root. */
  readonly depth: number;
  readonly open: boolean;
}

/** Runs below a task or an agent: the latest, besides those that are running. */
const RUNS_SHOWN = 10;
export const HISTORY_SHOWN = 8;
const NO_CHILDREN = () => [];
const NO_RUNS: readonly Run[] = [];

/** @param shown which tasks, by `namespace/name`. */
export function buildTaskTree(
  tasks: Iterable<Task>,
  runs: Iterable<Run>,
  shown: (key: string) => boolean = () => true,
): XrayNode[] {
  const byTask = groupRuns(runs, ({ spec }) => spec.taskUid);
  const byNamespace = new Map<string, Task[]>();
  for (const task of tasks) {
    const { key, namespace } = taskFacts(task);
    if (shown(key)) push(byNamespace, namespace, task);
  }
  return sorted([...byNamespace.keys()]).map((namespace) => {
    const own = byNamespace.get(namespace) ?? [];
    return {
      id: `namespace/${namespace}`,
      kind: 'Namespace',
      name: namespace,
      count: own.length,
      children: () => byName(own).map((task) => taskNode(task, byTask.get(task.metadata.uid ?? '') ?? NO_RUNS)),
      look: () => namespaceLook(own),
    };
  });
}

function namespaceLook(tasks: readonly Task[]): XrayLook {
  const failing = tasks.filter((task) => taskFacts(task).failing).length;
  const running = tasks.reduce((sum, { status }) => sum + (status?.activeRuns ?? 0), 0);
  return {
    state: failing > 0 ? 'Degraded' : 'Active',
    detail: words([tasks.length, 'task'], [failing, 'failing'], [running, 'running']),
  };
}

/** Nodes of tasks, kept while neither the task nor its runs change: in an open tree there may be 10,000 of them. */
const taskNodes = new WeakMap<Task, { readonly runs: readonly Run[]; readonly node: XrayNode }>();

function taskNode(task: Task, runs: readonly Run[]): XrayNode {
  const known = taskNodes.get(task);
  if (known?.runs.length === runs.length && known.runs.every((run, index) => run === runs[index])) return known.node;
  const node = newTaskNode(task, runs);
  taskNodes.set(task, { runs, node });
  return node;
}

function newTaskNode(task: Task, runs: readonly Run[]): XrayNode {
  const { namespace, name, key } = taskFacts(task);
  return {
    id: `task/${task.metadata.uid ?? key}`,
    kind: 'Task',
    namespace,
    name,
    count: runs.length,
    children: () => {
      const shown = latest(runs).map((run) => runNode(run, `task/${key}`, run.agent === '' ? '' : `on ${run.agent}`));
      return [...shown, ...leftOut({ kind: 'Task', namespace, name }, runs.length - shown.length)];
    },
    look: () => {
      const { state, failing } = taskFacts(task);
      return {
        state: failing && state === 'Active' ? 'Degraded' : state,
        detail: words([runs.length, 'run'], [task.status?.activeRuns ?? 0, 'running']),
        history: historyOf(runs),
      };
    },
  };
}

/** @param shown which agents, by name; clusters without agents are there when all are. */
export function buildAgentTree(
  clusters: Iterable<Cluster>,
  agents: Iterable<Agent>,
  runs: Iterable<Run>,
  shown?: (name: string) => boolean,
): XrayNode[] {
  const byAgent = groupRuns(runs, ({ status }) => status?.agent ?? '');
  const byCluster = new Map<string, Agent[]>();
  if (shown === undefined) for (const { metadata } of clusters) byCluster.set(safeCell(metadata.name), []);
  for (const agent of agents) {
    if (shown?.(agent.metadata.name) ?? true) push(byCluster, safeCell(agent.spec.cluster ?? 'default'), agent);
  }
  return sorted([...byCluster.keys()]).map((cluster) => {
    const own = byCluster.get(cluster) ?? [];
    return {
      id: `cluster/${cluster}`,
      kind: 'Cluster',
      name: cluster,
      count: own.length,
      children: () => byName(own).map((agent) => agentNode(agent, byAgent.get(agent.metadata.name) ?? [])),
      look: () => clusterLook(own, (agent) => byAgent.get(agent.metadata.name) ?? NO_RUNS),
    };
  });
}

function clusterLook(agents: readonly Agent[], runsOf: (agent: Agent) => readonly Run[]): XrayLook {
  const ready = agents.filter((agent) => agentReady(agent)).length;
  // Runs are younger than what agents last said of themselves.
  const running = agents.reduce((sum, agent) => sum + runningOf(runsOf(agent)), 0);
  return {
    state: ready === 0 ? 'NoAgents' : ready < agents.length ? 'Degraded' : 'Ready',
    detail: `${ready}/${agents.length} agents ready, ${running} running`,
  };
}

const runningOf = (runs: readonly Run[]): number => runs.filter((run) => runFacts(run).state === 'Running').length;

function agentNode(agent: Agent, runs: Run[]): XrayNode {
  const { metadata, status } = agent;
  const name = safeCell(metadata.name);
  return {
    id: `agent/${name}`,
    kind: 'Agent',
    name,
    count: runs.length,
    children: () => {
      const shown = latest(runs).map((run) => runNode(run, `agent/${name}`, `of ${run.taskKey}`));
      return [...shown, ...leftOut({ kind: 'Agent', name }, runs.length - shown.length)];
    },
    look: () => ({
      state: agentState(agent),
      detail: words([status?.tasks ?? 0, 'task'], [status?.running ?? 0, 'running']),
      history: historyOf(runs),
    }),
  };
}

function runNode(run: RunFacts, parent: string, where: string): XrayNode {
  const { namespace, name, state } = run;
  const look = (now: Instant) => ({
    state,
    detail: [runTimeWords(run, now), where].filter((text) => text !== '').join(', '),
  });
  return {
    id: `${parent}/run/${namespace}/${name}`,
    kind: 'Run',
    namespace,
    name,
    count: 0,
    children: NO_CHILDREN,
    look,
  };
}

/** A row for the runs that are not shown: Enter on it leads to all of them. */
function leftOut(parent: Pick<XrayNode, 'kind' | 'namespace' | 'name'>, count: number): XrayNode[] {
  if (count <= 0) return [];
  const id = `${parent.kind}/${parent.namespace}/${parent.name}/more`;
  const label = `${count} older`;
  return [
    { ...parent, id, label, count: 0, children: NO_CHILDREN, look: () => ({ state: '', detail: '<enter> shows all' }) },
  ];
}

/** The rows that are seen when these nodes are open. */
export function xrayRows(roots: readonly XrayNode[], open: ReadonlySet<string>): XrayRow[] {
  const rows: XrayRow[] = [];
  const add = (nodes: readonly XrayNode[], before: string, depth: number) => {
    for (const [index, node] of nodes.entries()) {
      const last = index === nodes.length - 1;
      const isOpen = node.count > 0 && open.has(node.id);
      rows.push({ node, lead: depth === 0 ? '' : `${before}${last ? '└─' : '├─'}`, depth, open: isOpen });
      if (isOpen) add(node.children(), depth === 0 ? ' ' : `${before}${last ? '  ' : '│ '}`, depth + 1);
    }
  };
  add(roots, '', 0);
  return rows;
}

/** More nodes than this at once make a tree in which nobody finds anything. */
const ALL_MAX = 1000;

/** Everything that can be opened; of a large tree its first level. */
export function allOpen(roots: readonly XrayNode[]): Set<string> {
  const open = new Set(roots.map(({ id }) => id));
  if (roots.reduce((sum, { count }) => sum + count, 0) > ALL_MAX) return open;
  for (const node of roots.flatMap((root) => root.children())) if (node.count > 0) open.add(node.id);
  return open;
}

/** What is open after a node was opened or closed. */
export function toggled(open: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(open);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** The latest runs, and those that have not ended. */
function latest(runs: readonly Run[]): RunFacts[] {
  return newestFirst(runs).filter((run, index) => index < RUNS_SHOWN || !run.final);
}

function historyOf(runs: readonly Run[]): string[] {
  return newestFirst(runs)
    .slice(0, HISTORY_SHOWN)
    .map(({ state }) => state)
    .reverse();
}

function newestFirst(runs: readonly Run[]): RunFacts[] {
  return runs.map(runFacts).sort((a, b) => b.created - a.created || (a.name < b.name ? -1 : 1));
}

function groupRuns(runs: Iterable<Run>, key: (run: Run) => string): Map<string, Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) push(groups, key(run), run);
  return groups;
}

function push<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

function byName<T extends { metadata: { name: string } }>(objects: readonly T[]): T[] {
  return [...objects].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}

/** `3 tasks, 1 failing`: the first count always, the others when there are any. */
function words(...counts: readonly (readonly [number, string])[]): string {
  return counts
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, word]) => `${count} ${word}${count === 1 || word.endsWith('ing') ? '' : 's'}`)
    .join(', ');
}
