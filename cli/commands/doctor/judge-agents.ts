// What the agents have said of themselves, judged. Pure.
import { formatAge, formatBytes } from '../../../base/index.js';
import { type Agent, agentCordoned, agentReady, type Cluster, type Diagnosis } from '../../../manifests/index.js';
import { type Check, checksOf, naming, some } from './check.js';

/** Agents tell every ten seconds how they are. */
const SILENT_MS = 60_000;
/** A heartbeat may be on its way while the registration goes. */
const LAST_WORDS_MS = 2_000;
const COMPARE = 'compare --zookeeper and --root of these agents with those of the center; see their logs';
const DISK_WARN = 0.1;
const DISK_FAIL = 0.02;
const SPOOL_WARN_BYTES = 64 * 1024 * 1024;
const REPORTS_WARN_MS = 300_000;
/** A list that has just changed is not in the last heartbeat. */
const SETTLED_MS = 30_000;

export interface AgentsSeen {
  readonly agents: readonly Agent[];
  readonly clusters: readonly Cluster[];
  /** Of the center that was asked. */
  readonly version: string;
  readonly diagnosis: Diagnosis | undefined;
  readonly now: number;
}

export function judgeAgents(seen: AgentsSeen): Check[] {
  const { agents } = seen;
  const { unknown } = checksOf('Agents');
  if (agents.length === 0) {
    return [unknown('registered', 'no agent has ever reported here', 'start one: "ctask agent --center …"')];
  }
  return [
    ...judgeClusters(seen),
    judgeSilence(seen),
    judgeVersions(seen),
    judgeTimeZones(seen),
    ...judgeClocks(agents),
    judgeDisks(agents),
    judgeBacklog(seen),
    judgeRefusals(agents),
    ...judgeAllocated(seen),
  ];
}

function judgeClusters({ agents, clusters, now }: AgentsSeen): Check[] {
  const { ok, warn, fail } = checksOf('Agents');
  return clusters.flatMap(({ metadata: { name }, status }) => {
    const own = agents.filter(({ spec }) => (spec.cluster ?? 'default') === name);
    const ready = own.filter(agentReady);
    const cordoned = ready.filter(agentCordoned);
    const strays = own.filter((agent) => reportsUnregistered(agent, now)).map(({ metadata }) => metadata.name);
    const away = own
      .filter((agent) => !agentReady(agent) && !strays.includes(agent.metadata.name))
      .map(({ metadata }) => metadata.name);
    const words = `${ready.length} of ${some(own.length, 'agent')} ready${cordoned.length === 0 ? '' : `, ${cordoned.length} cordoned`}`;
    const checks: Check[] = [];
    const gone = 'start them, or look at their logs; "ctask delete agent" forgets one that is gone for good';
    const back = away.length === 0 && strays.length > 0 ? COMPARE : gone;
    if (ready.length === 0 && (status?.tasks ?? 0) > 0) {
      checks.push(fail(`cluster ${name}`, `${words}, and it has ${some(status?.tasks ?? 0, 'task')}`, back));
    } else if (away.length > 0) checks.push(warn(`cluster ${name}`, `${words}; away: ${naming(away)}`, back));
    else if (strays.length > 0) checks.push(warn(`cluster ${name}`, words, back));
    else checks.push(ok(`cluster ${name}`, words));
    if (strays.length > 0) {
      const told = `report to the center, but are not registered in its ZooKeeper: ${naming(strays)}`;
      checks.push(warn(`cluster ${name} registration`, told, COMPARE));
    }
    const stopped = status?.conditions?.find(({ type, status: value }) => type === 'MovesStopped' && value === 'True');
    if (stopped !== undefined) {
      const todo = 'bring the agents back; when they are gone for good, "ctask rebalance --release"';
      checks.push(warn(`cluster ${name} moves`, stopped.message, todo));
    }
    return checks;
  });
}

/** It has reported since its registration went, or without ever having had one. */
function reportsUnregistered(agent: Agent, now: number): boolean {
  if (agentReady(agent)) return false;
  const ready = agent.status?.conditions?.find(({ type }) => type === 'Ready');
  const heard = Date.parse(agent.status?.heartbeatTime ?? '');
  return now - heard < SILENT_MS && heard > Date.parse(ready?.lastTransitionTime ?? '') + LAST_WORDS_MS;
}

function judgeSilence({ agents, now }: AgentsSeen): Check {
  const { ok, warn } = checksOf('Agents');
  const silent = agents.filter(
    (agent) => agentReady(agent) && now - Date.parse(agent.status?.heartbeatTime ?? '') > SILENT_MS,
  );
  if (silent.length === 0) return ok('heartbeats', 'all that are ready have reported within the last minute');
  const names = silent.map(({ metadata }) => metadata.name);
  const todo = 'they fire, and cannot tell: look at their --center, token or certificate, and at their logs';
  return warn('heartbeats', `registered, and silent for more than a minute: ${naming(names)}`, todo);
}

function judgeVersions({ agents, version }: AgentsSeen): Check {
  const { ok, warn } = checksOf('Agents');
  const others = agents.filter(({ status }) => tooFarApart(status?.version ?? version, version));
  if (others.length === 0) {
    const all = [...new Set(agents.map(({ status }) => status?.version ?? 'unknown'))].sort();
    return ok('versions', `${naming(all)}; the center is ${version}`);
  }
  const names = others.map(({ metadata, status }) => `${metadata.name} (${status?.version})`);
  return warn('versions', `more than one minor version from the center (${version}): ${naming(names)}`, 'upgrade them');
}

/** Versions that are not numbers, such as those of a development build, are not compared. */
export function tooFarApart(one: string, other: string): boolean {
  const [first, second] = [one, other].map((version) => /^v?(\d+)\.(\d+)\.\d+$/.exec(version));
  if (!first || !second) return false;
  return first[1] !== second[1] || Math.abs(Number(first[2]) - Number(second[2])) > 1;
}

function judgeTimeZones({ agents, diagnosis }: AgentsSeen): Check {
  const { ok, warn } = checksOf('Agents');
  const condition = (agent: Agent) => agent.status?.conditions?.find(({ type }) => type === 'Schedulable');
  const others = agents.filter((agent) => condition(agent)?.reason === 'TimeZoneDataDiffers');
  const own = diagnosis === undefined ? '' : ` (${diagnosis.center.tzdata})`;
  if (others.length === 0) return ok('time zones', `all have the time-zone data of the center${own}`);
  const names = others.map(({ metadata, status }) => `${metadata.name} (${status?.tzdata})`);
  const todo = 'they get no tasks until then: install the same Node.js everywhere';
  return warn('time zones', `other time-zone data than the center${own}: ${naming(names)}`, todo);
}

/** Said by agents while it is so (rule R11). */
function judgeClocks(agents: readonly Agent[]): Check[] {
  const { fail } = checksOf('Agents');
  const apart = agents.flatMap(({ metadata, status }) => {
    const { clockOffsetMs } = (status ?? {}) as { clockOffsetMs?: number };
    return clockOffsetMs === undefined ? [] : [`${metadata.name} (${Math.round(clockOffsetMs)} ms)`];
  });
  const todo = 'they start nothing until then: run an NTP client (chrony, systemd-timesyncd) on all machines';
  return apart.length === 0 ? [] : [fail('clocks', `not those of coordination: ${naming(apart)}`, todo)];
}

function judgeDisks(agents: readonly Agent[]): Check {
  const { ok, warn, fail, unknown } = checksOf('Agents');
  const told = agents.flatMap(({ metadata: { name }, status }) => {
    const { diskBytes, diskFreeBytes } = status ?? {};
    return diskBytes === undefined || diskFreeBytes === undefined
      ? []
      : [
          {
            name,
            free: diskFreeBytes / diskBytes,
            words: `${formatBytes(diskFreeBytes)} of ${formatBytes(diskBytes)}`,
          },
        ];
  });
  const [least] = told.sort((a, b) => a.free - b.free);
  if (least === undefined) return unknown('disks', 'no agent has told how much room it has');
  const full = told.filter(({ free }) => free < DISK_WARN).map(({ name, words }) => `${name} (${words} free)`);
  if (full.length === 0) return ok('disks', `the fullest is that of ${least.name}: ${least.words} free`);
  const todo = 'make room: results and output wait there while the center is away, and packages are kept there';
  const verdict = least.free < DISK_FAIL ? fail : warn;
  return verdict('disks', `nearly full: ${naming(full)}`, todo);
}

function judgeBacklog({ agents, now }: AgentsSeen): Check {
  const { ok, warn } = checksOf('Agents');
  const behind = agents.flatMap(({ metadata, status }) => {
    const { spoolBytes = 0, pendingReports = 0, oldestReportTime } = status ?? {};
    const age = oldestReportTime === undefined ? 0 : now - Date.parse(oldestReportTime);
    if (spoolBytes <= SPOOL_WARN_BYTES && age <= REPORTS_WARN_MS) return [];
    return [
      `${metadata.name} (${formatBytes(spoolBytes)} of logs, ${some(pendingReports, 'report')}${age > 0 ? `, oldest ${formatAge(age)}` : ''})`,
    ];
  });
  const todo = 'the center was away, is slow, or refuses them: see its log and that of the agent';
  if (behind.length > 0) return warn('backlog', `much is not delivered yet: ${naming(behind)}`, todo);
  const bytes = agents.reduce((sum, { status }) => sum + (status?.spoolBytes ?? 0), 0);
  const reports = agents.reduce((sum, { status }) => sum + (status?.pendingReports ?? 0), 0);
  return ok('backlog', `${formatBytes(bytes)} of logs and ${some(reports, 'report')} on their way`);
}

function judgeRefusals(agents: readonly Agent[]): Check {
  const { ok, warn } = checksOf('Agents');
  const refusing = agents.filter(({ status }) => (status?.refusedTasks ?? []).length > 0);
  if (refusing.length === 0) return ok('refused tasks', 'none');
  const names = refusing.map(({ metadata, status }) => `${metadata.name} (${status?.refusedTasks?.[0]?.message})`);
  const todo = 'most often the agent is older than the center: upgrade it';
  return warn('refused tasks', `agents have tasks that they cannot schedule: ${naming(names)}`, todo);
}

/** What an agent says it has, against the list that it was given. */
function judgeAllocated({ agents, diagnosis }: AgentsSeen): Check[] {
  const { ok, warn } = checksOf('Agents');
  if (diagnosis?.drift === undefined) return [];
  const differing = diagnosis.drift.allocated.flatMap(({ agent: name, slots, changedTime }) => {
    const agent = agents.find(({ metadata }) => metadata.name === name);
    const { tasks, heartbeatTime } = agent?.status ?? {};
    if (agent === undefined || !agentReady(agent) || tasks === undefined || tasks === slots) return [];
    const settled = Date.parse(heartbeatTime ?? '') - Date.parse(changedTime) > SETTLED_MS;
    return settled ? [`${name} (says ${tasks}, was given ${slots})`] : [];
  });
  if (differing.length === 0) return [ok('tasks', 'each has as many tasks as it was given')];
  const todo = 'see the log of the agent: it cannot read its list, or the manifests from the center';
  return [warn('tasks', `other tasks than they were given: ${naming(differing)}`, todo)];
}
