import type { PackageVersion } from '../../../manifests/index.js';
import type { PackageObject, TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { type Action, counted, post, rightOn } from './action.js';

const path = ({ metadata }: PackageObject, verb?: string) =>
  pathOf('packages', metadata.namespace, metadata.name, verb);

/** The way back: what is asked of a version of the package. */
export function makeCurrent(object: PackageObject): Action<PackageVersion> {
  const { name, namespace, resourceVersion } = object.metadata;
  return {
    name: 'Make current',
    verb: 'undo',
    right: () => ({ verb: 'patch', plural: 'packages', namespace }),
    question: ({ version }) => `Make version ${version} of ${name} current?`,
    warning: ({ version }) => `Version ${version} is what tasks get that ask for none. Tasks keep the one they have.`,
    possible: ({ digest }) => digest !== object.spec.digest,
    command: ({ version }) => `ctask rollout undo package/${name} --to-revision ${version} -n ${namespace}`,
    done: ({ version }) => `Version ${version} is the current one`,
    request: ({ digest }) =>
      request(path(object), {
        ...{ method: 'PATCH', contentType: 'application/merge-patch+json', query: { fieldManager: 'ctask-console' } },
        body: { metadata: { resourceVersion }, spec: { digest } },
      }),
  };
}

const uses = (object: PackageObject, task: TaskObject) => task.spec.run.package?.digest === object.spec.digest;

export function switchTask(object: PackageObject): Action<TaskObject> {
  const { name, namespace } = object.metadata;
  return {
    name: 'Switch',
    verb: 'switch',
    right: () => ({ verb: 'switch', plural: 'packages', namespace }),
    possible: (task) => !uses(object, task),
    command: ({ metadata }) => `ctask set package ${name} ${metadata.name} -n ${namespace}`,
    done: ({ metadata }) => `${metadata.name} runs the current version from its next run on`,
    request: ({ metadata }) => post(path(object, 'switch'), { tasks: [metadata.name] }),
  };
}

/** All tasks that use it, in one transaction. */
export const switchAll: Action<PackageObject> = {
  name: 'Switch all tasks',
  verb: 'switch',
  right: rightOn('packages', 'switch'),
  question: ({ metadata }) => `Switch all tasks to the current version of ${metadata.name}?`,
  warning: ({ metadata }) => `Every task that uses ${metadata.name} gets the current version from its next run on.`,
  possible: () => true,
  command: ({ metadata }) => `ctask set package ${metadata.name} --all -n ${metadata.namespace}`,
  done: ({ metadata }) => `All tasks have the current version of ${metadata.name}`,
  request: (object) => post(path(object, 'switch'), { all: true }),
};

export const deletePackage: Action<PackageObject> = {
  name: 'Delete',
  verb: 'delete',
  right: rightOn('packages', 'delete'),
  danger: true,
  warning: ({ metadata, status }) =>
    `${counted(status?.versions?.length ?? 0, 'version')} of ${metadata.name} and their files go with it. The center refuses while a task uses one.`,
  possible: () => true,
  command: ({ metadata }) => `ctask delete package ${metadata.name} -n ${metadata.namespace}`,
  done: ({ metadata }) => `${metadata.name} is deleted`,
  request: (object) => request(path(object), { method: 'DELETE' }),
};
