// rebalance and release: what an operator wants of the allocation in a cluster.
import type { FastifyRequest } from 'fastify';
import { newUid } from '../../../base/index.js';
import { triggerName } from '../../../coordination/index.js';
import { type Agent, type AlarmEntry, API_VERSION, type Cluster, type Task } from '../../../manifests/index.js';
import { digestOf, planRebalance } from '../../controllers/allocation/rebalance.js';
import type { PlanAgent } from '../../controllers/allocation/types.js';
import { type TaskView, taskViewOf } from '../../controllers/task-view.js';
import { notFound } from '../../store/index.js';
import { eachOf } from '../each-of.js';
import { planAgentOf } from '../plan-agent.js';
import { isDryRun, parametersOf, queryOf } from '../request-options.js';
import { may, type Requester, writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const CLUSTER = `${GROUP_PATH}/clusters/:name`;

export interface RebalanceReply {
  /** How much more the busiest agent owns than the least busy one, for their capacities, as a share of the average. */
  readonly spread: number;
  readonly moves: readonly {
    readonly namespace: string;
    readonly task: string;
    readonly slot: string;
    readonly from: string;
    readonly to: string;
  }[];
  /** Names the request; status.rebalance of the Cluster says what becomes of it. Absent when nothing was asked for. */
  readonly request?: string;
}

export function clusterVerbRoutes(context: ApiContext): Route[] {
  const common = { method: 'POST', role: 'admin', kind: 'Cluster' } as const;
  return [
    {
      ...{ ...common, path: `${CLUSTER}/rebalance`, verb: 'rebalance' },
      summary: 'Move tasks so that every Agent of a Cluster owns its share',
      handle: (request, _reply, user) => rebalance(context, request, user),
    },
    {
      ...{ ...common, path: `${CLUSTER}/release`, verb: 'release' },
      summary: 'Take the Agents that are gone for gone, and move their tasks',
      handle: (request, _reply, user) => release(context, request, user),
    },
    {
      ...{ method: 'GET', path: `${CLUSTER}/alarms`, verb: 'get', role: 'read', kind: 'Cluster' },
      summary: 'List what is wrong by now with a Cluster, its Tasks and the installation',
      handle: (request, _reply, user) => alarms(context, request, user),
    },
  ];
}

/** The moves are computed from what the center knows by now. The leader makes exactly these, or refuses. */
async function rebalance(context: ApiContext, request: FastifyRequest, user: Requester | undefined) {
  const { name = '' } = parametersOf(request);
  const key = { kind: 'Cluster', namespace: '', name } as const;
  await context.store.update<Cluster>(key, () => undefined, { user: '' }); // CT_NOT_FOUND
  const views = new Map<string, TaskView>();
  const records = new Map<string, { taskUid: string; slot: string; owner: string | null }>();
  await eachOf<Task>(context.store, 'Task', (task) => {
    const view = taskViewOf(task);
    if (view.cluster !== name) return;
    for (const { slot, agent } of task.status?.allocations ?? []) {
      views.set(triggerName(view.uid, slot), view);
      records.set(triggerName(view.uid, slot), { taskUid: view.uid, slot, owner: agent });
    }
  });
  const agents: PlanAgent[] = [];
  await eachOf<Agent>(context.store, 'Agent', (agent) => void agents.push(planAgentOf(agent)));
  const { spread, moves } = planRebalance({ tasks: [...new Set(views.values())], agents, records }, name);
  const shown = moves.map(({ name: slotName, from, to }) => {
    const { namespace, name: task } = views.get(slotName)!;
    return { namespace, task, slot: records.get(slotName)!.slot, from, to };
  });
  if (isDryRun(queryOf(request)) || moves.length === 0) return { spread, moves: shown } satisfies RebalanceReply;
  const id = newUid();
  await context.store.update<Cluster>(
    key,
    (cluster) => ({ ...cluster, spec: { ...cluster.spec, rebalanceRequest: { id, digest: digestOf(moves) } } }),
    { ...writerOf(user) },
  );
  return { spread, moves: shown, request: id } satisfies RebalanceReply;
}

/** Of tasks, those that may be read. Throws CT_NOT_FOUND. */
async function alarms({ store }: ApiContext, request: FastifyRequest, user: Requester | undefined) {
  const { name = '' } = parametersOf(request);
  const key = { kind: 'Cluster', namespace: '', name } as const;
  if ((await store.get(key)) === undefined) throw notFound(key);
  const shown = ({ regarding }: AlarmEntry) => regarding.kind !== 'Task' || may(user, { ...regarding, verb: 'get' });
  const items = (await store.notifications.alarmsOf(name)).filter(shown);
  return { kind: 'AlarmList', apiVersion: API_VERSION, metadata: {}, items };
}

async function release(context: ApiContext, request: FastifyRequest, user: Requester | undefined) {
  const { name = '' } = parametersOf(request);
  const releasedTime = new Date(context.clock.now()).toISOString();
  const object = await context.store.update<Cluster>(
    { kind: 'Cluster', namespace: '', name },
    (cluster) => ({ ...cluster, spec: { ...cluster.spec, massLoss: { ...cluster.spec.massLoss, releasedTime } } }),
    { ...writerOf(user) },
  );
  const stopped = object.status?.conditions?.some(({ type, status }) => type === 'MovesStopped' && status === 'True');
  return { operation: stopped === true ? 'released' : 'unchanged', object };
}
