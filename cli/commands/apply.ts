// ctask apply: all manifests of all files in one transaction, or none.
import type { Command } from 'commander';
import { GROUP_PATH } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, listOf, renderObject } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { readSources } from '../resources/manifest-sources.js';
import { placeCauses } from '../resources/place-causes.js';
import { readManifests } from '../resources/read-manifests.js';
import { usage } from '../resources/target.js';
import { type DryRun, qualifiedName, resultLine } from '../resources/words.js';
import {
  parsePlan,
  planBody,
  type SetFlags,
  type SetOptions,
  setFields,
  setOptions,
  somethingToDo,
} from './apply-set.js';

export interface ApplyOptions {
  filename: string[];
  recursive: boolean;
  dryRun: DryRun;
  output?: 'name' | 'json' | 'yaml';
  set?: SetOptions;
  /** File of a plan, instead of manifests. */
  plan?: string;
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
    .option('--applyset <name>', 'the set that these objects are all members of')
    .option('--prune', 'delete the members of the set that are not among them', false)
    .option('--allow-empty', 'prune even if nothing is left of the set', false)
    .option('--plan <file>', 'exactly what ctask diff -o plan has shown, or nothing; - for stdin')
    .option('--server-side', 'always so; accepted for the habit')
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(command, [
    { say: 'One file', run: 'ctask apply -f examples/hello/task.yaml' },
    { say: 'A directory and what is below it', run: 'ctask apply -R -f examples' },
    {
      say: 'A set: what is in it and no longer in the files is deleted',
      run: 'ctask apply --applyset demo --prune -R -f examples',
    },
    { say: 'Check without storing anything', run: 'ctask apply --dry-run=server -f examples/hello/task.yaml' },
  ]).action((flags: ApplyFlags) => run(applyOptions(flags), deps));
}

export interface ApplyFlags extends Partial<SetFlags> {
  filename: string[];
  recursive: boolean;
  dryRun: string | boolean;
  output?: string;
  plan?: string;
}

export const collect = (value: string, previous: string[]): string[] => [...previous, value];

export function applyOptions(flags: ApplyFlags): ApplyOptions {
  const output = checkFormat(flags.output, ['name', 'json', 'yaml']);
  const { filename, recursive, plan, applyset, prune = false, allowEmpty = false } = flags;
  if (filename.length === 0 && plan === undefined) throw usage('must specify -f', "see 'ctask apply -h'");
  if (plan !== undefined && (filename.length > 0 || applyset !== undefined)) {
    throw usage('--plan says all there is to do; it cannot be given together with -f or --applyset');
  }
  const set = setOptions({ prune, allowEmpty, ...(applyset === undefined ? {} : { applyset }) });
  return {
    ...{ filename, recursive, set, dryRun: dryRunMode(flags.dryRun) },
    ...(plan === undefined ? {} : { plan }),
    ...(output === undefined ? {} : { output }),
  };
}

export function dryRunMode(given: string | boolean): DryRun {
  if (given === true) return 'client';
  if (given === 'none' || given === 'client' || given === 'server') return given;
  throw usage(`--dry-run "${given}" is not one of none, client, server`);
}

export async function runApply(options: ApplyOptions, deps: CliDeps): Promise<void> {
  if (options.plan !== undefined) return applyPlan(options.plan, options, deps);
  const verb = options.create ? 'create' : 'apply';
  const set = options.set ?? { prune: false, allowEmpty: false };
  const documents = await readManifests(
    options.filename,
    options.recursive,
    `nothing was ${options.create ? 'created' : 'applied'}`,
    deps,
  );
  if (!(await somethingToDo(verb, documents.length, options, set, deps))) return deps.setExit(1);
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
    ...setFields(set),
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

/** Throws CT_CONFLICT when something is not as it was when the plan was made; then nothing is changed. */
async function applyPlan(file: string, options: ApplyOptions, deps: CliDeps): Promise<void> {
  const [source] = await readSources([file], false, deps);
  const plan = parsePlan(source?.text ?? '', file);
  const dryRun = options.dryRun === 'none' ? {} : { dryRun: true };
  const body = { ...planBody(plan), ...dryRun };
  const { results } = await (await deps.api()).send<ApplyReply>('POST', `${GROUP_PATH}/apply`, { body });
  await printResults(results, options, deps);
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
