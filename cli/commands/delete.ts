// ctask delete: by name, by selector, by file; asks first where a slip would hurt.
import type { Command } from 'commander';
import { Backoff, CloudTaskError, isCloudTaskError, parseDuration } from '../../base/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { reportMissing } from '../resources/missing.js';
import { readManifests } from '../resources/read-manifests.js';
import { parseTargets, usage } from '../resources/target.js';
import { type DryRun, kindDotGroup, qualifiedName } from '../resources/words.js';
import { collect, dryRunMode } from './apply.js';

export interface DeleteOptions {
  filename: string[];
  recursive: boolean;
  selector?: string;
  all: boolean;
  allNamespaces: boolean;
  ignoreNotFound: boolean;
  wait: boolean;
  /** 0 for no limit. */
  timeoutMs: number;
  interactive: boolean;
  yes: boolean;
  /** What becomes of the runs of tasks. */
  cascade: Cascade;
  /** Do not wait for runs, not even where that was asked for before. */
  force: boolean;
  dryRun: DryRun;
  output?: 'name';
}

type Cascade = keyof typeof POLICIES;

/** Of the API, by the words of the flag. */
const POLICIES = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;

interface DeleteFlags extends Omit<DeleteOptions, 'timeoutMs' | 'dryRun' | 'output' | 'cascade'> {
  cascade: string;
  now: boolean;
  timeout: string;
  dryRun: string | boolean;
  output?: string;
}

/** One object to be deleted. */
interface Doomed {
  readonly kind: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** More objects than this are not deleted on a terminal without a question. */
const ASK_ABOVE = 10;
const ASK_KINDS = new Set(['Namespace', 'Cluster']);

export function defineDelete(program: Command, deps: CliDeps, run = runDelete): void {
  const command = program
    .command('delete')
    .description('Delete objects')
    .argument('[resource...]', 'TYPE NAME…, TYPE/NAME …, or TYPE with -l or --all')
    .option('-f, --filename <file>', 'what these manifests name; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false)
    .option('-l, --selector <labels>', 'objects with these labels')
    .option('--all', 'all objects of the type', false)
    .option('-A, --all-namespaces', 'in all namespaces', false)
    .option('--ignore-not-found', 'what does not exist is no error', false)
    .option('--no-wait', 'do not wait until the objects are gone')
    .option('--timeout <duration>', 'longest wait; 0 for none', '0')
    .option(
      '--cascade <mode>',
      'background: runs follow; foreground: cancel them first; orphan: keep them',
      'background',
    )
    .option('--now', 'the same as --cascade=foreground', false)
    .option('--force', 'do not wait for runs that are being cancelled', false)
    .option('-i, --interactive', 'ask before deleting', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--dry-run [mode]', 'client or server: say what would be deleted', 'none')
    .option('-o, --output <format>', 'name');
  addExamples(command, [
    { say: 'One task', run: 'ctask delete task hello' },
    { say: 'What a file names', run: 'ctask delete -f examples/hello/task.yaml --ignore-not-found' },
    { say: 'End what runs, then delete', run: 'ctask delete task hello --cascade=foreground' },
    { say: 'By label', run: 'ctask delete tasks -l team=fin' },
  ]).action((words: string[], flags: DeleteFlags) => run(words, deleteOptions(flags), deps));
}

function deleteOptions({ timeout, dryRun, output, cascade, now, ...flags }: DeleteFlags): DeleteOptions {
  if (!Object.hasOwn(POLICIES, cascade)) {
    throw usage(`--cascade "${cascade}" is not one of ${Object.keys(POLICIES).join(', ')}`);
  }
  const mode = now ? 'foreground' : (cascade as Cascade);
  if (flags.force && mode === 'foreground')
    throw usage('--force does not wait for runs; it cannot be given together with --cascade=foreground or --now');
  const timeoutMs = /^\d+$/.test(timeout) ? Number(timeout) * 1000 : parseDuration(timeout);
  if (timeoutMs === undefined) throw usage(`--timeout "${timeout}" is not a duration such as 30s`);
  const format = checkFormat(output, ['name']);
  return {
    ...flags,
    cascade: mode,
    timeoutMs,
    dryRun: dryRunMode(dryRun),
    ...(format === undefined ? {} : { output: format }),
  };
}

export async function runDelete(words: readonly string[], options: DeleteOptions, deps: CliDeps): Promise<void> {
  const doomed =
    options.filename.length > 0 ? await fromFiles(words, options, deps) : await fromWords(words, options, deps);
  if (doomed.length === 0) return deps.say('No resources found');
  if (!(await confirmed(doomed, options, deps))) return deps.say('deletion is cancelled');
  const waiting: { object: Doomed; uid: string | undefined }[] = [];
  const missing: CloudTaskError[] = [];
  // In the foreground nothing is deleted yet when the request is answered.
  const later = options.cascade === 'foreground' && options.wait && options.dryRun === 'none';
  for (const object of doomed) {
    const uid = options.dryRun === 'none' ? await remove(object, options, missing, deps) : { uid: undefined };
    if (uid === undefined) continue;
    waiting.push({ object, ...uid });
    if (!later) await deps.out(line(object, options));
  }
  if (options.wait && options.dryRun === 'none') await untilAllGone(waiting, options, later, deps);
  await reportMissing(missing, deps);
}

async function untilAllGone(
  waiting: readonly { object: Doomed; uid: string | undefined }[],
  options: DeleteOptions,
  later: boolean,
  deps: CliDeps,
): Promise<void> {
  const deadline = options.timeoutMs === 0 ? Number.POSITIVE_INFINITY : deps.clock.monotonic() + options.timeoutMs;
  for (const { object, uid } of waiting) {
    await untilGone(object, uid, deadline, deps);
    if (later) await deps.out(line(object, options));
  }
}

async function fromFiles(words: readonly string[], options: DeleteOptions, deps: CliDeps): Promise<Doomed[]> {
  if (words.length > 0) throw usage('names cannot be given together with -f');
  const documents = await readManifests(options.filename, options.recursive, 'nothing was deleted', deps);
  const { kindRow } = await import('../heavy/manifests.js');
  const doomed = documents.map(({ object, kind }) => ({
    kind,
    plural: kindRow(kind).plural,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
  }));
  // Packages can only go when no task uses them, namespaces when they are empty.
  const last = ({ kind }: Doomed) => ['Calendar', 'Package', 'Namespace'].indexOf(kind);
  return doomed.sort((a, b) => last(a) - last(b));
}

async function fromWords(words: readonly string[], options: DeleteOptions, deps: CliDeps): Promise<Doomed[]> {
  const targets = await parseTargets(words, await deps.discovery());
  const { namespace } = await deps.settings();
  const doomed: Doomed[] = [];
  for (const { resource, names } of targets) {
    const { kind, name: plural, namespaced } = resource;
    if (names !== undefined) {
      if (options.all || options.selector !== undefined)
        throw usage('a name cannot be given together with --all or -l');
      for (const name of names) doomed.push({ kind, plural, namespace: namespaced ? namespace : undefined, name });
      continue;
    }
    if (!options.all && options.selector === undefined)
      throw usage('resource(s) were provided, but no name, -l or --all');
    const path = resourcePath(plural, namespaced && !options.allNamespaces ? namespace : undefined);
    const { items } = await listAll<ApiObject>(await deps.api(), path, { labelSelector: options.selector });
    for (const { metadata } of items) doomed.push({ kind, plural, namespace: metadata.namespace, name: metadata.name });
  }
  return doomed;
}

async function confirmed(doomed: readonly Doomed[], options: DeleteOptions, deps: CliDeps): Promise<boolean> {
  if (options.yes || options.dryRun !== 'none') return true;
  const risky =
    options.all || options.allNamespaces || doomed.length > ASK_ABOVE || doomed.some(({ kind }) => ASK_KINDS.has(kind));
  const asking = options.interactive || (risky && deps.host.stdin.isTTY && !deps.host.env.CTASK_NO_INPUT);
  if (!asking) return true;
  await deps.say(`You are about to delete the following ${doomed.length} resource(s):`);
  for (const { kind, namespace, name } of doomed) {
    await deps.say(`${qualifiedName(kind, name)}${namespace === undefined ? '' : ` in ${namespace} namespace`}`);
  }
  await deps.host.stderr.write('Do you want to continue? (y/N): ');
  return /^y(es)?$/i.test((await deps.host.stdin.line())?.trim() ?? '');
}

/** Undefined when it did not exist: fine with --ignore-not-found, else noted in `missing`; the others are deleted all the same. */
async function remove(
  object: Doomed,
  options: DeleteOptions,
  missing: CloudTaskError[],
  deps: CliDeps,
): Promise<{ uid: string | undefined } | undefined> {
  try {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: POLICIES[options.cascade] };
    const reply = await (await deps.api()).send<Partial<ApiObject>>('DELETE', pathOf(object), { body });
    return { uid: reply.metadata?.uid };
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_NOT_FOUND')) throw error;
    if (!options.ignoreNotFound) missing.push(error);
    return undefined;
  }
}

function line({ kind, namespace, name }: Doomed, { output, dryRun, force }: DeleteOptions): string {
  if (output === 'name') return `${qualifiedName(kind, name)}\n`;
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  const from = namespace === undefined ? '' : ` from ${namespace} namespace`;
  return `${kindDotGroup(kind)} "${name}" ${force ? 'force ' : ''}deleted${from}${suffix}\n`;
}

/** Waits until the object, or this incarnation of it, is gone. Throws CT_TIMEOUT. */
async function untilGone(object: Doomed, uid: string | undefined, deadline: number, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const backoff = new Backoff({ initialMs: 50, maxMs: 1000 });
  for (;;) {
    try {
      const there = await api.get<ApiObject>(pathOf(object));
      if (uid !== undefined && there.metadata.uid !== uid) return;
    } catch (error) {
      if (isCloudTaskError(error, 'CT_NOT_FOUND')) return;
      throw error;
    }
    if (deps.clock.monotonic() > deadline) {
      throw new CloudTaskError('CT_TIMEOUT', `timed out waiting for the deletion of ${object.plural}/${object.name}`);
    }
    await deps.clock.sleep(backoff.next(), deps.signal);
  }
}

const pathOf = ({ plural, namespace, name }: Doomed): string => resourcePath(plural, namespace, name);
