// A run once more (C-70): the same task, parameters, arguments, variables and time point, as a run of its own that says which one it repeats.
import { isDeepStrictEqual } from 'node:util';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import { isFinal, type Run, type Task, type TaskSpec } from '../../../manifests/index.js';
import { notFound, type Stored } from '../../store/index.js';
import { parametersOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import type { ApiContext } from '../route.js';
import { parametersFor } from '../run-parameters.js';
import { createOnce } from './run-on-demand.js';

export async function retry(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  requester: Requester | undefined,
): Promise<Stored<Run>> {
  const { store } = context;
  const { namespace = '', name = '' } = parametersOf(request);
  const current = currentOf(request.body);
  const subject = `Run ${namespace}/${name}`;
  const run = await store.get<Run>({ kind: 'Run', namespace, name });
  if (run === undefined) throw notFound({ kind: 'Run', namespace, name });
  const { state = 'Pending' } = run.status ?? {};
  if (!isFinal(state)) throw new CloudTaskError('CT_CONFLICT', { subject, detail: `the run is ${state}` });
  const { spec } = run;
  const task = await store.getByUid<Task>('Task', spec.taskUid);
  if (task === undefined)
    throw new CloudTaskError('CT_NOT_FOUND', { subject, detail: 'the task of the run was deleted' });
  if (!current && !(await executesTheSame(context, task, spec.revision))) {
    throw new CloudTaskError('CT_CONFLICT', {
      subject,
      detail: `it executed revision ${spec.revision} of the task, whose revision ${task.metadata.generation} executes something else`,
      hint: `'ctask rollout undo task/${task.metadata.name} --to-revision=${spec.revision}' brings it back; --current-revision retries with the present one`,
    });
  }
  const { args, env } = spec;
  const given = Object.fromEntries((spec.parameters ?? []).map(({ name: key, value }) => [key, value]));
  const again = `run "${name}" was retried already; retry the run that came of it`;
  return createOnce(
    context,
    {
      ...{ taskUid: spec.taskUid, trigger: 'Retry', manualId: `retry-${run.metadata.uid}`, slot: spec.slot },
      retryOf: name,
      ...(args === undefined ? {} : { args }),
      ...(env === undefined ? {} : { env }),
      ...parametersFor(task, given),
      ...(spec.scheduledTime === undefined ? {} : { scheduledTime: Date.parse(spec.scheduledTime) }),
    },
    again,
    reply,
    requester,
  );
}

/** Agents have the present revision only. When and where it runs may differ: what is executed must not. */
async function executesTheSame({ store }: ApiContext, task: Stored<Task>, revision: number): Promise<boolean> {
  if (task.metadata.generation === revision) return true;
  const revisions = await store.revisions.ofTask(task.metadata.uid);
  const then = revisions.find((one) => one.revision === revision);
  return then !== undefined && isDeepStrictEqual(executed(then.spec), executed(task.spec));
}

const executed = ({ run, parameters = [], timeout, gracePeriod, retry: policy }: TaskSpec) => ({
  ...{ run, parameters, timeout, gracePeriod, policy },
});

function currentOf(body: unknown): boolean {
  const { current = false, ...rest } = (body ?? {}) as Record<string, unknown>;
  if (typeof current === 'boolean' && Object.keys(rest).length === 0) return current;
  throw new CloudTaskError('CT_BAD_REQUEST', 'the body must be {"current"?: boolean}');
}
