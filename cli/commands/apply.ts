// ctask apply: all manifests of all files in one transaction, or none.
import type { Command } from 'commander';
import { isCloudTaskError } from '../../base/index.js';
import { GROUP_PATH } from '../client/paths.js';
import { DEFAULT_REQUEST_TIMEOUT_MS } from '../client/settings.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat } from '../output/objects.js';
import { Progress } from '../output/progress.js';
import type { ApiObject } from '../resources/api-object.js';
import { readSources } from '../resources/manifest-sources.js';
import { placeCauses } from '../resources/place-causes.js';
import { checkManifests, type ManifestDocument, tellProblems } from '../resources/read-manifests.js';
import { usage } from '../resources/target.js';
import type { DryRun } from '../resources/words.js';
import { type ApplyResult, printResults } from './apply-results.js';
import {
  parsePlan,
  planBody,
  type SetFlags,
  type SetOptions,
  setFields,
  setOptions,
  somethingToDo,
} from './apply-set.js';
import { untilReady, type WaitOptions, waitOptions } from './apply-wait.js';
import { addErrorUnchanged, checkErrorUnchanged, failUnchanged, type UnchangedFlag } from './error-unchanged.js';

export interface ApplyOptions extends UnchangedFlag {
  filename: string[];
  recursive: boolean;
  dryRun: DryRun;
  output?: 'name' | 'json' | 'yaml';
  set?: SetOptions;
  /** File of a plan, instead of manifests. */
  plan?: string;
  /** Refuse objects that exist (`ctask create -f`). */
  create?: boolean;
  fieldManager?: string;
  /** Take fields that other managers have set otherwise. */
  force?: boolean;
  validate?: Validate;
  /** Apply each object that can be, instead of all or none. */
  continueOnError?: boolean;
  wait?: WaitOptions;
}

interface ApplyReply {
  readonly results: readonly ApplyResult[];
}

type Validate = 'strict' | 'warn' | 'ignore';
/** Objects from which on a person at a terminal wonders what is going on. */
const MANY = 1000;
/** A center takes a fraction of this for each on a quiet machine. Who says --request-timeout means it. */
const TIME_PER_OBJECT_MS = 10;

const VALIDATE: Readonly<Record<Validate, 'Strict' | 'Warn' | 'Ignore'>> = {
  strict: 'Strict',
  warn: 'Warn',
  ignore: 'Ignore',
};

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
    .option('--field-manager <name>', 'who owns the fields that the manifests say', FIELD_MANAGER)
    .option('--force-conflicts', 'take fields that other managers have set otherwise', false)
    .option('--validate <mode>', 'unknown fields: strict: refuse them; warn: say so and drop them; ignore', 'strict')
    .option('--continue-on-error', 'apply each object that can be, instead of all or none', false)
    .option('--wait [what]', 'ready: until the tasks are in force and an agent has each')
    .option('--timeout <duration>', 'longest wait; 0 for none', '0')
    .option('--server-side', 'always so; accepted for the habit')
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(addErrorUnchanged(command), [
    { say: 'One file', run: 'ctask apply -f examples/hello/task.yaml' },
    { say: 'A directory and what is below it', run: 'ctask apply -R -f examples' },
    {
      say: 'A set: what is in it and no longer in the files is deleted',
      run: 'ctask apply --applyset demo --prune -R -f examples',
    },
    { say: 'Wait until an agent has it', run: 'ctask apply --wait=ready --timeout 30s -f examples/hello/task.yaml' },
    { say: 'Check without storing anything', run: 'ctask apply --dry-run=server -f examples/hello/task.yaml' },
  ]).action((flags: ApplyFlags) => run(applyOptions(flags, deps), deps));
}

/** Manager of what the verbs of this program write, unless --field-manager names another one (decision 0012). */
export const FIELD_MANAGER = 'ctask';

export interface ApplyFlags extends Partial<SetFlags>, UnchangedFlag {
  filename: string[];
  recursive: boolean;
  dryRun: string | boolean;
  output?: string;
  plan?: string;
  fieldManager?: string;
  forceConflicts?: boolean;
  validate?: string;
  continueOnError?: boolean;
  wait?: string | boolean;
  timeout?: string;
  serverSide?: boolean;
}

export const collect = (value: string, previous: string[]): string[] => [...previous, value];

export function applyOptions(flags: ApplyFlags, deps: CliDeps, verb = 'apply'): ApplyOptions {
  const output = checkFormat(flags.output, ['name', 'json', 'yaml']);
  const { filename, recursive, plan, applyset, prune = false, allowEmpty = false } = flags;
  if (filename.length === 0 && plan === undefined) throw usage('must specify -f', `see 'ctask ${verb} -h'`);
  if (plan !== undefined && (filename.length > 0 || applyset !== undefined)) {
    throw usage('--plan says all there is to do; it cannot be given together with -f or --applyset');
  }
  const { fieldManager = FIELD_MANAGER, forceConflicts: force = false, continueOnError = false } = flags;
  if (continueOnError && applyset !== undefined) {
    throw usage('a set is applied as a whole; --continue-on-error cannot be given together with --applyset');
  }
  if (flags.serverSide && (flags.dryRun === 'client' || flags.dryRun === true)) {
    throw usage("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  }
  const set = setOptions({ prune, allowEmpty, ...(applyset === undefined ? {} : { applyset }) });
  const dryRun = dryRunMode(flags.dryRun, deps);
  checkErrorUnchanged(flags, dryRun);
  return {
    ...{ filename, recursive, set, dryRun, errorUnchanged: flags.errorUnchanged ?? false },
    ...{ fieldManager, force, continueOnError, validate: validateMode(flags.validate) },
    wait: waitOptions(flags.wait, flags.timeout),
    ...(plan === undefined ? {} : { plan }),
    ...(output === undefined ? {} : { output }),
  };
}

/** As kubectl has them: true and false are strict and ignore. */
function validateMode(given = 'strict'): Validate {
  if (given === 'true') return 'strict';
  if (given === 'false') return 'ignore';
  if (given === 'strict' || given === 'warn' || given === 'ignore') return given;
  throw usage(`--validate "${given}" is not one of strict, warn, ignore`);
}

/** With `deps` a bare --dry-run is told to be old-fashioned (C-07). */
export function dryRunMode(given: string | boolean, deps?: CliDeps): DryRun {
  if (given === true) {
    void deps?.say('Warning: --dry-run is deprecated and can be replaced with --dry-run=client');
    return 'client';
  }
  if (given === 'none' || given === 'client' || given === 'server') return given;
  throw usage(`--dry-run "${given}" is not one of none, client, server`);
}

export async function runApply(options: ApplyOptions, deps: CliDeps): Promise<void> {
  if (options.plan !== undefined) return applyPlan(options.plan, options, deps);
  const verb = options.create ? 'create' : 'apply';
  const set = options.set ?? { prune: false, allowEmpty: false };
  const documents = await documentsOf(options, deps);
  if (!(await somethingToDo(verb, documents.length, options, set, deps))) return deps.setExit(1);
  if (options.dryRun === 'client') {
    // Without a server nobody knows whether it would be created or configured; it is shown as checked, with its defaults.
    const operation = options.create ? 'created' : 'validated';
    const results = documents.map(({ object }) => ({ operation, object: object as ApiObject }));
    return printResults(results, documents, options, deps);
  }
  const { fieldManager, force, continueOnError, validate = 'strict' } = options;
  const body = {
    objects: documents.map(({ given }) => given),
    ...setFields(set),
    ...(fieldManager === undefined ? {} : { fieldManager }),
    ...(force ? { force } : {}),
    ...(continueOnError ? { atomic: false } : {}),
    ...(options.dryRun === 'server' ? { dryRun: true } : {}),
    ...(options.create ? { create: true } : {}),
  };
  // Unknown fields have been told here, with their lines.
  const query = validate === 'strict' ? {} : { fieldValidation: 'Ignore' };
  const progress = new Progress(deps.host);
  if (documents.length >= MANY) progress.show(`applying ${documents.length} objects`);
  const { requestTimeoutMs } = await deps.settings();
  const extraTimeMs = requestTimeoutMs === DEFAULT_REQUEST_TIMEOUT_MS ? documents.length * TIME_PER_OBJECT_MS : 0;
  try {
    const { results } = await (await deps.api())
      .send<ApplyReply>('POST', `${GROUP_PATH}/apply`, { body, query, extraTimeMs })
      .finally(() => progress.clear());
    await printResults(results, documents, options, deps);
    await conclude(results, options, deps);
  } catch (error) {
    throw placeCauses(error, documents);
  }
}

/** All documents; with --continue-on-error those that are valid, the others are told and make the exit code 1. */
async function documentsOf(options: ApplyOptions, deps: CliDeps): Promise<readonly ManifestDocument[]> {
  const { filename: files, recursive, validate = 'strict', continueOnError = false } = options;
  const naming = options.create ? ({ generateName: 'Accept' } as const) : {};
  const check = { dated: true, files, recursive, fieldValidation: VALIDATE[validate], ...naming };
  const { documents, results } = await checkManifests(check, deps);
  try {
    await tellProblems(results, `nothing was ${options.create ? 'created' : 'applied'}`, deps);
  } catch (error) {
    if (!continueOnError || !isCloudTaskError(error, 'CT_MANIFEST_INVALID')) throw error;
    const { formatProblem } = await import('../heavy/manifests.js');
    for (const problem of results.flatMap(({ problems }) => problems)) await deps.say(formatProblem(problem));
    deps.setExit(1);
  }
  return documents;
}

/** Throws CT_CONFLICT when something is not as it was when the plan was made; then nothing is changed. */
async function applyPlan(file: string, options: ApplyOptions, deps: CliDeps): Promise<void> {
  const [source] = await readSources([file], false, deps);
  const plan = parsePlan(source?.text ?? '', file);
  const dryRun = options.dryRun === 'none' ? {} : { dryRun: true };
  const { fieldManager, force } = options;
  const body = { ...planBody(plan), ...dryRun, fieldManager, ...(force ? { force } : {}) };
  const { results } = await (await deps.api()).send<ApplyReply>('POST', `${GROUP_PATH}/apply`, { body });
  await printResults(results, [], options, deps);
  await conclude(results, options, deps);
}

async function conclude(results: readonly ApplyResult[], options: ApplyOptions, deps: CliDeps): Promise<void> {
  const { wait, dryRun } = options;
  if (wait !== undefined && dryRun === 'none') await untilReady(results, wait, deps);
  const changed = results.map((result) => 'object' in result && result.operation !== 'unchanged');
  failUnchanged(options, changed, deps);
}
