// The generators of `ctask create`: objects from flags instead of files (rows C-15, C-16).
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat } from '../output/objects.js';
import { parseEnvironment } from '../resources/environment.js';
import { oneName, TASK_NAMES, usage } from '../resources/target.js';
import { API_VERSION, type DryRun } from '../resources/words.js';
import { collect, dryRunMode } from './apply.js';
import { cloneTask, type TaskDraft } from './clone-task.js';
import { defineCreatePackage } from './packages/define-create.js';
import { runRun } from './runs/run.js';

export interface CreateOptions {
  manifest: object;
  kind: string;
  name: string;
  dryRun: DryRun;
  output?: 'name' | 'json' | 'yaml';
  /** Text begins with the line that tells editors the schema (row A-51). */
  modeline?: boolean;
}

type RunCreate = (options: CreateOptions, deps: CliDeps) => Promise<void>;

export interface CommonFlags {
  dryRun: string | boolean;
  output?: string;
  modeline: boolean;
}

interface TaskFlags extends CommonFlags {
  schedule: string[];
  every?: string;
  at?: string;
  timezone?: string;
  env: string[];
  cluster?: string;
  selector?: string;
  label: string[];
  timeout?: string;
  retries?: string;
  suspend: boolean;
  description?: string;
  from?: string;
  fromNamespace?: string;
}

export const MODELINE = ['--modeline', 'with -o yaml: begin with the line that tells editors the schema'] as const;

export function defineGenerators(create: Command, deps: CliDeps, run: RunCreate): void {
  defineTask(create, deps, run);
  defineNamespace(create, deps, run);
  defineCluster(create, deps, run);
  defineRun(create, deps);
  defineCreatePackage(create, deps);
}

function defineTask(create: Command, deps: CliDeps, run: RunCreate): void {
  const task = create
    .command('task')
    .description('Create a task')
    .argument('<name>')
    .argument('[command...]', 'program and arguments, after --')
    .option('--schedule <cron>', 'cron expression; may be repeated; without one it runs on demand', collect, [])
    .option('--every <duration>', 'fixed interval, e.g. 90s')
    .option('--at <time>', 'one single instant, e.g. 2026-12-24T18:00:00+01:00')
    .option('--timezone <zone>', 'IANA time zone')
    .option('--env <name=value>', 'environment variable; may be repeated', collect, [])
    .option('--cluster <name>', 'cluster whose agents run it')
    .option('--selector <labels>', 'labels of the agents that may run it, e.g. disk=ssd')
    .option('--label <key=value>', 'label of the task; may be repeated', collect, [])
    .option('--timeout <duration>', 'longest time of one attempt')
    .option('--retries <n>', 'further attempts after one that failed')
    .option('--suspend', 'fire nothing until it is resumed', false)
    .option('--description <text>', 'what it is for')
    .option('--from <task>', 'task/NAME to copy; flags and a command say what is to be different')
    .option('--from-namespace <namespace>', 'where the task of --from is; the namespace of the command unless given')
    .option(...MODELINE, false);
  addExamples(task, [
    { say: 'Every five minutes', run: "ctask create task tick --schedule '*/5 * * * *' -- date" },
    { say: 'On demand only', run: 'ctask create task once -- echo hi' },
    {
      say: 'A copy of another task, at another hour; not suspended, whatever the other one is',
      run: "ctask create task hello-again --from=task/hello --schedule '0 3 * * *'",
    },
    {
      say: 'A manifest to go on from',
      run: "ctask create task nightly --schedule '0 2 * * *' --timezone Europe/Berlin --retries 2 --dry-run=client -o yaml -- date",
    },
  ]).action(async (name: string, command: string[], _flags, self: Command) => {
    const flags = self.optsWithGlobals<TaskFlags>();
    const { from, fromNamespace } = flags;
    const labels = pairs('--label', flags.label);
    const draft = taskSpec(flags, command);
    const options = toCreate('Task', name, draft, flags, labels);
    if (from === undefined) {
      if (fromNamespace !== undefined) throw usage('--from-namespace goes with --from only');
      return run(options, deps);
    }
    const source = { from, ...(fromNamespace === undefined ? {} : { fromNamespace }) };
    return run({ ...options, manifest: await cloneTask(name, source, draft, labels, deps) }, deps);
  });
}

function defineNamespace(create: Command, deps: CliDeps, run: RunCreate): void {
  const namespace = create
    .command('namespace')
    .alias('ns')
    .description('Create a namespace')
    .argument('<name>')
    .option('--description <text>', 'what it is for')
    .option(...MODELINE, false);
  addExamples(namespace, [
    { say: 'A namespace', run: 'ctask create namespace billing' },
    { say: 'Its manifest', run: 'ctask create namespace billing --dry-run=client -o yaml' },
  ]).action((name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<CommonFlags & { description?: string }>();
    return run(toCreate('Namespace', name, given({ description: flags.description }), flags), deps);
  });
}

function defineCluster(create: Command, deps: CliDeps, run: RunCreate): void {
  const cluster = create
    .command('cluster')
    .description('Create a cluster: a set of agents that share tasks')
    .argument('<name>')
    .option('--description <text>', 'what it is for')
    .option('--rebalance <policy>', 'Slow: tasks move by and by to agents that join; Manual: nothing moves')
    .option('--lost-after <duration>', 'silence of an agent after which its runs count as Lost')
    .option(...MODELINE, false);
  addExamples(cluster, [
    { say: 'A cluster', run: "ctask create cluster eu --description 'Machines in Frankfurt'" },
    { say: 'Its manifest', run: 'ctask create cluster eu --rebalance Manual --dry-run=client -o yaml' },
  ]).action((name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<
      CommonFlags & { description?: string; rebalance?: string; lostAfter?: string }
    >();
    const { description, rebalance, lostAfter } = flags;
    return run(toCreate('Cluster', name, given({ description, lostAfter, rebalance }), flags), deps);
  });
}

/** The name of a run is made of that of its task; it cannot be chosen. */
function defineRun(create: Command, deps: CliDeps): void {
  const command = create
    .command('run')
    .description("Run a task now; the same as 'ctask run'")
    .argument('[args...]', 'arguments added to the command, after --')
    .requiredOption('--from <task>', 'task/NAME')
    .option('--env <name=value>', 'variable for this run only; may be repeated', collect, []);
  addExamples(command, [
    { say: 'One run of a task', run: 'ctask create run --from=task/hello' },
    { say: 'With a variable of its own', run: 'ctask create run --from=task/hello --env MODE=full' },
  ]).action((args: string[], _flags, self: Command) => {
    const { from, env, dryRun, output } = self.optsWithGlobals<CommonFlags & { from: string; env: string[] }>();
    if (dryRunMode(dryRun) !== 'none') throw usage('a run cannot be tried without starting it');
    const format = checkFormat(output, ['name', 'json', 'yaml']);
    return runRun(
      {
        ...{ task: oneName(from, TASK_NAMES).name, args, env: parseEnvironment(env) },
        ...{ follow: false, wait: false, propagateExitCode: false, cancelOnInterrupt: false, raw: false },
        ...(format === undefined ? {} : { output: format }),
      },
      deps,
    );
  });
}

export function toCreate(
  kind: CreateOptions['kind'],
  name: string,
  spec: object,
  flags: CommonFlags,
  labels: Readonly<Record<string, string>> = {},
): CreateOptions {
  const output = checkFormat(flags.output, ['name', 'json', 'yaml']);
  const metadata = { name, ...(Object.keys(labels).length === 0 ? {} : { labels }) };
  return {
    ...{ manifest: { apiVersion: API_VERSION, kind, metadata, spec }, kind, name },
    ...{ dryRun: dryRunMode(flags.dryRun), modeline: flags.modeline },
    ...(output === undefined ? {} : { output }),
  };
}

/** What the flags say; of a copy the command may be left to the task it is made from. */
function taskSpec(flags: TaskFlags, command: readonly string[]): TaskDraft {
  if (command.length === 0 && flags.from === undefined) {
    throw usage('a command is needed after --', 'or copy a task: --from=task/NAME');
  }
  const env = parseEnvironment(flags.env);
  const schedules = schedulesOf(flags);
  const matchLabels = flags.selector === undefined ? undefined : pairs('--selector', flags.selector.split(','));
  if (flags.retries !== undefined && !/^\d+$/.test(flags.retries)) {
    throw usage(`--retries "${flags.retries}" is not a number`);
  }
  return given({
    description: flags.description,
    cluster: flags.cluster,
    placement: matchLabels === undefined ? undefined : { selector: { matchLabels } },
    timeZone: flags.timezone,
    schedules: schedules.length === 0 ? undefined : schedules,
    suspend: flags.suspend || undefined,
    run: given({ command: command.length === 0 ? undefined : command, env: env.length === 0 ? undefined : env }),
    timeout: flags.timeout,
    retry: flags.retries === undefined ? undefined : { limit: Number(flags.retries) },
  });
}

/** The first schedule needs no name. */
function schedulesOf({ schedule, every, at }: TaskFlags): object[] {
  const rules = [...schedule.map((cron) => ({ cron })), ...(every ? [{ every }] : []), ...(at ? [{ at }] : [])];
  return rules.map((rule, index) => (index === 0 ? rule : { name: `schedule-${index + 1}`, ...rule }));
}

/** `key=value` words. */
function pairs(flag: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key, value, ...more] = text.split('=');
      if (!key || value === undefined || more.length > 0) throw usage(`${flag} "${text}" is not KEY=VALUE`);
      return [key, value];
    }),
  );
}

/** Without the values that nobody gave. */
function given(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
