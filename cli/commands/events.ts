// ctask events: what happened, oldest first (C-53).
import type { Command } from 'commander';
import type { Event, Run } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { type ObjectList, PAGE_SIZE, watchFrom } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, listOf, ordered, renderObject } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { mentionsRun } from '../resources/mentions-run.js';
import { parseTargets, usage } from '../resources/target.js';
import { listTarget } from './fetch-target.js';
import { ObjectTable } from './object-table.js';

const FORMATS = ['wide', 'json', 'yaml', 'ndjson'] as const;

export interface EventsOptions {
  for?: string;
  types?: string;
  watch: boolean;
  allNamespaces: boolean;
  headers: boolean;
  output?: (typeof FORMATS)[number];
}

export function defineEvents(program: Command, deps: CliDeps, run = runEvents): void {
  const command = program
    .command('events')
    .description('Show what happened, oldest first')
    .option('--for <type/name>', 'only events about this object')
    .option('--types <types>', 'Normal, Warning or both, separated by commas')
    .option('-w, --watch', 'show new events as well, until interrupted', false)
    .option('-A, --all-namespaces', 'events of all namespaces', false)
    .option('--no-headers', 'leave out the header line')
    .option('-o, --output <format>', 'wide, json, yaml or ndjson');
  addExamples(command, [
    { say: 'About one task', run: 'ctask events --for task/hello' },
    { say: 'Warnings everywhere, as they come', run: 'ctask events -A --types Warning -w' },
    { say: 'As they come, one JSON object a line', run: 'ctask events -w -o ndjson' },
  ]).action(({ output, ...options }: Omit<EventsOptions, 'output'> & { output?: string }) => {
    const format = checkFormat(output, FORMATS);
    return run({ ...options, ...(format === undefined ? {} : { output: format }) }, deps);
  });
}

type Shown = (object: ApiObject) => boolean;

export async function runEvents(options: EventsOptions, deps: CliDeps): Promise<void> {
  const { watch } = options;
  const types = typesOf(options.types);
  const api = await deps.api();
  const resource = await (await deps.discovery()).resource('events');
  const { namespace } = await deps.settings();
  const about = await aboutOf(options.for, deps);
  const { fieldSelector } = about;
  const allNamespaces = options.allNamespaces || about.clusterWide;
  const selecting = fieldSelector === undefined ? {} : { fieldSelector };
  const list = await listTarget(api, { resource }, { allNamespaces, chunkSize: PAGE_SIZE, ...selecting }, deps);
  const shown: Shown = (object) => types.has((object as Event).spec.type) && about.mentions(object as Event);
  const events = list.items.filter(shown).sort((a, b) => lastTime(a) - lastTime(b));
  const print = printer(resource, options, deps);
  if (events.length === 0 && !watch && !isWhole(options.output)) {
    return deps.say(`No events found${allNamespaces ? '.' : ` in ${namespace} namespace.`}`);
  }
  await print(events, true);
  if (!watch) return;
  const path = resourcePath('events', allNamespaces ? undefined : namespace);
  const onTrouble = () => void deps.say('connection lost; trying again');
  for await (const { type, object } of watchFrom(
    api,
    path,
    { fieldSelector },
    list as ObjectList<ApiObject>,
    onTrouble,
  )) {
    if (type !== 'DELETED' && shown(object)) await print([object], false);
  }
}

const isWhole = (output: EventsOptions['output']): output is 'json' | 'yaml' => output === 'json' || output === 'yaml';
const lastTime = (object: ApiObject): number => Date.parse((object as Event).spec.lastTime);

/** Without -w JSON and YAML are one List, as `get` has it; with -w an object per event. */
function printer(resource: ConstructorParameters<typeof ObjectTable>[0], options: EventsOptions, deps: CliDeps) {
  const { output, watch } = options;
  const settings = { kind: 'table', wide: output === 'wide' } as const;
  const table = new ObjectTable(resource, { ...options, output: settings, showLabels: false, showKind: false }, deps);
  return async (events: readonly ApiObject[], first: boolean): Promise<void> => {
    if (output === 'ndjson') {
      return deps.out(events.map((event) => `${JSON.stringify(ordered(event))}\n`).join(''));
    }
    if (!isWhole(output)) {
      return events.length === 0 ? undefined : deps.out(table.render(events, deps.clock.now()));
    }
    if (!watch && first) return deps.out(await renderObject(listOf(events, false), output));
    for (const event of events) {
      await deps.out(`${output === 'yaml' ? '---\n' : ''}${await renderObject(event, output)}`);
    }
  };
}

interface About {
  readonly fieldSelector: string | undefined;
  /** It is in no namespace, and its events are in none that one would look in. */
  readonly clusterWide: boolean;
  mentions(event: Event): boolean;
}

async function aboutOf(word: string | undefined, deps: CliDeps): Promise<About> {
  if (word === undefined) return { fieldSelector: undefined, clusterWide: false, mentions: () => true };
  if (!word.includes('/')) throw usage(`--for "${word}" is not TYPE/NAME`);
  const [target] = await parseTargets([word], await deps.discovery());
  const [name = ''] = target?.names ?? [];
  const of = (kind: string, object: string) => `spec.regarding.kind=${kind},spec.regarding.name=${object}`;
  if (target?.resource.kind !== 'Run') {
    const { kind = '', namespaced = true } = target?.resource ?? {};
    return { fieldSelector: of(kind, name), clusterWide: !namespaced, mentions: () => true };
  }
  const { namespace } = await deps.settings();
  const run = await (await deps.api()).get<Run>(resourcePath('runs', namespace, name));
  return {
    fieldSelector: of('Task', run.spec.task),
    clusterWide: false,
    mentions: (event) => mentionsRun(event, name),
  };
}

function typesOf(text = 'Normal,Warning'): Set<string> {
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => type !== 'Normal' && type !== 'Warning');
  if (unknown !== undefined) throw usage(`--types "${unknown}" is not Normal or Warning`);
  return new Set(types);
}
