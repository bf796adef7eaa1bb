// ctask describe: everything one needs to know of an object, for people.
import type { Command } from 'commander';
import { isCloudTaskError } from '../../../base/index.js';
import type { Event, Run } from '../../../manifests/index.js';
import type { Resource } from '../../client/discovery.js';
import { resourcePath } from '../../client/paths.js';
import { listAll, PAGE_SIZE } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { Description } from '../../output/description.js';
import type { ApiObject } from '../../resources/api-object.js';
import { mentionsRun } from '../../resources/mentions-run.js';
import { readManifests } from '../../resources/read-manifests.js';
import { parseTargets, type Target, usage } from '../../resources/target.js';
import { collect } from '../apply.js';
import { listTarget } from '../get.js';
import { describeAgent, describeCluster, describeNamespace, describeOther } from './infra.js';
import { addConditions, addEvents, addHead } from './parts.js';
import { describeRun } from './run.js';
import { describeTask } from './task.js';

export interface DescribeOptions {
  selector?: string;
  allNamespaces: boolean;
  showEvents: boolean;
  filename: string[];
}

/** Adds what is particular about a kind, between head and conditions. */
export type DescribeKind = (object: never, description: Description, deps: CliDeps) => Promise<void>;

const kinds: Readonly<Record<string, DescribeKind>> = {
  Task: describeTask,
  Run: describeRun,
  Agent: describeAgent,
  Cluster: describeCluster,
  Namespace: describeNamespace,
};

export function defineDescribe(program: Command, deps: CliDeps, run = runDescribe): void {
  const command = program
    .command('describe')
    .description('Show everything about objects, for people')
    .argument('[resource...]', 'TYPE, TYPE NAME…, or TYPE/NAME …')
    .option('-f, --filename <file>', 'what these manifests name; may be repeated', collect, [])
    .option('-l, --selector <labels>', 'objects with these labels')
    .option('-A, --all-namespaces', 'objects of all namespaces', false)
    .option('--no-show-events', 'leave out the events');
  addExamples(command, [
    { say: 'A task, with its next and its latest runs', run: 'ctask describe task hello' },
    { say: 'All agents', run: 'ctask describe agents' },
  ]).action((words: string[], options: DescribeOptions) => run(words, options, deps));
}

export async function runDescribe(words: readonly string[], options: DescribeOptions, deps: CliDeps): Promise<void> {
  const targets =
    options.filename.length > 0
      ? await targetsOfFiles(words, options, deps)
      : await parseTargets(words, await deps.discovery());
  const texts: string[] = [];
  for (const target of targets) {
    for (const object of await objectsOf(target, options, deps))
      texts.push(await describe(target.resource, object, options, deps));
  }
  if (texts.length === 0) return deps.say('No resources found');
  await deps.out(texts.join('\n\n'));
}

async function targetsOfFiles(words: readonly string[], options: DescribeOptions, deps: CliDeps): Promise<Target[]> {
  if (words.length > 0) throw usage('names cannot be given together with -f');
  const documents = await readManifests(options.filename, false, 'nothing was described', deps);
  const discovery = await deps.discovery();
  return Promise.all(
    documents.map(async ({ object, kind }) => ({
      resource: await discovery.resource(kind),
      names: [object.metadata.name],
    })),
  );
}

/** A name that does not exist stands for all that begin with it. */
async function objectsOf(target: Target, options: DescribeOptions, deps: CliDeps): Promise<ApiObject[]> {
  const { resource, names } = target;
  const all = { ...options, chunkSize: PAGE_SIZE };
  const api = await deps.api();
  if (names === undefined) return (await listTarget(api, target, all, deps)).items;
  const { namespace } = await deps.settings();
  const objects: ApiObject[] = [];
  for (const name of names) {
    try {
      objects.push(
        await api.get<ApiObject>(resourcePath(resource.name, resource.namespaced ? namespace : undefined, name)),
      );
    } catch (error) {
      if (!isCloudTaskError(error, 'CT_NOT_FOUND')) throw error;
      const { items } = await listTarget(api, { resource }, { allNamespaces: false, chunkSize: PAGE_SIZE }, deps);
      const alike = items.filter(({ metadata }) => metadata.name.startsWith(name));
      if (alike.length === 0) throw error;
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
