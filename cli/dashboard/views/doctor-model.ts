// What is wrong with the tasks one has (T-36), read from what the dashboard follows anyway: tasks, their latest runs, agents.
import type { Instant } from '../../../base/index.js';
import { type Agent, isSuspended, type Run, type Task } from '../../../manifests/index.js';
import { cellsOf } from '../text/line.js';
import {
  clusterStates,
  crowdedSeconds,
  NO_TIMEOUT,
  type Remark,
  rules,
  rulesOfSuspended,
  type Severity,
  type TaskCase,
} from './doctor-rules.js';
import { type RunFacts, runFacts, taskFacts } from './facts.js';

export interface DoctorObjects {
  readonly tasks: Iterable<Task>;
  readonly runs: Iterable<Run>;
  readonly agents: Iterable<Agent>;
  /** Only the newest runs are here: what they show of a task may be less than there is. */
  readonly runsCut?: boolean;
}

export interface Finding extends Remark {
  /** Of the rule and what it speaks of: stays the same while the finding does. */
  readonly id: string;
  /** `namespace/name` of the task, or how many tasks there are. */
  readonly subject: string;
  /** Absent where it is about many. */
  readonly task?: Task;
}

export interface DoctorReport {
  /** The worst first. */
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Severity, number>>;
  readonly tasks: number;
  readonly runsCut: boolean;
  /** Cells of the widest subject, so that columns stay where they are while one scrolls. */
  readonly subjectCells: number;
}

const ORDER: readonly Severity[] = ['Error', 'Warning', 'Note'];
const NO_RUNS: readonly RunFacts[] = [];
/** More tasks without a timeout than this are one line: where nobody sets any, nothing else would be seen. */
const UNBOUNDED_APART = 3;
const NAMED = 3;

export function examine({ tasks, runs, agents, runsCut = false }: DoctorObjects, now: Instant): DoctorReport {
  const byTask = runsByTask(runs);
  const clusters = clusterStates(agents);
  let count = 0;
  const firing: Task[] = [];
  const unbounded: Task[] = [];
  const findings: Finding[] = [];
  for (const task of tasks) {
    const { state, key } = taskFacts(task);
    if (state === 'Terminating') continue;
    count += 1;
    const suspended = isSuspended(task.spec, now);
    if (!suspended) firing.push(task);
    const own = byTask.get(task.metadata.uid ?? '') ?? NO_RUNS;
    const seen: TaskCase = { task, runs: own, runsCut, clusters, now };
    for (const [rule, look] of suspended ? RULES_OF_SUSPENDED : RULES) {
      const remark = look(seen);
      if (remark === NO_TIMEOUT) unbounded.push(task);
      else if (remark !== undefined) findings.push({ ...remark, id: `${rule}/${key}`, subject: key, task });
    }
  }
  findings.push(...withoutTimeout(unbounded));
  for (const { second, tasks: crowd, ...remark } of crowdedSeconds(firing, now)) {
    findings.push({ ...remark, id: `crowded/${second}`, subject: `${crowd} tasks` });
  }
  const subjectCells = findings.reduce((widest, { subject }) => Math.max(widest, cellsOf(subject)), 0);
  return { findings: inOrder(findings), counts: countsOf(findings), tasks: count, runsCut, subjectCells };
}

const RULES = Object.entries(rules);
const RULES_OF_SUSPENDED = Object.entries(rulesOfSuspended);

function withoutTimeout(tasks: readonly Task[]): Finding[] {
  if (tasks.length > UNBOUNDED_APART) {
    const names = tasks.slice(0, NAMED).map((task) => taskFacts(task).key);
    const remedy = `${NO_TIMEOUT.remedy} They are ${names.join(', ')} and ${tasks.length - NAMED} more.`;
    return [{ ...NO_TIMEOUT, id: 'unbounded/', subject: `${tasks.length} tasks`, remedy }];
  }
  return tasks.map((task) => {
    const { key } = taskFacts(task);
    return { ...NO_TIMEOUT, id: `unbounded/${key}`, subject: key, task };
  });
}

/** What is about many tasks comes before what is about one; of each rule by name. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const places = ['crowded', ...[...RULES, ...RULES_OF_SUSPENDED].map(([rule]) => rule)];
  const weightOf = ({ id, severity }: Finding) =>
    ORDER.indexOf(severity) * places.length + places.indexOf(id.slice(0, id.indexOf('/')));
  return findings
    .map((finding) => ({ finding, weight: weightOf(finding) }))
    .sort((a, b) => a.weight - b.weight || (a.finding.subject < b.finding.subject ? -1 : 1))
    .map(({ finding }) => finding);
}

function countsOf(findings: readonly Finding[]): DoctorReport['counts'] {
  const counts: Record<Severity, number> = { Error: 0, Warning: 0, Note: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

/** Newest first. */
function runsByTask(runs: Iterable<Run>): Map<string, RunFacts[]> {
  const byTask = new Map<string, RunFacts[]>();
  for (const run of runs) {
    const own = byTask.get(run.spec.taskUid);
    if (own === undefined) byTask.set(run.spec.taskUid, [runFacts(run)]);
    else own.push(runFacts(run));
  }
  for (const own of byTask.values()) own.sort((a, b) => (b.start ?? b.created) - (a.start ?? a.created));
  return byTask;
}
