import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { explainTask } from '../why.js';
import { backfill, listTimePoints } from './backfill.js';
import { runNow } from './run-on-demand.js';
import { resume, suspend } from './suspend.js';
import { taskOf } from './task-of.js';

const TASK = `${GROUP_PATH}/namespaces/:namespace/tasks/:name`;

/** suspend, resume, run and backfill. */
export function taskVerbRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'POST', path: `${TASK}/suspend`, verb: 'suspend', role: 'admin', kind: 'Task' },
      summary: 'Stop firing the time points of a Task, for good or until an instant',
      handle: (request, _reply, user) => suspend(context, request, user),
    },
    {
      ...{ method: 'POST', path: `${TASK}/resume`, verb: 'resume', role: 'admin', kind: 'Task' },
      summary: 'Fire the time points of a Task again',
      handle: (request, _reply, user) => resume(context, request, user),
    },
    {
      ...{ method: 'POST', path: `${TASK}/run`, verb: 'run', role: 'admin', kind: 'Task' },
      summary: 'Run a Task now',
      handle: (request, reply, user) => runNow(context, request, reply, user),
    },
    {
      ...{ method: 'GET', path: `${TASK}/why`, verb: 'why', role: 'read', kind: 'Task' },
      summary: 'Say what keeps a Task from running, agent by agent',
      handle: async (request) => explainTask(context, await taskOf(context, request)),
    },
    {
      ...{ method: 'GET', path: `${TASK}/timepoints`, verb: 'timepoints', role: 'read', kind: 'Task' },
      summary: 'List the time points of a Task in a stretch of time, and the Runs they came to',
      handle: (request) => listTimePoints(context, request),
    },
    {
      ...{ method: 'POST', path: `${TASK}/backfill`, verb: 'backfill', role: 'admin', kind: 'Task' },
      summary: 'Run a Task for a time point that has passed without a run',
      handle: (request, reply, user) => backfill(context, request, reply, user),
    },
  ];
}
