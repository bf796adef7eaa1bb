import { lazy } from 'react';
import { isSuspended } from '../../../manifests/index.js';
import type { TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { type Action, post, rightOn } from './action.js';

const path = ({ metadata }: TaskObject, verb?: string) => pathOf('tasks', metadata.namespace, metadata.name, verb);
const line = (verb: string, { metadata }: TaskObject) => `ctask ${verb} ${metadata.name} -n ${metadata.namespace}`;
const there = ({ metadata }: TaskObject) => metadata.deletionTimestamp === undefined;

const RunForm = lazy(() => import('../forms/run-form.js').then((module) => ({ default: module.RunForm })));
const SuspendForm = lazy(() => import('../forms/suspend-form.js').then((module) => ({ default: module.SuspendForm })));
const BackfillForm = lazy(() =>
  import('../forms/backfill-form.js').then((module) => ({ default: module.BackfillForm })),
);

export const runTask: Action<TaskObject> = {
  form: { Form: RunForm, needed: ({ spec }) => (spec.parameters ?? []).length > 0 },
  name: 'Run now',
  primary: true,
  verb: 'run',
  right: rightOn('tasks', 'run'),
  possible: there,
  command: (task) => line('run', task),
  done: ({ metadata }) => `A run of ${metadata.name} is on its way`,
  request: (task) => post(path(task, 'run')),
};

export const suspendTask: Action<TaskObject> = {
  name: 'Suspend',
  verb: 'suspend',
  right: rightOn('tasks', 'suspend'),
  possible: (task) => there(task) && !isSuspended(task.spec, Date.now()),
  command: (task) => line('suspend', task),
  done: ({ metadata }) => `${metadata.name} is suspended: its time points pass without runs`,
  request: (task) => post(path(task, 'suspend')),
};

export const suspendTaskUntil: Action<TaskObject> = {
  ...suspendTask,
  name: 'Suspend until…',
  form: { Form: SuspendForm, needed: () => true },
};

export const backfillTask: Action<TaskObject> = {
  name: 'Backfill…',
  verb: 'backfill',
  form: { Form: BackfillForm, needed: () => true },
  right: rightOn('tasks', 'backfill'),
  possible: (task) => there(task) && (task.spec.schedules ?? []).length > 0,
  command: (task) => line('backfill', task),
  done: ({ metadata }) => `Time points of ${metadata.name} are made up for`,
  request: (task) => post(path(task, 'backfill')),
};

export const resumeTask: Action<TaskObject> = {
  name: 'Resume',
  verb: 'resume',
  right: rightOn('tasks', 'resume'),
  possible: (task) => there(task) && isSuspended(task.spec, Date.now()),
  command: (task) => line('resume', task),
  done: ({ metadata }) => `${metadata.name} fires again`,
  request: (task) => post(path(task, 'resume')),
};

export const deleteTask: Action<TaskObject> = {
  name: 'Delete',
  verb: 'delete',
  right: rightOn('tasks', 'delete'),
  danger: true,
  warning: ({ metadata }) =>
    `${metadata.name} does not fire any more. Its runs, their logs and its revisions go with it. Within a day ctask undelete makes the task anew, without them.`,
  possible: there,
  command: ({ metadata }) => `ctask delete task ${metadata.name} -n ${metadata.namespace}`,
  done: ({ metadata }) => `${metadata.name} is deleted; ctask undelete brings it back`,
  request: (task) => request(path(task), { method: 'DELETE' }),
};

export const taskActions = [runTask, backfillTask, suspendTask, suspendTaskUntil, resumeTask, deleteTask] as const;
