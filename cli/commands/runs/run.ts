// ctask run: one run now; optionally to its end, with its output and its result.
import type { Command } from 'commander';
import { CloudTaskError, isCloudTaskError, parseDuration } from '../../../base/index.js';
import { API_VERSION, isFinal, type Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { type ObjectList, watchFrom } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { processExitCode } from '../../exit-codes.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { printLog } from '../../output/print-log.js';
import type { ApiObject } from '../../resources/api-object.js';
import { parseEnvironment } from '../../resources/environment.js';
import { parseParameters } from '../../resources/parameters.js';
import { oneName, TASK_NAMES, usage } from '../../resources/target.js';
import { qualifiedName, resultLine, whyWords } from '../../resources/words.js';
import { collect } from '../apply.js';
import { cancelWords } from './cancel.js';

export interface RunOptions {
  task: string;
  args: readonly string[];
  env: readonly { name: string; value: string }[];
  /** Values by name, as texts: the center knows what they are. */
  parameters?: Readonly<Record<string, string>>;
  follow: boolean;
  wait: boolean;
  /** Longest wait for the end, ms. */
  timeoutMs?: number;
  propagateExitCode: boolean;
  cancelOnInterrupt: boolean;
  raw: boolean;
  /** The agent that shall make it: one that has the task. */
  agent?: string;
  /** The slot that it is made for, of a task that has several; all of them unless given. */
  slot?: string;
  /** The same key twice is the same run. */
  idempotencyKey?: string;
  output?: Output;
}

const OUTPUTS = ['name', 'json', 'yaml', 'ndjson'] as const;
type Output = (typeof OUTPUTS)[number];

type Passed =
  | 'follow'
  | 'wait'
  | 'propagateExitCode'
  | 'cancelOnInterrupt'
  | 'raw'
  | 'agent'
  | 'slot'
  | 'idempotencyKey';

interface RunFlags extends Pick<RunOptions, Passed> {
  env: string[];
  param: string[];
  timeout?: string;
  output?: string;
}

export function defineRun(program: Command, deps: CliDeps, run = runRun): void {
  const command = program
    .command('run')
    .description('Run a task now')
    .argument('<task>', 'NAME or task/NAME')
    .argument('[args...]', 'arguments added to the command, after --')
    .option('-f, --follow', 'show the output, and end as the run does', false)
    .option('--wait', 'wait for the end, and end as the run does', false)
    .option('--timeout <duration>', 'longest wait for the end')
    .option('--param <name=value>', 'value of a parameter that the task declares; may be repeated', collect, [])
    .option('--env <name=value>', 'variable for this run only; may be repeated', collect, [])
    .option('--agent <name>', 'the agent that shall run it; one that has the task')
    .option('--slot <slot>', 'run it for one shard, or one agent, of a task with placement.mode Shards or EveryAgent')
    .option('--idempotency-key <key>', 'the same key again is the same run')
    .option('--propagate-exit-code', "end with the process's exit code", false)
    .option('--cancel-on-interrupt', 'Ctrl-C cancels the run instead of leaving it', false)
    .option('--raw', 'to a terminal too, exactly the bytes the process wrote', false)
    .option('-o, --output <format>', 'name, json or yaml; with --wait as it ended; with -f ndjson, the lines');
  addExamples(command, [
    { say: 'Start it and go on', run: 'ctask run hello' },
    { say: 'See its output; exit 0 if it succeeds, 1 otherwise', run: 'ctask run hello -f' },
    { say: 'With a value of a parameter that it declares', run: 'ctask run hello --param region=eu' },
    { say: 'With a variable and arguments of its own', run: 'ctask run hello --wait --env MODE=full -- --verbose' },
  ]).action((task: string, args: string[], flags: RunFlags) => run(runOptions(task, args, flags), deps));
}

function runOptions(
  task: string,
  args: readonly string[],
  { env, param, timeout, output, ...flags }: RunFlags,
): RunOptions {
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && timeoutMs === undefined)
    throw usage(`--timeout "${timeout}" is not a duration such as 5m`);
  const format = checkFormat(output, OUTPUTS);
  if (flags.follow && format !== undefined && format !== 'ndjson')
    throw usage(`-o ${format} does not go with -f`, 'use --wait');
  if (!flags.follow && format === 'ndjson') throw usage('-o ndjson goes with -f');
  if (flags.agent !== undefined && flags.slot !== undefined) throw usage('--agent does not go with --slot');
  if (timeoutMs !== undefined && !flags.follow && !flags.wait) throw usage('--timeout goes with --wait or -f');
  return {
    ...flags,
    task: oneName(task, TASK_NAMES).name,
    args,
    env: parseEnvironment(env),
    parameters: parseParameters(param),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(format === undefined ? {} : { output: format }),
  };
}

export async function runRun(options: RunOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const { parameters = {} } = options;
  const body = {
    ...(options.args.length === 0 ? {} : { args: options.args }),
    ...(options.env.length === 0 ? {} : { env: options.env }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(options.slot === undefined ? {} : { slot: options.slot }),
    ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
  };
  const api = await deps.api();
  const made = await api.send<Run | { items: Run[] }>('POST', resourcePath('tasks', namespace, options.task, 'run'), {
    body,
    repeatable: options.idempotencyKey !== undefined,
  });
  if (!('items' in made)) return runOne(made, options, deps);
  await announceAll(made, options, deps);
  if (!options.follow && !options.wait) return;
  await concludeAll(made.items, options, deps);
}

async function runOne(run: Run, options: RunOptions, deps: CliDeps): Promise<void> {
  await announce(run, options, deps);
  if (!options.follow && !options.wait) return;
  deps.atInterrupt(() => onInterrupt(run, options, deps));
  const ended = await withTimeout(toItsEnd(run, options, deps), run, options, deps);
  if (isObjectFormat(options.output)) await deps.out(await renderObject(ended, options.output));
  await conclude(ended, options, deps);
}

async function announceAll(list: { items: Run[] }, options: RunOptions, deps: CliDeps): Promise<void> {
  if (!isObjectFormat(options.output)) {
    for (const run of list.items) await announce(run, options, deps);
  } else if (!options.wait) await deps.out(await renderObject(list, options.output));
}

/** The worst end is that of the command: with --propagate-exit-code the greatest exit code, otherwise 1 if one failed. */
async function concludeAll(runs: readonly Run[], options: RunOptions, deps: CliDeps): Promise<void> {
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

async function announce(run: Run, { output, follow, wait }: RunOptions, deps: CliDeps): Promise<void> {
  // Who waits for it gets the object once, as it ended.
  if (isObjectFormat(output)) return wait ? undefined : deps.out(await renderObject(run, output));
  if (output === 'name') return deps.out(`${qualifiedName('Run', run.metadata.name)}\n`);
  const line = resultLine('Run', run.metadata.name, 'created');
  // With -f stdout carries what the process writes, and nothing else.
  await (follow ? deps.host.stderr.write(line) : deps.out(line));
}

async function toItsEnd(run: Run, options: RunOptions & { prefix?: boolean }, deps: CliDeps): Promise<Run> {
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

async function withTimeout<T>(work: Promise<T>, run: Run, { timeoutMs }: RunOptions, deps: CliDeps): Promise<T> {
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

async function conclude({ metadata, status }: Run, options: RunOptions, deps: CliDeps): Promise<void> {
  const state = status?.state ?? 'Lost';
  const failed = state !== 'Succeeded';
  // Who waits without the output learns what it came to; scripts that ask for -o read it there.
  const silent = options.follow || options.output !== undefined;
  if (failed || !silent) await deps.say(`run ${metadata.name}: ${state}${whyWords(status ?? {})}`);
  const own = options.propagateExitCode && status !== undefined ? processExitCode(status) : undefined;
  deps.setExit(own ?? (failed ? 1 : 0));
}

async function onInterrupt(run: Run, options: RunOptions, deps: CliDeps): Promise<void> {
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
