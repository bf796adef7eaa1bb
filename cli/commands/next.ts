// ctask next: when a task, or a cron expression, is due. For an expression neither server nor configuration is needed.
import type { Command } from 'commander';
import { CloudTaskError, type Instant, isCloudTaskError } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { formatAge } from '../output/age.js';
import { checkFormat, renderObject } from '../output/objects.js';
import { Table } from '../output/table.js';
import { isoTime, zonedTime } from '../output/times.js';
import { oneName, TASK_NAMES, usage } from '../resources/target.js';

export interface NextOptions {
  task?: string;
  expression?: string;
  /** Of all tasks of the namespace, each with its next time points. */
  all: boolean;
  timeZone?: string;
  from: Instant;
  count: number;
  output?: 'json' | 'yaml';
}

const COUNT_MAX = 10_000;
const END_OF_TIME = Number.POSITIVE_INFINITY;

export function defineNext(program: Command, deps: CliDeps, run = runNext): void {
  const command = program
    .command('next')
    .description('Show when tasks, or a cron expression, are due next')
    .argument('[task]', 'name of a task')
    .option('--expr <cron>', 'a cron expression instead of a task; asks no server')
    .option('--all', 'of all tasks of the namespace, the earliest first', false)
    .option('--timezone <zone>', 'IANA time zone of the expression; UTC unless given')
    .option('--from <time>', 'RFC 3339 instant after which to look; now unless given')
    .option('-c, --count <n>', 'how many instants', '5')
    .option('-o, --output <format>', 'json or yaml');
  addExamples(command, [
    { say: 'The next five time points of a task', run: 'ctask next hello' },
    {
      say: 'What a clock change does to an expression',
      run: "ctask next --expr '30 2 * * *' --timezone Europe/Berlin --from 2026-03-28T00:00:00Z --count 3 -o json",
    },
  ]).action((task: string | undefined, flags: NextFlags) => run(toOptions(task, flags, deps.clock.now()), deps));
}

interface NextFlags {
  expr?: string;
  all: boolean;
  timezone?: string;
  from?: string;
  count: string;
  output?: string;
}

function toOptions(task: string | undefined, flags: NextFlags, now: Instant): NextOptions {
  const given = [task !== undefined, flags.expr !== undefined, flags.all].filter(Boolean);
  if (given.length !== 1) throw usage('give either the name of a task, --expr or --all');
  if (flags.expr === undefined && flags.timezone !== undefined)
    throw usage('--timezone goes with --expr; a task has its own');
  const count = /^\d+$/.test(flags.count) ? Number(flags.count) : Number.NaN;
  if (!(count >= 1 && count <= COUNT_MAX))
    throw usage(`--count "${flags.count}" is not a number from 1 to ${COUNT_MAX}`);
  const output = checkFormat(flags.output, ['json', 'yaml']);
  return {
    ...(task === undefined ? {} : { task: oneName(task, TASK_NAMES).name }),
    ...(flags.expr === undefined ? {} : { expression: flags.expr }),
    ...(flags.timezone === undefined ? {} : { timeZone: flags.timezone }),
    all: flags.all,
    from: flags.from === undefined ? now : parseInstant(flags.from),
    count,
    ...(output === undefined ? {} : { output }),
  };
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function parseInstant(text: string): Instant {
  const time = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw usage(`--from "${text}" is not an RFC 3339 time such as 2026-03-28T00:00:00Z`);
  return time;
}

interface Answer {
  readonly task?: string;
  readonly times: readonly Instant[];
  readonly timeZone: string;
  readonly suspended?: boolean;
}

export async function runNext(options: NextOptions, deps: CliDeps): Promise<void> {
  if (options.all) return showAll(options, deps);
  const answer = options.expression === undefined ? await ofTask(options, deps) : await ofExpression(options);
  if (options.output !== undefined) {
    const { task, times, timeZone } = answer;
    const object = { ...(task === undefined ? {} : { task }), times: times.map(isoTime), timeZone };
    // One line: it is made for scripts.
    return deps.out(options.output === 'json' ? `${JSON.stringify(object)}\n` : await renderObject(object, 'yaml'));
  }
  if (answer.suspended) await deps.say('the task is suspended: no time point fires until it is resumed');
  if (answer.times.length === 0) return deps.say(neverWords(options));
  const now = deps.clock.now();
  const table = new Table({ headers: ['TIME', answer.timeZone.toUpperCase(), 'IN'] });
  const rows = answer.times.map((time) => [isoTime(time), zonedTime(time, answer.timeZone), distance(time, now)]);
  await deps.out(table.render(rows));
}

function neverWords({ expression, task }: NextOptions): string {
  return expression === undefined ? `task "${task}" has no further time points` : `"${expression}" never fires`;
}

async function ofExpression({ expression = '', timeZone = 'UTC', from, count }: NextOptions): Promise<Answer> {
  const { nextTimes } = await import('../heavy/manifests.js');
  try {
    return { times: nextTimes({ cron: expression, timeZone, from, count }), timeZone };
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_SCHEDULE_INVALID')) throw error;
    // The one expression has no name that anybody gave it.
    const detail = error.details.detail.replace(/^schedule "default": (?:cron )?/, '');
    throw new CloudTaskError(error.code, { ...error.details, detail });
  }
}

async function ofTask({ task = '', from, count }: NextOptions, deps: CliDeps): Promise<Answer> {
  const { namespace } = await deps.settings();
  return answerOf(await (await deps.api()).get<Task>(resourcePath('tasks', namespace, task)), from, count);
}

async function answerOf({ metadata, spec }: Task, from: Instant, count: number): Promise<Answer & { task: string }> {
  const { compileSchedules } = await import('../heavy/manifests.js');
  if (metadata.uid === undefined) throw new CloudTaskError('CT_INTERNAL', 'the task has no uid');
  const points = compileSchedules(spec, metadata.uid).between(from, END_OF_TIME, count);
  return {
    task: `${metadata.namespace}/${metadata.name}`,
    times: points.map(({ time }) => time),
    timeZone: spec.timeZone ?? 'UTC',
    ...(spec.suspend ? { suspended: true } : {}),
  };
}

async function showAll({ from, count, output }: NextOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const { items } = await listAll<Task>(await deps.api(), resourcePath('tasks', namespace));
  const answers: (Answer & { task: string })[] = [];
  for (const task of items) answers.push(await answerOf(task, from, count));
  if (output !== undefined) {
    const tasks = answers.map(({ task, times, timeZone }) => ({ task, times: times.map(isoTime), timeZone }));
    return deps.out(output === 'json' ? `${JSON.stringify({ tasks })}\n` : await renderObject({ tasks }, 'yaml'));
  }
  const now = deps.clock.now();
  const rows = answers
    .flatMap(({ task, times, timeZone, suspended }) => times.map((time) => ({ task, time, timeZone, suspended })))
    .sort((a, b) => a.time - b.time || (a.task < b.task ? -1 : 1))
    .map(({ task, time, timeZone, suspended }) => [
      task,
      isoTime(time),
      zonedTime(time, timeZone),
      suspended ? '<suspended>' : distance(time, now),
    ]);
  if (rows.length === 0) return deps.say(`No time points found in ${namespace} namespace.`);
  await deps.out(new Table({ headers: ['TASK', 'TIME', 'LOCAL', 'IN'] }).render(rows));
}

function distance(time: Instant, now: Instant): string {
  return time >= now ? formatAge(time - now) : `${formatAge(now - time)} ago`;
}
