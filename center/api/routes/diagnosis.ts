// How this center is inside: what `ctask doctor` asks. One look at a time, however many ask.
import { API_VERSION, type Diagnosis, type StoreFacts, tzdataVersion } from '../../../manifests/index.js';
import type { Inside } from '../../diagnosis/diagnose.js';
import { lookAtTasks } from '../../diagnosis/drift.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { STREAMS_MAX } from '../stream-set.js';

export function diagnosisRoute(context: ApiContext): Route {
  let looking: Promise<Diagnosis> | undefined;
  return {
    ...{ method: 'GET', path: `${GROUP_PATH}/diagnosis`, verb: 'get', role: 'read', about: 'Diagnosis' },
    summary: 'Read how the center, its store and its coordination are, and whether they agree',
    handle: () => {
      looking ??= diagnose(context).finally(() => {
        looking = undefined;
      });
      return looking;
    },
  };
}

async function diagnose(context: ApiContext): Promise<Diagnosis> {
  const store = await lookAtStore(context);
  const inside: Partial<Inside> = (await context.lookInside()) ?? {};
  const { id, disk, coordination, drift } = inside;
  const unallocated = inside.unallocated ?? (await lookAtTasks(context.store)).unallocated;
  const notReady = context.notReady();
  return {
    ...{ kind: 'Diagnosis', apiVersion: API_VERSION, time: iso(context.clock.now()) },
    center: {
      ...{ version: context.version, node: process.version },
      ...(id === undefined ? {} : { id }),
      ...{ leads: context.leader() !== undefined },
      ...(notReady === undefined ? {} : { notReady }),
      ...{
        tzdata: tzdataVersion(),
        uptimeSeconds: Math.round(process.uptime()),
        residentBytes: process.memoryUsage.rss(),
      },
      ...{ openStreams: context.streams.size, openStreamsMax: STREAMS_MAX },
      ...(disk === undefined ? {} : { disk }),
    },
    ...{ store, unallocated },
    ...(coordination === undefined ? {} : { coordination }),
    ...(drift === undefined ? {} : { drift }),
  };
}

async function lookAtStore({ store, clock }: ApiContext): Promise<StoreFacts> {
  const before = clock.monotonic();
  const { time, outbox, agentCertificates, ...amounts } = await store.amounts();
  const { oldest, ...counts } = outbox;
  return {
    ...amounts,
    answerMs: Math.round(clock.monotonic() - before),
    ...(time === undefined ? {} : { time: iso(time) }),
    outbox: { ...counts, ...(oldest === undefined ? {} : { oldestTime: iso(oldest) }) },
    agentCertificates: agentCertificates.map(({ agent, expires }) => ({ agent, expirationTime: iso(expires) })),
  };
}

const iso = (time: number) => new Date(time).toISOString();
