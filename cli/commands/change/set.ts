// ctask set: what is changed most often, without writing a patch (C-25).
import type { Command } from 'commander';
import { isCloudTaskError } from '../../../base/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { ApiObject } from '../../resources/api-object.js';
import { oneName, TASK_NAMES, usage } from '../../resources/target.js';
import { FIELD_MANAGER } from '../apply.js';
import { addErrorUnchanged, failUnchanged } from '../error-unchanged.js';
import { defineSetPackage } from '../packages/set-package.js';
import {
  type ChangeFlags,
  type ChangeOptions,
  changeOptions,
  type NamedObject,
  patchMerge,
  sayChanged,
} from './named-objects.js';

interface Schedule {
  readonly name?: string;
  readonly [field: string]: unknown;
}
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secret: string; readonly key: string };
}
interface TaskObject extends ApiObject {
  readonly spec: { readonly schedules?: readonly Schedule[]; readonly run?: { readonly env?: readonly Variable[] } };
}

interface ScheduleFlags extends ChangeFlags {
  timezone?: string;
  name?: string;
}
interface EnvFlags extends ChangeFlags {
  list: boolean;
}

/** Each try is overtaken by another writer, so it is rare that one is not enough. */
const TRIES = 5;
/** Of a schedule: what says when; one of them stands for the others. */
const RULES = ['cron', 'every', 'at', 'anchor'];

export function defineSet(program: Command, deps: CliDeps): void {
  const set = program.command('set').description('Change the schedule, the environment or the package of tasks');
  addExamples(set, [
    { say: 'When it is due', run: "ctask set schedule hello '0 3 * * *'" },
    { say: 'What it sees', run: 'ctask set env hello MODE=full DEBUG-' },
  ]);
  const schedule = common(set.command('schedule').description('Change when a task is due'))
    .argument('<task>', 'NAME or task/NAME')
    .argument('<cron>', 'cron expression')
    .option('--timezone <zone>', 'IANA time zone of the task')
    .option('--name <name>', 'which of several schedules; one of a new name is added');
  addExamples(schedule, [
    { say: 'At three', run: "ctask set schedule hello '0 3 * * *'" },
    { say: 'In another zone', run: "ctask set schedule task/hello '0 3 * * *' --timezone Europe/Berlin" },
  ]).action((task: string, cron: string, flags: ScheduleFlags) => setSchedule(task, cron, flags, deps));
  const env = common(set.command('env').description('Change the environment variables of a task'))
    .argument('<task>', 'NAME or task/NAME')
    .argument('[change...]', 'NAME=VALUE to set, NAME- to take away')
    .option('--list', 'show the variables', false);
  addExamples(env, [
    { say: 'Set one, take one away', run: 'ctask set env hello MODE=full DEBUG-' },
    { say: 'See them', run: 'ctask set env task/hello --list' },
  ]).action((task: string, changes: string[], flags: EnvFlags) => setEnv(task, changes, flags, deps));
  defineSetPackage(set, deps);
}

function common(command: Command): Command {
  return addErrorUnchanged(command)
    .option('--field-manager <name>', 'who owns the fields from now on', FIELD_MANAGER)
    .option('--dry-run [mode]', 'client, server or none', 'none')
    .option('-o, --output <format>', 'name, json or yaml');
}

async function setSchedule(word: string, cron: string, flags: ScheduleFlags, deps: CliDeps): Promise<void> {
  const change = ({ spec: { schedules = [] } }: TaskObject): object => {
    const name = flags.name ?? (schedules.length === 1 ? (schedules[0]?.name ?? 'default') : 'default');
    const known = schedules.map((schedule) => schedule.name ?? 'default');
    if (flags.name === undefined && schedules.length > 1) {
      throw usage(`the task has several schedules: say which with --name (${known.join(', ')})`);
    }
    const index = known.indexOf(name);
    const rest = Object.fromEntries(Object.entries(schedules[index] ?? {}).filter(([field]) => !RULES.includes(field)));
    const next = { ...rest, name, cron };
    const all = index === -1 ? [...schedules, next] : schedules.with(index, next);
    return { schedules: all, ...(flags.timezone === undefined ? {} : { timeZone: flags.timezone }) };
  };
  await changeTask(word, 'schedule updated', change, changeOptions(flags, deps), deps);
}

async function setEnv(word: string, changes: readonly string[], flags: EnvFlags, deps: CliDeps): Promise<void> {
  if (flags.list && changes.length === 0) {
    const { spec } = await (await deps.api()).get<TaskObject>((await taskNamed(word, deps)).path);
    return deps.out((spec.run?.env ?? []).map(envLine).join(''));
  }
  const wanted = new Map(changes.map(variable));
  if (wanted.size === 0) throw usage('at least one environment variable must be provided');
  const change = ({ spec }: TaskObject): object => {
    const before = spec.run?.env ?? [];
    const kept = before.flatMap((one) => {
      const value = wanted.get(one.name);
      if (value === null) return [];
      return [value === undefined ? one : { name: one.name, value }];
    });
    const added = [...wanted].filter(([name, value]) => value !== null && !before.some((one) => one.name === name));
    const env = [...kept, ...added.map(([name, value]) => ({ name, value }))];
    return { run: { env: env.length === 0 ? null : env } };
  };
  await changeTask(word, 'env updated', change, changeOptions(flags, deps), deps);
}

function envLine({ name, value = '', valueFrom }: Variable): string {
  if (valueFrom === undefined) return `${name}=${value}\n`;
  return `# ${name} from secret ${valueFrom.secret}, key ${valueFrom.key}\n`;
}

function variable(word: string): [string, string | null] {
  const at = word.indexOf('=');
  if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
  if (at === -1 && word.length > 1 && word.endsWith('-')) return [word.slice(0, -1), null];
  throw usage(`"${word}" is neither NAME=VALUE nor NAME-`);
}

async function taskNamed(word: string, deps: CliDeps): Promise<NamedObject> {
  const { name } = oneName(word, TASK_NAMES);
  const { namespace } = await deps.settings();
  return { kind: 'Task', name, path: resourcePath('tasks', namespace, name) };
}

/** Lists are replaced as wholes, so the task must still be what was read. */
async function changeTask(
  word: string,
  done: string,
  change: (task: TaskObject) => object,
  options: ChangeOptions,
  deps: CliDeps,
): Promise<void> {
  const named = await taskNamed(word, deps);
  for (let left = TRIES; ; left--) {
    const task = await (await deps.api()).get<TaskObject>(named.path);
    const { resourceVersion } = task.metadata;
    const body = { metadata: { resourceVersion }, spec: change(task) };
    try {
      const object = await patchMerge(named, task, body, options, deps);
      const same = options.dryRun !== 'client' && object.metadata.resourceVersion === resourceVersion;
      await sayChanged(object, same ? 'unchanged' : done, options, deps);
      return failUnchanged(options, [!same], deps);
    } catch (error) {
      if (left <= 1 || !isCloudTaskError(error, 'CT_CONFLICT')) throw error;
    }
  }
}
