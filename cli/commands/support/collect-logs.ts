// The last log lines of centers and agents. Each center of the context tells its own; of an agent the one that it is connected to.
import { formatBytes, isCloudTaskError, messageOf } from '../../../base/index.js';
import { type Agent, agentReady, type ProcessLine, type ProcessLog } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { GROUP_PATH, resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { AskedCenter } from '../doctor/ask-center.js';
import { some } from '../doctor/check.js';

/** Agents whose lines go in, or that are waited for in vain: those with trouble first. */
const AGENTS_MAX = 50;
/** Of the lines of all agents, before they are packed. */
const BYTES_MAX = 32 * 1024 * 1024;
/** Agents that are asked at the same time: a center waits some seconds for each. */
const AT_ONCE = 10;
/** They tell every ten seconds how they are. */
const SILENT_MS = 60_000;
const SPOOL_BYTES = 64 * 1024 * 1024;

/** Where lines go. */
export interface LogSink {
  /** Resolves with the bytes that were written. */
  lines(file: string, what: string, lines: readonly ProcessLine[]): Promise<number>;
  miss(what: string, why: string, names?: readonly string[]): void;
}

/** `now`: ms since the epoch, by the clock of this machine. */
export async function collectLogs(centers: readonly AskedCenter[], now: number, sink: LogSink): Promise<void> {
  const { names, apis } = await logsOfCenters(centers, sink);
  const others = centersElsewhere(centers, names);
  if (others.length > 0) {
    const why = 'the context has no address of them, or none that answers';
    sink.miss(`logs of ${some(others.length, 'center')}`, why, others);
  }
  const [first] = apis;
  if (first === undefined) return sink.miss('logs of agents', 'no center that was asked tells any');
  try {
    const agents = (await listAll<Agent>(first, resourcePath('agents'))).items;
    await logsOfAgents(inTroubleFirst(agents, nowOf(centers) ?? now), apis, sink);
  } catch (error) {
    sink.miss('logs of agents', messageOf(error));
  }
}

/** Gives the ids of those that have told, and how to ask them for more. */
async function logsOfCenters(
  centers: readonly AskedCenter[],
  sink: LogSink,
): Promise<{ readonly names: readonly string[]; readonly apis: readonly Api[] }> {
  const names: string[] = [];
  const apis: Api[] = [];
  for (const [index, { server, api }] of centers.entries()) {
    if (api === undefined) continue;
    try {
      const log = await api.get<ProcessLog>(`${GROUP_PATH}/diagnosis/log`);
      const name = log.name || `center-${index + 1}`;
      // Two addresses may lead to one center, and two centers may have one id.
      const file = `logs/centers/${fileName(name)}${names.includes(name) ? `-${index + 1}` : ''}.jsonl`;
      names.push(name);
      apis.push(api);
      await sink.lines(file, `the last log lines of center ${name}, asked at ${server}${remarks(log)}`, log.lines);
    } catch (error) {
      const older = isCloudTaskError(error, 'CT_NOT_FOUND') ? 'it is older than this program: upgrade it' : undefined;
      sink.miss(`log of the center at ${server}`, older ?? messageOf(error));
    }
  }
  return { names, apis };
}

/** Those that stand for election, and have not told. */
function centersElsewhere(centers: readonly AskedCenter[], told: readonly string[]): string[] {
  const known = centers.flatMap(({ diagnosis }) => diagnosis?.coordination?.candidates ?? []);
  return [...new Set(known)].filter((id) => !told.includes(id)).sort();
}

/** The clock of a center, as far as one has told it. */
function nowOf(centers: readonly AskedCenter[]): number | undefined {
  const [time] = centers.flatMap(({ diagnosis }) => diagnosis?.time ?? []);
  return time === undefined ? undefined : Date.parse(time);
}

/** How many agents could not tell, by why. */
interface Silence {
  readonly notListening: string[];
  readonly silent: string[];
  readonly failed: Map<string, string[]>;
}

async function logsOfAgents(agents: readonly string[], apis: readonly Api[], sink: LogSink): Promise<void> {
  const { notListening, silent, failed }: Silence = { notListening: [], silent: [], failed: new Map() };
  let [given, bytes, next] = [0, 0, 0];
  const isRoom = () => given + silent.length < AGENTS_MAX && bytes < BYTES_MAX;
  while (next < agents.length && isRoom()) {
    const batch = agents.slice(next, next + Math.min(AT_ONCE, AGENTS_MAX - given - silent.length));
    next += batch.length;
    const logs = await Promise.all(batch.map((name) => logOfAgent(name, apis)));
    for (const [index, log] of logs.entries()) {
      const name = batch[index]!;
      if (typeof log === 'string') failed.set(log, [...(failed.get(log) ?? []), name]);
      else if (log.answer === 'NotListening') notListening.push(name);
      else if (log.answer === 'Silent') silent.push(name);
      else {
        given += 1;
        const what = `the last log lines of agent ${name}${remarks(log)}`;
        bytes += await sink.lines(`logs/agents/${fileName(name)}.jsonl`, what, log.lines);
      }
    }
  }
  const bounds = `${AGENTS_MAX} agents or ${formatBytes(BYTES_MAX)} of lines at most, those with trouble first`;
  const missed: [readonly string[], string][] = [
    [silent, 'they did not answer in time: older than the center, or too busy'],
    [notListening, 'no center that was asked has a connection with them: they are away, or with another center'],
    [agents.slice(next), bounds],
    ...[...failed].map(([why, names]): [readonly string[], string] => [names, why]),
  ];
  for (const [names, why] of missed) {
    if (names.length > 0) sink.miss(`logs of ${some(names.length, 'agent')}`, why, names);
  }
}

/** What the center tells that the agent is connected to; as words what went wrong. */
async function logOfAgent(name: string, apis: readonly Api[]): Promise<ProcessLog | string> {
  let best: ProcessLog | string = 'no center could be asked';
  for (const api of apis) {
    try {
      const log = await api.get<ProcessLog>(`${GROUP_PATH}/diagnosis/agents/${encodeURIComponent(name)}/log`);
      if (log.answer === 'Given') return log;
      if (typeof best === 'string' || log.answer === 'Silent') best = log;
    } catch (error) {
      if (typeof best === 'string') best = messageOf(error);
    }
  }
  return best;
}

/** Names: first those that are away, then those that complain, then those that are behind; of these, who was heard last. Pure. */
export function inTroubleFirst(agents: readonly Agent[], now: number): string[] {
  const heard = ({ status }: Agent) => Date.parse(status?.heartbeatTime ?? '') || 0;
  const trouble = (agent: Agent): number => {
    const { status } = agent;
    const { clockOffsetMs, refusedTasks = [], spoolBytes = 0, conditions = [] } = status ?? {};
    if (!agentReady(agent)) return 3;
    const differs = conditions.some(({ type, reason }) => type === 'Schedulable' && reason === 'TimeZoneDataDiffers');
    if (clockOffsetMs !== undefined || refusedTasks.length > 0 || differs || now - heard(agent) > SILENT_MS) return 2;
    return spoolBytes > SPOOL_BYTES ? 1 : 0;
  };
  const seen = agents.map((agent) => ({
    name: agent.metadata.name,
    trouble: trouble(agent),
    heard: heard(agent),
  }));
  seen.sort((a, b) => b.trouble - a.trouble || b.heard - a.heard || (a.name < b.name ? -1 : 1));
  return seen.map(({ name }) => name);
}

function remarks({ lines, omitted, fieldsLeftOut }: ProcessLog): string {
  return [
    lines.length === 0 ? ': it keeps none' : '',
    omitted === 0 ? '' : `; ${some(omitted, 'older line')} it does not keep`,
    fieldsLeftOut === true
      ? '; without the fields that differ: it has or had more secrets than it can look for in them'
      : '',
  ].join('');
}

/** An id of a center may be anything. */
const fileName = (name: string) =>
  name
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 200);
