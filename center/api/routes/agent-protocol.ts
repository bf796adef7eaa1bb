// What agents send: see manifests/protocol/agent.ts. Replies to reports and log chunks come after the commit.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import {
  type AgentHeartbeat,
  type AgentHeartbeatReply,
  type AgentLogReply,
  type AgentTasksReply,
  CAPACITY_MAX,
  decodeLogChunks,
  LOG_CHUNK_MAX_BYTES,
  LOG_CHUNKS_TYPE,
  type LogAppendReply,
  type LogChunk,
  REFUSED_TASKS_MAX,
  type RefusedTask,
  type RunReport,
  type RunReportReply,
  type Task,
  tzdataVersion,
} from '../../../manifests/index.js';
import { answerAgentRequests } from '../agent-requests.js';
import { reportProblem } from '../report-check.js';
import { parametersOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const AGENT = `${GROUP_PATH}/agents/:name`;
const REPORTS_MAX = 500;
const UIDS_MAX = 20_000;
/** A report carries at most some kilobytes of attempts and message. */
const REPORTS_MAX_BYTES = 32 * 1024 * 1024;
const LOGS_MAX_BYTES = 32 * 1024 * 1024;
const ATTEMPT_MAX = 10_000;
const REFUSAL_LENGTH_MAX = 500;
/** An agent that is away for longer than this is not being upgraded. */
const HOLD_MAX_MS = 86_400_000;
/** The end of what a Date can hold as a year of four digits. */
const LATEST_MS = Date.UTC(9999, 11, 31);

export function agentRoutes(context: ApiContext): Route[] {
  const common = { role: 'agent', kind: 'Agent' } as const;
  return [
    {
      ...{ ...common, method: 'PUT', path: `${AGENT}/status`, verb: 'heartbeat' },
      summary: 'Register an agent and refresh its status',
      handle: (request, _reply, user) => heartbeat(context, request, user),
    },
    {
      ...{ ...common, method: 'POST', path: `${AGENT}/tasks`, verb: 'tasks' },
      summary: 'Read the manifests of allocated tasks',
      handle: (request, _reply, user) => tasks(context, request, user),
    },
    {
      ...{ ...common, method: 'POST', path: `${AGENT}/reports`, verb: 'reports', bodyLimit: REPORTS_MAX_BYTES },
      summary: 'Report how runs go',
      handle: (request, _reply, user) => reports(context, request, user),
    },
    {
      ...{ ...common, method: 'POST', path: `${AGENT}/logs`, verb: 'logs', bodyLimit: LOGS_MAX_BYTES },
      summary: 'Send output of attempts',
      handle: (request, _reply, user) => logs(context, request, user),
    },
    {
      ...{ ...common, method: 'POST', path: `${AGENT}/own-log`, verb: 'own-log' },
      summary: 'Send the last log lines of an agent itself, when it was asked for them',
      handle: async (request): Promise<AgentLogReply> => ({
        taken: context.agentLogs.take(parametersOf(request).name ?? '', request.body),
      }),
    },
    {
      ...{ ...common, method: 'GET', path: `${AGENT}/requests`, verb: 'requests' },
      summary: 'Listen for what the center asks of an agent',
      handle: (request, reply, user) => answerAgentRequests(context, parametersOf(request).name ?? '', reply, user),
    },
  ];
}

async function heartbeat(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<AgentHeartbeatReply> {
  const { name = '' } = parametersOf(request);
  requireAgentName(name);
  const body = request.body as Partial<AgentHeartbeat> | undefined;
  const { cluster, labels } = body ?? {};
  if (typeof cluster !== 'string' || !isLabels(labels)) throw malformed('the body must be a heartbeat');
  const joined = user?.agent?.cluster;
  if (joined !== undefined && joined !== cluster) {
    throw new CloudTaskError('CT_FORBIDDEN', `agent "${name}" has joined cluster "${joined}", not "${cluster}"`);
  }
  const now = context.clock.now();
  const agent = await context.metrics.timeWrite('heartbeat', () =>
    context.store.heartbeat(name, { cluster }, labels, {
      ...statusOf(body, now),
      heartbeatTime: new Date(now).toISOString(),
    }),
  );
  context.metrics.agents.note(name, cluster, body ?? {});
  return { uid: agent.metadata.uid, now, tzdata: tzdataVersion() };
}

/** Throws CT_BAD_REQUEST. */
export function requireAgentName(name: string): void {
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) throw malformed(`"${name}" is not a name of an agent`);
}

/** The fields of an Agent's status that it reports itself; anything else in the body is dropped. */
const TEXTS = ['hostname', 'os', 'arch', 'version', 'tzdata', 'bootId', 'cgroups'] as const;
const NUMBERS = [
  'cpus',
  'memoryBytes',
  'diskBytes',
  'diskFreeBytes',
  'load',
  'running',
  'tasks',
  'spoolBytes',
  'pendingReports',
  'clockOffsetMs',
] as const;

function statusOf(body: Partial<AgentHeartbeat> | undefined, now: number): Record<string, unknown> {
  const status: Record<string, unknown> = {};
  for (const field of TEXTS) if (typeof body?.[field] === 'string') status[field] = body[field];
  for (const field of NUMBERS) if (Number.isFinite(body?.[field])) status[field] = body?.[field];
  const refused = refusedTasks(body?.refusedTasks);
  if (refused.length > 0) status.refusedTasks = refused;
  const { holdUntil, capacity = 0, oldestReport } = body ?? {};
  if (Number.isFinite(oldestReport) && oldestReport! > 0 && oldestReport! <= LATEST_MS) {
    status.oldestReportTime = new Date(oldestReport!).toISOString();
  }
  if (Number.isInteger(capacity) && capacity >= 1 && capacity <= CAPACITY_MAX) status.capacity = capacity;
  if (Number.isFinite(holdUntil) && holdUntil! > now) {
    status.holdUntil = new Date(Math.min(holdUntil!, now + HOLD_MAX_MS)).toISOString();
  }
  return status;
}

function refusedTasks(value: unknown): RefusedTask[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).slice(0, REFUSED_TASKS_MAX).flatMap((each): RefusedTask[] => {
    const { uid, message } = (each ?? {}) as Partial<Record<keyof RefusedTask, unknown>>;
    if (typeof uid !== 'string' || typeof message !== 'string') return [];
    return [{ uid, message: message.slice(0, REFUSAL_LENGTH_MAX) }];
  });
}

async function tasks(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<AgentTasksReply> {
  const { uids } = (request.body ?? {}) as { uids?: unknown };
  if (!Array.isArray(uids) || uids.length > UIDS_MAX || !uids.every((uid) => typeof uid === 'string')) {
    throw malformed(`the body must be {"uids": [...]} with at most ${UIDS_MAX} uids`);
  }
  const readable = await context.scope.readable(user, uids as string[]);
  const items = await context.store.listByUid<Task>('Task', readable);
  // Agents keep manifests on their disks; who owns which field is nothing to them.
  return { items: items.map(({ metadata: { managedFields: _, ...metadata }, ...task }) => ({ ...task, metadata })) };
}

async function reports(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<RunReportReply> {
  const { name = '' } = parametersOf(request);
  const { reports: batch } = (request.body ?? {}) as { reports?: unknown };
  if (!Array.isArray(batch) || batch.length > REPORTS_MAX) {
    throw malformed(`the body must be {"reports": [...]} with at most ${REPORTS_MAX} reports`);
  }
  const whole: RunReport[] = [];
  const refused: { uid: string; reason: string }[] = [];
  for (const value of batch as unknown[]) {
    const reason = reportProblem(value);
    if (reason === undefined) whole.push(value as RunReport);
    else refused.push({ uid: String((value as { uid?: unknown } | null)?.uid ?? ''), reason });
  }
  const problems = await context.scope.reportProblems(user, whole);
  const good = whole.filter(({ uid }, index) => {
    const reason = problems[index];
    if (reason !== undefined) refused.push({ uid, reason });
    return reason === undefined;
  });
  const reply = await context.metrics.timeWrite('reports', () => context.store.acceptReports(name, good));
  return { accepted: reply.accepted, refused: [...refused, ...reply.refused] };
}

async function logs(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<LogAppendReply> {
  if (!Buffer.isBuffer(request.body)) {
    throw new CloudTaskError('CT_UNSUPPORTED_MEDIA_TYPE', `log chunks are of type ${LOG_CHUNKS_TYPE}`);
  }
  const all = decode(request.body);
  const chunks = await context.scope.ownChunks(user, all);
  const reply = await context.metrics.timeWrite('logs', () => context.store.appendLogs(chunks));
  context.metrics.logBytes.inc(request.body.length);
  return chunks.length === all.length ? reply : { positions: withOmitted(reply.positions, all, chunks) };
}

/** What nobody can read any more the agent need not send again. */
function withOmitted(
  positions: LogAppendReply['positions'],
  all: readonly LogChunk[],
  taken: readonly LogChunk[],
): LogAppendReply['positions'] {
  const known = new Set(taken);
  const omitted = new Map<string, LogAppendReply['positions'][number]>();
  for (const chunk of all) {
    if (known.has(chunk)) continue;
    const { runUid, attempt, stream, streamOffset, gapBytes = chunk.payload.length, end } = chunk.header;
    const before = omitted.get(`${runUid} ${attempt}`) ?? { runUid, attempt, stdout: 0, stderr: 0, ended: false };
    const position = Math.max(before[stream], streamOffset + gapBytes);
    omitted.set(`${runUid} ${attempt}`, { ...before, [stream]: position, ended: before.ended || end === true });
  }
  return [...positions, ...omitted.values()];
}

function decode(body: Buffer): LogChunk[] {
  let chunks: LogChunk[];
  try {
    chunks = decodeLogChunks(body);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'malformed log chunks');
  }
  for (const { header, payload } of chunks) {
    const { runUid, taskUid, attempt, stream, streamOffset, time, gapBytes } = header;
    const numbers = [streamOffset, time, gapBytes ?? 0].every((n) => Number.isSafeInteger(n) && n >= 0);
    const known =
      typeof runUid === 'string' && typeof (taskUid ?? '') === 'string' && (stream === 'stdout' || stream === 'stderr');
    const counted = Number.isInteger(attempt) && attempt >= 1 && attempt <= ATTEMPT_MAX;
    if (!numbers || !known || !counted) throw malformed('a log chunk header is malformed');
    if (payload.length > LOG_CHUNK_MAX_BYTES) throw malformed(`a log chunk exceeds ${LOG_CHUNK_MAX_BYTES} bytes`);
  }
  return chunks;
}

function isLabels(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

function malformed(detail: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', detail);
}
