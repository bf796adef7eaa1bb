// The objects that verbs of change work on, and what is said of each when it is done.
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import type { ApiObject } from '../../resources/api-object.js';
import { parseTargets, usage } from '../../resources/target.js';
import { type DryRun, qualifiedName, resultLine } from '../../resources/words.js';
import { dryRunMode } from '../apply.js';
import { checkErrorUnchanged, type UnchangedFlag } from '../error-unchanged.js';
import { type FileFlags, targetsOfFiles } from '../filename-option.js';

export const MERGE_PATCH = 'application/merge-patch+json';

export interface NamedObject {
  readonly kind: string;
  readonly name: string;
  readonly path: string;
}

export interface Selection extends Partial<FileFlags> {
  readonly selector?: string;
  readonly all?: boolean;
}

/** The objects that `TYPE NAME…`, `TYPE/NAME …`, TYPE with -l or --all, or manifests mean. Throws CT_USAGE. */
export async function namedObjects(
  words: readonly string[],
  { selector, all = false, filename = [], recursive = false }: Selection,
  deps: CliDeps,
): Promise<NamedObject[]> {
  const targets =
    filename.length > 0
      ? await targetsOfFiles(words, { filename, recursive }, 'nothing was changed', deps)
      : await parseTargets(words, await deps.discovery());
  const { namespace } = await deps.settings();
  const objects: NamedObject[] = [];
  for (const { resource, names, namespace: own } of targets) {
    const { kind, name: plural, namespaced } = resource;
    const within = namespaced ? (own ?? namespace) : undefined;
    if (names !== undefined && (all || selector !== undefined)) {
      throw usage('a name cannot be given together with --all or -l');
    }
    const found =
      names ?? (await selected(plural, within, { all, ...(selector === undefined ? {} : { selector }) }, deps));
    for (const name of found) objects.push({ kind, name, path: resourcePath(plural, within, name) });
  }
  return objects;
}

async function selected(
  plural: string,
  namespace: string | undefined,
  { selector, all = false }: Selection,
  deps: CliDeps,
): Promise<string[]> {
  if (!all && selector === undefined) throw usage('resource(s) were provided, but no name, -l or --all');
  const path = resourcePath(plural, namespace);
  const { items } = await listAll<ApiObject>(await deps.api(), path, { labelSelector: selector });
  return items.map(({ metadata }) => metadata.name);
}

export interface ChangeOptions extends UnchangedFlag {
  readonly dryRun: DryRun;
  readonly fieldManager: string;
  readonly output?: 'name' | 'json' | 'yaml';
}

export interface ChangeFlags extends UnchangedFlag {
  dryRun: string | boolean;
  fieldManager: string;
  output?: string;
}

export function changeOptions(flags: ChangeFlags, deps: CliDeps): ChangeOptions {
  const output = checkFormat(flags.output, ['name', 'json', 'yaml']);
  const { fieldManager, errorUnchanged = false } = flags;
  const dryRun = dryRunMode(flags.dryRun, deps);
  checkErrorUnchanged(flags, dryRun);
  return { dryRun, fieldManager, errorUnchanged, ...(output === undefined ? {} : { output }) };
}

/** The query of a request that changes something. */
export function changeQuery({ dryRun, fieldManager }: ChangeOptions): Record<string, string> {
  return { fieldManager, ...(dryRun === 'server' ? { dryRun: 'All' } : {}) };
}

/** The object after a merge patch; with --dry-run=client as it would be by what is known here. */
export async function patchMerge(
  { path }: NamedObject,
  live: ApiObject,
  body: object,
  options: ChangeOptions,
  deps: CliDeps,
): Promise<ApiObject> {
  if (options.dryRun === 'client') {
    const { mergePatch } = await import('../../heavy/manifests.js');
    return mergePatch(live, body) as ApiObject;
  }
  const extras = { body, contentType: MERGE_PATCH, query: changeQuery(options) };
  return (await deps.api()).send<ApiObject>('PATCH', path, extras);
}

export async function sayChanged(
  object: ApiObject,
  operation: string,
  { output, dryRun }: ChangeOptions,
  deps: CliDeps,
): Promise<void> {
  const { kind, metadata } = object;
  if (output === 'json' || output === 'yaml') return deps.out(await renderObject(object, output));
  if (output === 'name') return deps.out(`${qualifiedName(kind, metadata.name)}\n`);
  await deps.out(resultLine(kind, metadata.name, operation, dryRun));
}
