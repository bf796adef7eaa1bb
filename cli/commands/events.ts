// ctask events: what happened, oldest first.
import type { Command } from 'commander';
import type { Event } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { type ObjectList, PAGE_SIZE, watchFrom } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { listOf, renderObject } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { parseTargets, usage } from '../resources/target.js';
import { type GetOptions, listTarget } from './get.js';
import { ObjectTable } from './object-table.js';
import { parseOutput } from './output-option.js';

export interface EventsOptions {
  for?: string;
  types?: string;
  watch: boolean;
  allNamespaces: boolean;
  headers: boolean;
  output?: string;
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
    .option('-o, --output <format>', 'wide, json or yaml');
  addExamples(command, [
    { say: 'About one task', run: 'ctask events --for task/hello' },
    { say: 'Warnings everywhere, as they come', run: 'ctask events -A --types Warning -w' },
  ]).action((options: EventsOptions) => run(options, deps));
}

export async function runEvents(options: EventsOptions, deps: CliDeps): Promise<void> {
  const output = parseOutput(options.output);
  const discovery = await deps.discovery();
  const resource = await discovery.resource('events');
  const fieldSelector = await selectorOf(options, deps);
  const list = await listTarget(
    await deps.api(),
    { resource },
    { allNamespaces: options.allNamespaces, chunkSize: PAGE_SIZE, ...(fieldSelector === '' ? {} : { fieldSelector }) },
    deps,
  );
  const wanted = typesOf(options.types);
  const shown = (object: ApiObject) => wanted === undefined || wanted.has((object as Event).spec.type);
  const events = list.items.filter(shown).sort((a, b) => lastTime(a) - lastTime(b));
  if (output.kind === 'json' || output.kind === 'yaml')
    return deps.out(await renderObject(listOf(events, false), output.kind));
  const table = new ObjectTable(
    resource,
    { ...options, output, showLabels: false, showKind: false } as GetOptions,
    deps,
  );
  const { namespace } = await deps.settings();
  if (events.length > 0) await deps.out(table.render(events, deps.clock.now()));
  else if (!options.watch)
    await deps.say(`No events found${options.allNamespaces ? '.' : ` in ${namespace} namespace.`}`);
  if (!options.watch) return;
  const path = resourcePath('events', options.allNamespaces ? undefined : namespace);
  for await (const { type, object } of watchFrom(
    await deps.api(),
    path,
    { fieldSelector },
    list as ObjectList<ApiObject>,
  )) {
    if (type !== 'DELETED' && shown(object)) await deps.out(table.render([object], deps.clock.now()));
  }
}

const lastTime = (object: ApiObject): number => Date.parse((object as Event).spec.lastTime);

async function selectorOf(options: EventsOptions, deps: CliDeps): Promise<string> {
  if (options.for === undefined) return '';
  if (!options.for.includes('/')) throw usage(`--for "${options.for}" is not TYPE/NAME`);
  const [target] = await parseTargets([options.for], await deps.discovery());
  return `spec.regarding.kind=${target?.resource.kind},spec.regarding.name=${target?.names?.[0]}`;
}

function typesOf(text: string | undefined): Set<string> | undefined {
  if (text === undefined) return undefined;
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => type !== 'Normal' && type !== 'Warning');
  if (unknown !== undefined) throw usage(`--types "${unknown}" is not Normal or Warning`);
  return new Set(types);
}
