// ctask export: definitions as manifests that another center takes as they are (G-26).
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, listOf, ordered, renderObject } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { parseTargets, type Target, usage } from '../resources/target.js';
import { typed } from './fetch-target.js';

export interface ExportOptions {
  readonly types: readonly string[];
  readonly allNamespaces: boolean;
  readonly selector?: string;
  readonly output: 'yaml' | 'json';
  /** Files to make, instead of writing everything to standard output. */
  readonly files?: { readonly directory: string; readonly splitBy: 'kind' | 'object' };
}

interface ExportFlags {
  allNamespaces: boolean;
  selector?: string;
  output: string;
  splitBy?: string;
  directory?: string;
}

/** What tells a definition from what the center keeps of it. */
const KEPT_METADATA = ['name', 'namespace', 'annotations'] as const;
const APPLYSET = 'cloudtask.dev/applyset';

export function defineExport(program: Command, deps: CliDeps, run = runExport): void {
  const command = program
    .command('export')
    .description('Write definitions as manifests: without status, and without what the center sets')
    .argument(
      '[type...]',
      'TYPE, T1,T2 or TYPE/NAME; without: tasks and their calendars, with -A also clusters and namespaces',
    )
    .option('-A, --all-namespaces', 'of all namespaces', false)
    .option('-l, --selector <labels>', 'objects with these labels')
    .option('--split-by <what>', 'kind: a file per kind; object: a file per object')
    .option('-d, --directory <dir>', 'where to put the files')
    .option('-o, --output <format>', 'yaml or json', 'yaml');
  addExamples(command, [
    { say: 'The tasks of the namespace', run: 'ctask export' },
    { say: 'Everything, for another center', run: 'ctask export -A --split-by kind -d out' },
    { say: 'One task', run: 'ctask export task/hello' },
  ]).action((types: string[], flags: ExportFlags) => run(exportOptions(types, flags), deps));
}

function exportOptions(types: readonly string[], flags: ExportFlags): ExportOptions {
  const { allNamespaces, selector, splitBy, directory } = flags;
  const output = checkFormat(flags.output, ['yaml', 'json']) ?? 'yaml';
  if ((splitBy === undefined) !== (directory === undefined)) {
    throw usage('--split-by and --directory go together');
  }
  if (splitBy !== undefined && splitBy !== 'kind' && splitBy !== 'object') {
    throw usage(`--split-by "${splitBy}" is not one of kind, object`);
  }
  const common = { types, allNamespaces, output, ...(selector === undefined ? {} : { selector }) };
  return splitBy === undefined || directory === undefined ? common : { ...common, files: { directory, splitBy } };
}

export async function runExport(options: ExportOptions, deps: CliDeps): Promise<void> {
  const manifests: Manifest[] = [];
  for (const target of await targets(options, deps)) {
    for (const object of await read(target, options, deps)) manifests.push(manifestOf(object));
  }
  if (manifests.length === 0) return deps.say('No resources found');
  if (options.files !== undefined) return writeFiles(manifests, options.files, options.output, deps);
  await deps.out(await documents(manifests, options.output));
}

/** What lives nowhere comes first, then what lives in it: the files can be applied in their order. */
async function targets({ types, allNamespaces, selector }: ExportOptions, deps: CliDeps): Promise<Target[]> {
  const words = types.length > 0 ? types : [allNamespaces ? 'namespaces,clusters,calendars,tasks' : 'calendars,tasks'];
  const found = await parseTargets(words, await deps.discovery());
  for (const { resource, names } of found) {
    if (names !== undefined && selector !== undefined) throw usage('a name cannot be given together with a selector');
    if (names !== undefined && allNamespaces && resource.namespaced) {
      throw usage('a resource cannot be retrieved by name across all namespaces');
    }
    if (!resource.verbs.includes('create')) throw usage(`${resource.name} are made by the system, not by manifests`);
  }
  return found;
}

async function read({ resource, names }: Target, options: ExportOptions, deps: CliDeps): Promise<ApiObject[]> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  if (names !== undefined) {
    const path = (name: string) => resourcePath(resource.name, resource.namespaced ? namespace : undefined, name);
    const objects: ApiObject[] = [];
    for (const name of names) objects.push(await api.get<ApiObject>(path(name)));
    return objects;
  }
  const path = resourcePath(resource.name, resource.namespaced && !options.allNamespaces ? namespace : undefined);
  const { items } = await listAll<ApiObject>(api, path, { labelSelector: options.selector });
  return items.map((item) => typed(item, resource.kind));
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Record<string, unknown> & { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

/** The object as its author could have written it. The set it is in is left to whoever applies it. */
export function manifestOf({ apiVersion, kind, metadata, spec }: ApiObject): Manifest {
  const kept: Record<string, unknown> = {};
  for (const field of KEPT_METADATA) if (metadata[field] !== undefined) kept[field] = metadata[field];
  const { [APPLYSET]: _, ...labels } = metadata.labels ?? {};
  const own = Object.keys(labels).length === 0 ? kept : { ...kept, labels };
  return ordered({
    apiVersion,
    kind,
    metadata: { ...own, name: metadata.name },
    spec: ownSpec(kind, spec),
  }) as Manifest;
}

/** What a task carries of its calendars is filled in wherever it is applied. */
function ownSpec(kind: string, spec: unknown): unknown {
  if (kind !== 'Task') return spec;
  const { calendars: _, ...own } = spec as Task['spec'];
  return own;
}

async function documents(manifests: readonly Manifest[], format: 'yaml' | 'json'): Promise<string> {
  if (format === 'json') return renderObject(listOf(manifests, manifests.length === 1), 'json');
  const texts: string[] = [];
  for (const manifest of manifests) texts.push(await renderObject(manifest, 'yaml'));
  return texts.join('---\n');
}

/** Says what was written; a file that is there is replaced. */
async function writeFiles(
  manifests: readonly Manifest[],
  { directory, splitBy }: NonNullable<ExportOptions['files']>,
  format: 'yaml' | 'json',
  deps: CliDeps,
): Promise<void> {
  const files = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const file = `${fileOf(manifest, splitBy)}.${format}`;
    const content = files.get(file);
    if (content === undefined) files.set(file, [manifest]);
    else content.push(manifest);
  }
  for (const [file, content] of files) {
    const path = join(directory, file);
    await fs.mkdir(join(path, '..'), { recursive: true });
    await fs.writeFile(path, await documents(content, format));
    await deps.out(`${path}\n`);
  }
}

const DNS_NAME = /^[a-z0-9][-a-z0-9.]*$/;

/** Names are DNS names, so they are file names; a center that says otherwise gets to write nowhere else. */
function fileOf({ kind, metadata }: Manifest, splitBy: 'kind' | 'object'): string {
  const plural = `${kind.toLowerCase()}s`;
  const { namespace = '', name } = metadata;
  for (const part of [plural, name, ...(namespace === '' ? [] : [namespace])]) {
    if (!DNS_NAME.test(part)) throw new CloudTaskError('CT_INTERNAL', `the center named an object "${part}"`);
  }
  return splitBy === 'kind' ? plural : join(namespace, plural, name);
}
