// -f for verbs that work on objects that are there: what manifests name, in the namespaces that they say.
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { readManifests } from '../resources/read-manifests.js';
import { type Target, usage } from '../resources/target.js';
import { collect } from './apply.js';

export interface FileFlags {
  readonly filename: readonly string[];
  readonly recursive?: boolean;
}

/** @param what it is that the verb takes from the files */
export function addFilename(command: Command, what = 'what these manifests name'): Command {
  return command
    .option('-f, --filename <file>', `${what}; may be repeated`, collect, [])
    .option('-R, --recursive', 'with -f: look into subdirectories too', false);
}

/** What the manifests name: a target per kind and namespace, in the order in which they first come. Throws CT_USAGE when
 * there are `words` too, CT_MANIFEST_INVALID, which ends with `outcome`. */
export async function targetsOfFiles(
  words: readonly string[],
  { filename, recursive = false }: FileFlags,
  outcome: string,
  deps: CliDeps,
): Promise<Target[]> {
  if (words.length > 0) throw usage('names cannot be given together with -f');
  const documents = await readManifests(filename, recursive, outcome, deps);
  const discovery = await deps.discovery();
  const targets = new Map<string, { readonly target: Target; readonly names: string[] }>();
  for (const { kind, object } of documents) {
    const { name, namespace } = object.metadata;
    const key = `${kind}/${namespace ?? ''}`;
    const found = targets.get(key);
    if (found !== undefined) {
      found.names.push(name);
      continue;
    }
    const names = [name];
    const resource = await discovery.resource(kind);
    targets.set(key, { target: { resource, names, ...(namespace === undefined ? {} : { namespace }) }, names });
  }
  return [...targets.values()].map(({ target }) => target);
}

export interface PlacedName {
  readonly name: string;
  readonly namespace: string;
}

/** The tasks that the manifests name. What else is in the files is for others: whole directories are given. Throws CT_USAGE when
 * there are none, and what `targetsOfFiles` throws. */
export async function tasksOfFiles(
  words: readonly string[],
  flags: FileFlags,
  outcome: string,
  deps: CliDeps,
): Promise<PlacedName[]> {
  const { namespace: current } = await deps.settings();
  const targets = await targetsOfFiles(words, flags, outcome, deps);
  const tasks = targets
    .filter(({ resource }) => resource.kind === 'Task')
    .flatMap(({ names = [], namespace = current }) => names.map((name) => ({ name, namespace })));
  if (tasks.length === 0) throw usage(`the manifests name no Task: ${outcome}`);
  return tasks;
}

/** Names, -l or -f: something must say which. Throws CT_USAGE. @param noun what is named */
export function checkChoice(
  names: readonly string[],
  noun: string,
  { selector, filename = [] }: Partial<FileFlags> & { readonly selector?: string },
): void {
  if (names.length + filename.length === 0 && selector === undefined) throw usage(`name a ${noun}, or give -l or -f`);
  if (filename.length > 0 && selector !== undefined) throw usage('-l cannot be given together with -f');
}
