// ctask describe: everything one needs to know of an object, for people.
import type { Command } from 'commander';
import { type CloudTaskError, isCloudTaskError } from '../../../base/index.js';
import type { Event, Run } from '../../../manifests/index.js';
import type { Resource } from '../../client/discovery.js';
import { resourcePath } from '../../client/paths.js';
import { listAll, PAGE_SIZE } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { Description } from '../../output/description.js';
import type { ApiObject } from '../../resources/api-object.js';
import { mentionsRun } from '../../resources/mentions-run.js';
import { reportMissing } from '../../resources/missing.js';
import { parseTargets, type Target, usage } from '../../resources/target.js';
import { listTarget } from '../fetch-target.js';
import { addFilename, type FileFlags, targetsOfFiles } from '../filename-option.js';
import { describeCalendar } from './calendar.js';
import { describeAgent, describeCluster, describeNamespace, describeOther } from './infra.js';
import { describeNotifier } from './notifier.js';
import { describePackage } from './package.js';
import { addConditions, addEvents, addHead } from './parts.js';
import { describeRun } from './run.js';
import { describeSecret } from './secret.js';
import { describeTask } from './task.js';

export interface DescribeOptions extends FileFlags {
  selector?: string;
  allNamespaces: boolean;
  showEvents: boolean;
}

/** Adds what is particular about a kind, between head and conditions. */
export type DescribeKind = (object: never, description: Description, deps: CliDeps) => Promise<void>;

const kinds: Readonly<Record<string, DescribeKind>> = {
  Task: describeTask,
  Run: describeRun,
  Agent: describeAgent,
  Cluster: describeCluster,
  Namespace: describeNamespace,
  Secret: describeSecret,
  Package: describePackage,
  Calendar: describeCalendar,
  Notifier: describeNotifier,
};

export function defineDescribe(program: Command, deps: CliDeps, run = runDescribe): void {
  const command = program
    .command('describe')
    .description('Show everything about objects, for people')
    .argument('[resource...]', 'TYPE, TYPE NAME…, or TYPE/NAME …')
    .option('-l, --selector <labels>', 'objects with these labels')
    .option('-A, --all-namespaces', 'objects of all namespaces', false)
    .option('--no-show-events', 'leave out the events');
  addExamples(addFilename(command), [
    { say: 'A task, with its next and its latest runs', run: 'ctask describe task hello' },
    { say: 'All agents', run: 'ctask describe agents' },
  ]).action((words: string[], options: DescribeOptions) => run(words, options, deps));
}

export async function runDescribe(words: readonly string[], options: DescribeOptions, deps: CliDeps): Promise<void> {
  const targets =
    options.filename.length > 0
      ? await targetsOfFiles(words, options, 'nothing was described', deps)
      : await parseTargets(words, await deps.discovery());
  if (options.selector !== undefined && targets.some(({ names }) => names !== undefined)) {
    throw usage('a name cannot be given together with a selector');
  }
  const missing: CloudTaskError[] = [];
  let described = 0;
  for (const target of targets) {
    for (const object of await objectsOf(target, options, missing, deps)) {
      // Each as it is ready: of many objects nobody waits for the last, nor are all their texts in memory.
      const text = await describe(target.resource, object, options, deps);
      await deps.out(described === 0 ? text : `\n\n${text}`);
      described += 1;
    }
  }
  await reportMissing(missing, deps);
  if (described === 0) await deps.say('No resources found');
}

/** A name that does not exist stands for all that begin with it. */
async function objectsOf(
  target: Target,
  options: DescribeOptions,
  missing: CloudTaskError[],
  deps: CliDeps,
): Promise<ApiObject[]> {
  const { resource, names } = target;
  const all = { ...options, chunkSize: PAGE_SIZE };
  const api = await deps.api();
  if (names === undefined) return (await listTarget(api, target, all, deps)).items;
  if (options.allNamespaces && resource.namespaced) {
    throw usage('a resource cannot be retrieved by name across all namespaces');
  }
  const namespace = target.namespace ?? (await deps.settings()).namespace;
  const objects: ApiObject[] = [];
  for (const name of names) {
    try {
      objects.push(
        await api.get<ApiObject>(resourcePath(resource.name, resource.namespaced ? namespace : undefined, name)),
      );
    } catch (error) {
      if (!isCloudTaskError(error, 'CT_NOT_FOUND')) throw error;
      const { items } = await listTarget(
        api,
        { resource, namespace },
        { allNamespaces: false, chunkSize: PAGE_SIZE },
        deps,
      );
      const alike = items.filter(({ metadata }) => metadata.name.startsWith(name));
      if (alike.length === 0) missing.push(error);
      objects.push(...alike);
    }
  }
  return objects;
}

async function describe(
  resource: Resource,
  object: ApiObject,
  options: DescribeOptions,
  deps: CliDeps,
): Promise<string> {
  const description = new Description();
  const now = deps.clock.now();
  addHead(description, object, now);
  await (kinds[resource.kind] ?? describeOther)(object as never, description, deps);
  addConditions(description, object, now);
  if (options.showEvents && resource.kind !== 'Event')
    addEvents(description, await eventsOf(resource, object, deps), now);
  return description.text();
}

async function eventsOf(resource: Resource, object: ApiObject, deps: CliDeps): Promise<Event[]> {
  const { metadata } = object;
  // Those about a run are kept with its task.
  const run = resource.kind === 'Run' ? (object as unknown as Run) : undefined;
  const [kind, name] = run === undefined ? [resource.kind, metadata.name] : ['Task', run.spec.task];
  const fieldSelector = `spec.regarding.kind=${kind},spec.regarding.name=${name}`;
  const { items } = await listAll<Event>(await deps.api(), resourcePath('events', metadata.namespace), {
    fieldSelector,
  });
  return run === undefined ? items : items.filter((event) => mentionsRun(event, metadata.name));
}
