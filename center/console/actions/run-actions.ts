import { isFinal } from '../../../manifests/index.js';
import type { RunObject } from '../api/objects.js';
import { pathOf } from '../api/request.js';
import { type Action, post, rightOn } from './action.js';

const path = ({ metadata }: RunObject, verb: string) => pathOf('runs', metadata.namespace, metadata.name, verb);
const line = (verb: string, { metadata }: RunObject) => `ctask ${verb} ${metadata.name} -n ${metadata.namespace}`;
const over = ({ status }: RunObject) => isFinal(status?.state ?? 'Pending');

export const cancelRun: Action<RunObject> = {
  name: 'Cancel',
  verb: 'cancel',
  right: rightOn('runs', 'cancel'),
  danger: true,
  warning: ({ metadata }) => `${metadata.name} is asked to end, and is ended when it does not.`,
  possible: (run) => !over(run),
  command: (run) => line('cancel', run),
  done: ({ metadata }) => `${metadata.name} was asked to end`,
  request: (run) => post(path(run, 'cancel')),
};

export const retryRun: Action<RunObject> = {
  name: 'Retry',
  verb: 'retry',
  right: rightOn('runs', 'retry'),
  possible: over,
  command: (run) => line('retry', run),
  done: ({ metadata }) => `A run that repeats ${metadata.name} is on its way`,
  request: (run) => post(path(run, 'retry')),
};

/** What the run executed is refused where the task executes something else by now: this is the way on. */
export const retryCurrent: Action<RunObject> = {
  ...retryRun,
  name: 'Retry with what the task is now',
  command: ({ metadata }) => `ctask retry ${metadata.name} --current-revision -n ${metadata.namespace}`,
  request: (run) => post(path(run, 'retry'), { current: true }),
};

export const runActions = [retryRun, cancelRun] as const;
/** Of a run whose task has changed since. */
export const runActionsAfterChange = [retryRun, retryCurrent, cancelRun] as const;
