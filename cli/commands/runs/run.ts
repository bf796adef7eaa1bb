// ctask run: one run now; optionally to its end, with its output and its result.
import type { Command } from 'commander';
import type { Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { parseEnvironment } from '../../resources/environment.js';
import { parseParameters } from '../../resources/parameters.js';
import { oneName, TASK_NAMES, usage } from '../../resources/target.js';
import { collect } from '../apply.js';
import {
  type AttendFlags,
  type AttendOptions,
  addAttendFlags,
  attendAll,
  attendOne,
  attendOptions,
} from './attend-run.js';

export interface RunOptions extends AttendOptions {
  task: string;
  args: readonly string[];
  env: readonly { name: string; value: string }[];
  /** Values by name, as texts: the center knows what they are. */
  parameters?: Readonly<Record<string, string>>;
  /** The agent that shall make it: one that has the task. */
  agent?: string;
  /** The slot that it is made for, of a task that has several; all of them unless given. */
  slot?: string;
  /** The same key twice is the same run. */
  idempotencyKey?: string;
}

interface RunFlags extends AttendFlags, Pick<RunOptions, 'agent' | 'slot' | 'idempotencyKey'> {
  env: string[];
  param: string[];
}

export function defineRun(program: Command, deps: CliDeps, run = runRun): void {
  const base = program
    .command('run')
    .description('Run a task now')
    .argument('<task>', 'NAME or task/NAME')
    .argument('[args...]', 'arguments added to the command, after --')
    .option('--param <name=value>', 'value of a parameter that the task declares; may be repeated', collect, [])
    .option('--env <name=value>', 'variable for this run only; may be repeated', collect, [])
    .option('--agent <name>', 'the agent that shall run it; one that has the task')
    .option('--slot <slot>', 'run it for one shard, or one agent, of a task with placement.mode Shards or EveryAgent')
    .option('--idempotency-key <key>', 'the same key again is the same run');
  addExamples(addAttendFlags(base), [
    { say: 'Start it and go on', run: 'ctask run hello' },
    { say: 'See its output; exit 0 if it succeeds, 1 otherwise', run: 'ctask run hello -f' },
    { say: 'With a value of a parameter that it declares', run: 'ctask run hello --param region=eu' },
    { say: 'With a variable and arguments of its own', run: 'ctask run hello --wait --env MODE=full -- --verbose' },
  ]).action((task: string, args: string[], flags: RunFlags) => run(runOptions(task, args, flags), deps));
}

function runOptions(task: string, args: readonly string[], flags: RunFlags): RunOptions {
  const { env, param, agent, slot, idempotencyKey } = flags;
  const attending = attendOptions(flags);
  if (agent !== undefined && slot !== undefined) throw usage('--agent does not go with --slot');
  return {
    ...attending,
    task: oneName(task, TASK_NAMES).name,
    args,
    env: parseEnvironment(env),
    parameters: parseParameters(param),
    ...(agent === undefined ? {} : { agent }),
    ...(slot === undefined ? {} : { slot }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
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
  return 'items' in made ? attendAll(made, options, deps) : attendOne(made, options, deps);
}
