import type { FastifyReply } from 'fastify';
import { parseDuration, type Timer } from '../../base/index.js';
import type { AgentRequest, ContinuedRun, ManualRun, Run } from '../../manifests/index.js';
import { isFinal } from '../../manifests/index.js';
import type { Change, Stored } from '../store/index.js';
import { LineStream } from './line-stream.js';
import { OwnSecrets } from './own-secrets.js';
import type { Requester } from './requester.js';
import type { ApiContext } from './route.js';

/** So that both sides notice a dead connection. */
const PING_MS = 5000;

/**
 * Keeps open a stream of what is asked of one agent: first everything that is open, then what comes. At-least-once: a
 * request may be told twice, and an agent takes it once by the uid of the run.
 */
export async function answerAgentRequests(
  context: ApiContext,
  agent: string,
  reply: FastifyReply,
  user: Requester | undefined,
): Promise<void> {
  const { store, hub, clock, streams, agentLogs } = context;
  streams.requireRoom();
  const stream = LineStream.open(reply, { 'content-type': 'application/x-ndjson' });
  // One that has a certificate can be deleted, and others can be told apart from it.
  streams.add(stream, 'agent', user?.agent !== undefined);
  const send = (request: AgentRequest) => stream.push(`${JSON.stringify(request)}\n`);
  // Subscribed before the open runs are read: what happens in between is told twice, never not at all.
  const offRuns = hub.on('Run', (change) => {
    for (const request of requestsOf(change, agent)) send(request);
  });
  const secrets = new OwnSecrets(context, user, send);
  const offSecrets = hub.on('Secret', ({ object: { metadata } }) => {
    secrets.changed(metadata.namespace ?? '', metadata.name);
  });
  const offLogs = agentLogs.listen(agent, send);
  const until = (user?.agent && user.identity?.expires) ?? Number.POSITIVE_INFINITY;
  let timer: Timer | undefined;
  const ping = () => {
    // The agent comes again with the certificate that it has by now.
    if (until <= clock.now()) return stream.end();
    send({ type: 'Ping' });
    timer = clock.timerAfter(PING_MS, ping);
  };
  stream.closed.addEventListener(
    'abort',
    () => {
      offRuns();
      offSecrets();
      offLogs();
      timer?.cancel();
    },
    { once: true },
  );
  try {
    for (const run of await store.openRuns({ agent })) {
      if (isStartable(run, agent)) send({ type: 'Start', run: manualRun(run) });
      if (isContinuable(run, agent)) send({ type: 'Continue', run: continuedRun(run) });
      if (isToCancel(run, agent)) send(cancelRequest(run));
    }
  } catch (error) {
    // The headers are sent; the agent connects again, and everything open is told then.
    context.log.warn({ agent, err: error }, 'reading the open runs of an agent failed');
    stream.destroy();
  }
  if (!stream.closed.aborted) ping();
}

/** What a change asks of an agent that it did not ask before. */
function requestsOf({ type, object, previous }: Change, agent: string): AgentRequest[] {
  if (type === 'DELETED') return [];
  const run = object as Stored<Run>;
  const before = previous as Stored<Run> | undefined;
  const requests: AgentRequest[] = [];
  if (isStartable(run, agent) && !(before !== undefined && isStartable(before, agent))) {
    requests.push({ type: 'Start', run: manualRun(run) });
  }
  // What the agent itself reports as waiting it knows.
  if (isContinuable(run, agent) && (before?.status?.agent !== agent || before.status.state === 'Lost')) {
    requests.push({ type: 'Continue', run: continuedRun(run) });
  }
  const hastened = before?.spec.cancelGracePeriod !== run.spec.cancelGracePeriod;
  if (isToCancel(run, agent) && (hastened || before === undefined || !isToCancel(before, agent))) {
    requests.push(cancelRequest(run));
  }
  return requests;
}

/** A run on demand that nobody has taken up yet. One whose retry waits is Pending as well, but has attempts. */
function isStartable({ spec, status }: Stored<Run>, agent: string): boolean {
  return (
    status?.state === 'Pending' &&
    status.agent === agent &&
    spec.manualId !== undefined &&
    (status.attempts ?? []).length === 0
  );
}

/** A scheduled run whose next attempt waits for its claim (reasons of store/run-continuation.ts and of the agents). */
function isContinuable({ spec, status }: Stored<Run>, agent: string): boolean {
  const waits = status?.reason === 'Retry' || status?.reason === 'Rerun';
  return status?.state === 'Pending' && waits && status.agent === agent && spec.manualId === undefined;
}

function continuedRun({ metadata, spec, status }: Stored<Run>): ContinuedRun {
  const { task, taskUid, slot, revision, trigger, scheduledTime, schedule = null } = spec;
  const { reason = 'Retry', startTime, attempts = [] } = status ?? {};
  return {
    report: {
      ...{ uid: metadata.uid, name: metadata.name, namespace: metadata.namespace ?? '' },
      ...{ task, taskUid, slot, revision, trigger, schedule, attempts, reason, state: 'Pending' },
      scheduledTime: Date.parse(scheduledTime ?? ''),
      ...(startTime === undefined ? {} : { startTime: Date.parse(startTime) }),
      attempt: Math.max(0, ...attempts.map(({ number }) => number)) + 1,
    },
  };
}

function isToCancel({ spec, status }: Stored<Run>, agent: string): boolean {
  return spec.cancelRequestedTime !== undefined && status?.agent === agent && !isFinal(status.state);
}

function cancelRequest({ metadata, spec }: Stored<Run>): AgentRequest {
  const gracePeriodMs = parseDuration(spec.cancelGracePeriod ?? '');
  return {
    ...{ type: 'Cancel', runUid: metadata.uid },
    ...(gracePeriodMs === undefined ? {} : { gracePeriodMs }),
    ...(spec.cancelReason === undefined ? {} : { reason: spec.cancelReason }),
  };
}

function manualRun({ metadata, spec }: Stored<Run>): ManualRun {
  const { task, taskUid, slot, revision, trigger, args, env, parameters, scheduledTime } = spec;
  return {
    ...{ uid: metadata.uid, name: metadata.name, namespace: metadata.namespace ?? '' },
    ...{ task, taskUid, slot, revision, trigger },
    manualId: spec.manualId ?? '',
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(scheduledTime === undefined ? {} : { toldTime: Date.parse(scheduledTime) }),
  };
}
