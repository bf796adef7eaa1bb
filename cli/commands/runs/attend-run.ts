// What run and retry do with the runs they have made: tell them, follow them, wait for them, and end as they do.

import type { Command } from 'commander';
import { CloudTaskError, isCloudTaskError, parseDuration } from '../../../base/index.js';
import { API_VERSION, isFinal, type Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { type ObjectList, watchFrom } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { processExitCode } from '../../exit-codes.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { printLog } from '../../output/print-log.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import { qualifiedName, resultLine, whyWords } from '../../resources/words.js';
import { cancelWords } from './cancel.js';

export interface AttendOptions {
  follow: boolean;
  wait: boolean;
  /** Longest wait for the end, ms. */
  timeoutMs?: number;
  propagateExitCode: boolean;
  cancelOnInterrupt: boolean;
  raw: boolean;
  output?: Output;
}

/** Who makes a run and goes on. */
export const UNATTENDED = {
  ...{ follow: false, wait: false, propagateExitCode: false, cancelOnInterrupt: false, raw: false },
} as const satisfies AttendOptions;

const OUTPUTS = ['name', 'json', 'yaml', 'ndjson'] as const;
type Output = (typeof OUTPUTS)[number];

export interface AttendFlags extends Omit<AttendOptions, 'timeoutMs' | 'output'> {
  timeout?: string;
  output?: string;
}

export function addAttendFlags(command: Command): Command {
  return command
    .option('-f, --follow', 'show the output, and end as the run does', false)
    .option('--wait', 'wait for the end, and end as the run does', false)
    .option('--timeout <duration>', 'longest wait for the end')
    .option('--propagate-exit-code', "end with the process's exit code", false)
    .option('--cancel-on-interrupt', 'Ctrl-C cancels the run instead of leaving it', false)
    .option('--raw', 'to a terminal too, exactly the bytes the process wrote', false)
    .option('-o, --output <format>', 'name, json or yaml; with --wait as it ended; with -f ndjson, the lines');
}

/** Throws CT_USAGE. */
export function attendOptions(flags: AttendFlags): AttendOptions {
  const { follow, wait, timeout, propagateExitCode, cancelOnInterrupt, raw } = flags;
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && timeoutMs === undefined)
    throw usage(`--timeout "${timeout}" is not a duration such as 5m`);
  const format = checkFormat(flags.output, OUTPUTS);
  if (follow && format !== undefined && format !== 'ndjson')
    throw usage(`-o ${format} does not go with -f`, 'use --wait');
  if (!follow && format === 'ndjson') throw usage('-o ndjson goes with -f');
  if (timeoutMs !== undefined && !follow && !wait) throw usage('--timeout goes with --wait or -f');
  return {
    ...{ follow, wait, propagateExitCode, cancelOnInterrupt, raw },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(format === undefined ? {} : { output: format }),
  };
}

export async function attendOne(run: Run, options: AttendOptions, deps: CliDeps): Promise<void> {
  await announce(run, options, deps);
  await toTheEnds([run], options, deps);
}

/** Of runs that have been told: what -f and --wait ask for. */
export async function toTheEnds(runs: readonly Run[], options: AttendOptions, deps: CliDeps): Promise<void> {
  if (!options.follow && !options.wait) return;
  const [run, ...others] = runs;
  if (run === undefined || others.length > 0) return concludeAll(runs, options, deps);
  deps.atInterrupt(() => onInterrupt(run, options, deps));
  const ended = await withTimeout(toItsEnd(run, options, deps), run, options, deps);
  if (isObjectFormat(options.output)) await deps.out(await renderObject(ended, options.output));
  await conclude(ended, options, deps);
}

/** Several runs, of which -o tells one list. */
export async function attendAll(made: { items: Run[] }, options: AttendOptions, deps: CliDeps): Promise<void> {
  await announceAll(made, options, deps);
  if (options.follow || options.wait) await concludeAll(made.items, options, deps);
}

async function announceAll(list: { items: Run[] }, options: AttendOptions, deps: CliDeps): Promise<void> {
  if (!isObjectFormat(options.output)) {
    for (const run of list.items) await announce(run, options, deps);
  } else if (!options.wait) await deps.out(await renderObject(list, options.output));
}

/** The worst end is that of the command: with --propagate-exit-code the greatest exit code, otherwise 1 if one failed. */
async function concludeAll(runs: readonly Run[], options: AttendOptions, deps: CliDeps): Promise<void> {
  deps.atInterrupt(async () => {
    for (const run of runs) await onInterrupt(run, options, deps);
  });
  const several = { ...options, prefix: true };
  const ended = await Promise.all(runs.map((run) => withTimeout(toItsEnd(run, several, deps), run, options, deps)));
  if (isObjectFormat(options.output)) {
    const list = { apiVersion: API_VERSION, kind: 'RunList', metadata: {}, items: ended };
    await deps.out(await renderObject(list, options.output));
  }
  let worst = 0;
  const note = (code: number) => {
    worst = Math.max(worst, code);
  };
  const noting = { ...deps, setExit: note };
  for (const run of ended) await conclude(run, options, noting);
  deps.setExit(worst);
}

const isObjectFormat = (output: Output | undefined): output is 'json' | 'yaml' =>
  output === 'json' || output === 'yaml';

/** Says that a run was made, unless its end is to be told alone. */
export async function announce(run: Run, { output, follow, wait }: AttendOptions, deps: CliDeps): Promise<void> {
  // Who waits for it gets the object once, as it ended.
  if (isObjectFormat(output)) return wait ? undefined : deps.out(await renderObject(run, output));
  if (output === 'name') return deps.out(`${qualifiedName('Run', run.metadata.name)}\n`);
  const line = resultLine('Run', run.metadata.name, 'created');
  // With -f stdout carries what the process writes, and nothing else.
  await (follow ? deps.host.stderr.write(line) : deps.out(line));
}

async function toItsEnd(run: Run, options: AttendOptions & { prefix?: boolean }, deps: CliDeps): Promise<Run> {
  const { name, namespace = 'default' } = run.metadata;
  if (options.follow) {
    const request = { namespace, run: name, follow: true };
    await printLog(
      request,
      { timestamps: false, prefix: options.prefix ?? false, raw: options.raw, ndjson: options.output === 'ndjson' },
      deps,
    );
  }
  return untilFinal(namespace, name, deps);
}

async function untilFinal(namespace: string, name: string, deps: CliDeps): Promise<Run> {
  const api = await deps.api();
  const path = resourcePath('runs', namespace);
  const query = { fieldSelector: `metadata.name=${name}` };
  const list = await api.get<ObjectList<Run & ApiObject>>(path, query);
  const [run] = list.items;
  if (run !== undefined && isFinal(run.status?.state ?? 'Pending')) return run;
  for await (const { type, object } of watchFrom(api, path, query, list)) {
    if (type === 'DELETED') throw new CloudTaskError('CT_NOT_FOUND', `run "${name}" was deleted`);
    if (isFinal(object.status?.state ?? 'Pending')) return object;
  }
  throw new CloudTaskError('CT_NOT_FOUND', `run "${name}" was not found`);
}

async function withTimeout<T>(work: Promise<T>, run: Run, { timeoutMs }: AttendOptions, deps: CliDeps): Promise<T> {
  if (timeoutMs === undefined) return work;
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    const detail = `run "${run.metadata.name}" has not ended in time; it goes on`;
    const timer = deps.clock.timerAfter(timeoutMs, () => reject(new CloudTaskError('CT_TIMEOUT', detail)));
    cancel = () => timer.cancel();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

async function conclude({ metadata, status }: Run, options: AttendOptions, deps: CliDeps): Promise<void> {
  const state = status?.state ?? 'Lost';
  const failed = state !== 'Succeeded';
  // Who waits without the output learns what it came to; scripts that ask for -o read it there.
  const silent = options.follow || options.output !== undefined;
  if (failed || !silent) await deps.say(`run ${metadata.name}: ${state}${whyWords(status ?? {})}`);
  const own = options.propagateExitCode && status !== undefined ? processExitCode(status) : undefined;
  deps.setExit(own ?? (failed ? 1 : 0));
}

async function onInterrupt(run: Run, options: AttendOptions, deps: CliDeps): Promise<void> {
  const { name, namespace } = run.metadata;
  if (!options.cancelOnInterrupt) {
    return deps.say(
      `\ndetached from run ${name}, which goes on; to end it: ctask cancel run/${name}${inNamespace(namespace)}`,
    );
  }
  try {
    const after = await (await deps.api()).send<Run>('POST', resourcePath('runs', namespace, name, 'cancel'));
    await deps.say(`\n${resultLine('Run', name, cancelWords(after)).trimEnd()}`);
  } catch (error) {
    if (!isCloudTaskError(error)) throw error;
    await deps.say(`\nrun ${name} could not be cancelled: ${error.message}`);
  }
}

const inNamespace = (namespace: string | undefined): string =>
  namespace === undefined || namespace === 'default' ? '' : ` -n ${namespace}`;
