// ctask replace: objects become what manifests say, whole (C-22).
import type { Command } from 'commander';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { ApiObject } from '../../resources/api-object.js';
import { placeCauses } from '../../resources/place-causes.js';
import { readManifests } from '../../resources/read-manifests.js';
import { usage } from '../../resources/target.js';
import { collect, FIELD_MANAGER } from '../apply.js';
import { addErrorUnchanged, failUnchanged } from '../error-unchanged.js';
import { type ChangeFlags, type ChangeOptions, changeOptions, changeQuery, sayChanged } from './named-objects.js';

export interface ReplaceOptions extends ChangeOptions {
  readonly filename: readonly string[];
  readonly recursive: boolean;
}

interface ReplaceFlags extends ChangeFlags {
  filename: string[];
  recursive: boolean;
}

export function defineReplace(program: Command, deps: CliDeps, run = runReplace): void {
  const command = program
    .command('replace')
    .description('Replace objects that exist by what manifests say, whole')
    .option('-f, --filename <file>', 'file, directory, URL or - for stdin; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false)
    .option('--field-manager <name>', 'who owns the fields that change', FIELD_MANAGER)
    .option('--dry-run [mode]', 'client, server or none', 'none')
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(addErrorUnchanged(command), [
    { say: 'One file', run: 'ctask replace -f examples/hello/task.yaml' },
    { say: 'Check without storing anything', run: 'ctask replace -f examples/hello/task.yaml --dry-run=server' },
  ]).action((flags: ReplaceFlags) => {
    if (flags.filename.length === 0) throw usage('must specify -f', "see 'ctask replace -h'");
    const { filename, recursive } = flags;
    return run({ ...changeOptions(flags, deps), filename, recursive }, deps);
  });
}

export async function runReplace(options: ReplaceOptions, deps: CliDeps): Promise<void> {
  const documents = await readManifests([...options.filename], options.recursive, 'nothing was replaced', deps);
  if (documents.length === 0) throw usage('no objects passed to replace');
  const { kindRow } = await import('../../heavy/manifests.js');
  const changed: boolean[] = [];
  for (const document of documents) {
    const { kind, given } = document;
    const path = resourcePath(kindRow(kind).plural, given.metadata.namespace, given.metadata.name);
    try {
      const before = await versionBefore(path, options, deps);
      const object =
        options.dryRun === 'client'
          ? (document.object as ApiObject)
          : await (await deps.api()).send<ApiObject>('PUT', path, { body: given, query: changeQuery(options) });
      changed.push(object.metadata.resourceVersion !== before);
      await sayChanged(object, 'replaced', options, deps);
    } catch (error) {
      throw placeCauses(error, [document]);
    }
  }
  failUnchanged(options, changed, deps);
}

/** Asked for only where it matters: a replacement needs no look at what is there. */
async function versionBefore(
  path: string,
  { errorUnchanged }: ReplaceOptions,
  deps: CliDeps,
): Promise<string | undefined> {
  if (errorUnchanged !== true) return undefined;
  return (await (await deps.api()).get<ApiObject>(path)).metadata.resourceVersion;
}
