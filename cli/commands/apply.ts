// ctask apply: all manifests of all files in one transaction, or none.
import type { Command } from 'commander';
import { GROUP_PATH } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, listOf, renderObject } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { placeCauses } from '../resources/place-causes.js';
import { readManifests } from '../resources/read-manifests.js';
import { usage } from '../resources/target.js';
import { type DryRun, qualifiedName, resultLine } from '../resources/words.js';

export interface ApplyOptions {
  filename: string[];
  recursive: boolean;
  dryRun: DryRun;
  output?: 'name' | 'json' | 'yaml';
  /** Refuse objects that exist (`ctask create -f`). */
  create?: boolean;
}

interface ApplyReply {
  readonly results: readonly { readonly operation: string; readonly object: ApiObject }[];
}

export function defineApply(program: Command, deps: CliDeps, run = runApply): void {
  const command = program
    .command('apply')
    .description('Make the center have what manifests say; all of them, or none')
    .option('-f, --filename <file>', 'file, directory, URL or - for stdin; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false)
    .option('--dry-run [mode]', 'client: check here only; server: check there, store nothing; none', 'none')
    .option('--server-side', 'always so; accepted for the habit')
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(command, [
    { say: 'One file', run: 'ctask apply -f examples/hello/task.yaml' },
    { say: 'A directory and what is below it', run: 'ctask apply -R -f examples' },
    { say: 'Check without storing anything', run: 'ctask apply --dry-run=server -f examples/hello/task.yaml' },
  ]).action((flags: ApplyFlags) => run(applyOptions(flags), deps));
}

export interface ApplyFlags {
  filename: string[];
  recursive: boolean;
  dryRun: string | boolean;
  output?: string;
}

export const collect = (value: string, previous: string[]): string[] => [...previous, value];

export function applyOptions(flags: ApplyFlags): ApplyOptions {
  const output = checkFormat(flags.output, ['name', 'json', 'yaml']);
  if (flags.filename.length === 0) throw usage('must specify -f', "see 'ctask apply -h'");
  return { ...flags, dryRun: dryRunMode(flags.dryRun), ...(output === undefined ? {} : { output }) } as ApplyOptions;
}

export function dryRunMode(given: string | boolean): DryRun {
  if (given === true) return 'client';
  if (given === 'none' || given === 'client' || given === 'server') return given;
  throw usage(`--dry-run "${given}" is not one of none, client, server`);
}

export async function runApply(options: ApplyOptions, deps: CliDeps): Promise<void> {
  const verb = options.create ? 'create' : 'apply';
  const documents = await readManifests(
    options.filename,
    options.recursive,
    `nothing was ${options.create ? 'created' : 'applied'}`,
    deps,
  );
  if (documents.length === 0) {
    deps.setExit(1);
    const files = options.filename.some((name) => name !== '-');
    const deeper = files && !options.recursive ? '; subdirectories are looked into with -R' : '';
    return deps.say(`error: no objects passed to ${verb}${deeper}`);
  }
  const objects = documents.map(({ object }) => object);
  if (options.dryRun === 'client') {
    const results = objects.map((object) => ({
      operation: options.create ? 'created' : 'configured',
      object: object as ApiObject,
    }));
    return printResults(results, options, deps);
  }
  const body = {
    objects,
    ...(options.dryRun === 'server' ? { dryRun: true } : {}),
    ...(options.create ? { create: true } : {}),
  };
  try {
    const { results } = await (await deps.api()).send<ApplyReply>('POST', `${GROUP_PATH}/apply`, { body });
    await printResults(results, options, deps);
  } catch (error) {
    throw placeCauses(error, documents);
  }
}

async function printResults(results: ApplyReply['results'], options: ApplyOptions, deps: CliDeps): Promise<void> {
  const { output, dryRun } = options;
  if (output === 'json' || output === 'yaml') {
    const objects = results.map(({ object }) => object);
    return deps.out(await renderObject(listOf(objects, objects.length === 1), output));
  }
  const lines = results.map(({ operation, object: { kind, metadata } }) =>
    output === 'name' ? `${qualifiedName(kind, metadata.name)}\n` : resultLine(kind, metadata.name, operation, dryRun),
  );
  await deps.out(lines.join(''));
}
