// ctask get: objects as a table, or whole as JSON or YAML; once, or as they change.
import type { Command } from 'commander';
import type { CloudTaskError } from '../../base/index.js';
import type { Api } from '../client/api.js';
import { listPages, PAGE_SIZE } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { sortByPath } from '../output/jsonpath.js';
import { ObjectPrinter } from '../output/object-printer.js';
import type { ApiObject } from '../resources/api-object.js';
import { reportMissing } from '../resources/missing.js';
import { parseTargets, type Target, usage } from '../resources/target.js';
import { collect } from './apply.js';
import { fetchTarget, listOf, typed } from './fetch-target.js';
import { addFilename, targetsOfFiles } from './filename-option.js';
import type { GetOptions } from './get-options.js';
import { watchTarget } from './get-watch.js';
import { ObjectTable } from './object-table.js';
import { OUTPUT_FORMATS, parseOutput } from './output-option.js';

export function defineGet(program: Command, deps: CliDeps, run = runGet): void {
  const command = program
    .command('get')
    .description('Show objects')
    .argument('[resource...]', 'TYPE, TYPE NAME…, TYPE/NAME … or T1,T2')
    .option('-o, --output <format>', OUTPUT_FORMATS.join(', '))
    .option('-A, --all-namespaces', 'objects of all namespaces', false)
    .option('-l, --selector <labels>', 'labels that objects must have, e.g. team=fin,!legacy')
    .option('--field-selector <fields>', 'fields that objects must have, e.g. status.state=Failed')
    .option('-w, --watch', 'show changes as well, until interrupted', false)
    .option('--watch-only', 'show only changes', false)
    .option('--output-watch-events', 'show what each change is', false)
    .option('--no-headers', 'leave out the header line')
    .option('--show-managed-fields', 'show who owns which field, with -o json and yaml', false)
    .option('--show-labels', 'add a column with the labels', false)
    .option('-L, --label-columns <keys>', 'add a column for each of these labels; may be repeated', collect, [])
    .option('--show-kind', 'put the kind before each name', false)
    .option('--sort-by <path>', 'order by a field, e.g. .metadata.creationTimestamp')
    .option('--ignore-not-found', 'say nothing about names that do not exist', false)
    .option('--chunk-size <n>', 'objects per request; 0 for all at once', String(PAGE_SIZE))
    .option('--raw <path>', 'print what the server answers to a GET of this path');
  addExamples(addFilename(command), [
    { say: 'All tasks of the namespace', run: 'ctask get tasks' },
    { say: 'Runs that failed, in all namespaces', run: 'ctask get runs -A --field-selector status.state=Failed' },
    { say: 'Watch runs come and go', run: 'ctask get runs -w' },
    { say: 'One task whole', run: 'ctask get task hello -o yaml' },
    { say: 'What has become of the objects of a directory', run: 'ctask get -f examples/hello' },
    {
      say: 'A table of your own',
      run: "ctask get tasks -o custom-columns='NAME:.metadata.name,CRON:.spec.schedules[*].cron'",
    },
    { say: 'What the server measures of itself', run: 'ctask get --raw /metrics' },
  ]).action((words: string[], flags: GetFlags) => run(words, getOptions(flags), deps));
}

type GetFlags = Omit<GetOptions, 'output' | 'chunkSize'> & {
  output?: string;
  chunkSize: string;
};

function getOptions(flags: GetFlags): GetOptions {
  const labelColumns = flags.labelColumns.flatMap((keys) => keys.split(',')).filter((key) => key !== '');
  return { ...flags, output: parseOutput(flags.output), chunkSize: chunkSize(flags.chunkSize), labelColumns };
}

export async function runGet(words: readonly string[], options: GetOptions, deps: CliDeps): Promise<void> {
  if (options.raw !== undefined) return printRaw(words, options.raw, options, deps);
  const targets =
    options.filename.length > 0
      ? await targetsOfFiles(words, options, 'nothing was shown', deps)
      : await parseTargets(words, await deps.discovery());
  const selecting = options.selector !== undefined || options.fieldSelector !== undefined;
  if (selecting && targets.some(({ names }) => names !== undefined)) {
    throw usage('a name cannot be given together with a selector');
  }
  if (options.watch || options.watchOnly) return watchTarget(targets, options, deps);
  if (options.output.kind === 'table') return showTables(targets, options, deps);
  const api = await deps.api();
  const objects: ApiObject[] = [];
  const missing: CloudTaskError[] = [];
  for (const target of targets) objects.push(...(await fetchTarget(api, target, options, missing, deps)));
  const single = targets.length === 1 && targets[0]?.names?.length === 1;
  const nothing = objects.length === 0 && targets.every(({ names }) => names !== undefined);
  if (!nothing) {
    const { headers, showManagedFields: managedFields } = options;
    const printer = new ObjectPrinter(options.output, { headers, terminal: deps.host.stdout.isTTY, managedFields });
    await deps.out(await printer.render(await sorted(objects, options), single));
  }
  await reportMissing(missing, deps);
}

/** Row C-49: the bytes of the answer, whatever they are. */
async function printRaw(words: readonly string[], path: string, options: GetOptions, deps: CliDeps): Promise<void> {
  if (words.length > 0) throw usage('arguments may not be passed when --raw is specified');
  if (options.output.kind !== 'table') throw usage('--raw and --output are mutually exclusive');
  if (!path.startsWith('/')) throw usage(`--raw "${path}" is not a path, e.g. /metrics`);
  await deps.out(await (await deps.api()).text(path));
}

async function showTables(targets: readonly Target[], options: GetOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const settings = await deps.settings();
  let shown = 0;
  const missing: CloudTaskError[] = [];
  for (const target of targets) {
    const table = new ObjectTable(
      target.resource,
      { ...options, showKind: options.showKind || targets.length > 1 },
      deps,
    );
    let rows = 0;
    for await (const objects of piecesOf(api, target, options, missing, deps)) {
      const gap = rows === 0 && shown > 0 ? '\n' : '';
      await deps.out(gap + table.render(objects, deps.clock.now()));
      rows += objects.length;
    }
    if (rows > 0) shown += 1;
  }
  await reportMissing(missing, deps);
  if (shown > 0 || targets.some(({ names }) => names !== undefined)) return;
  const scoped = !options.allNamespaces && targets.some(({ resource }) => resource.namespaced);
  await deps.say(`No resources found${scoped ? ` in ${settings.namespace} namespace.` : ''}`);
}

/** A long list is shown page by page: nobody waits for its end, and it never is in memory as a whole. */
async function* piecesOf(
  api: Api,
  target: Target,
  options: GetOptions,
  missing: CloudTaskError[],
  deps: CliDeps,
): AsyncGenerator<ApiObject[]> {
  if (target.names === undefined && options.sortBy === undefined) {
    const { path, query } = await listOf(target, options, deps);
    for await (const { items } of listPages<ApiObject>(api, path, query, options.chunkSize)) {
      if (items.length > 0) yield items.map((item) => typed(item, target.resource.kind));
    }
    return;
  }
  const objects = await sorted(await fetchTarget(api, target, options, missing, deps), options);
  if (objects.length > 0) yield objects;
}

/** Where the fields by which people sort the events of Kubernetes are here. */
const EVENT_PATHS: Readonly<Record<string, string>> = {
  lastTimestamp: '.spec.lastTime',
  firstTimestamp: '.spec.firstTime',
  eventTime: '.spec.lastTime',
  type: '.spec.type',
  reason: '.spec.reason',
  count: '.spec.count',
};

async function sorted(objects: ApiObject[], { sortBy }: GetOptions): Promise<ApiObject[]> {
  if (sortBy === undefined) return objects;
  const { objects: result, nowhere } = sortByPath(objects, sortBy);
  // Nobody has the field: none of them is due, say, or there is no such field. Only then the schemas are worth loading.
  if (nowhere) {
    const { hasField } = await import('../heavy/manifests.js');
    if (!objects.some(({ kind }) => hasField(kind, sortBy))) {
      const hint = objects.some(({ kind }) => kind === 'Event')
        ? EVENT_PATHS[sortBy.replace(/^\{?\.?|\}$/g, '')]
        : undefined;
      const near = hint === undefined ? undefined : `of events it is ${hint}`;
      throw usage(`couldn't find any field with path "${sortBy}" in the list of objects`, near);
    }
  }
  return result;
}

function chunkSize(text: string): number {
  if (!/^\d+$/.test(text)) throw usage(`--chunk-size "${text}" is not a number`);
  return Number(text);
}
