// ctask next: when a task, or a cron expression, is due. For an expression neither server nor configuration is needed.
import type { Command } from 'commander';
import { CloudTaskError, formatAge, type Instant, isCloudTaskError } from '../../base/index.js';
import type { ExplainedTime, ExplainedTimes, ScheduleSpec, Task } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, renderObject } from '../output/objects.js';
import { Table } from '../output/table.js';
import { isoTime, zonedTime } from '../output/times.js';
import { localZone, parseTime } from '../resources/instant.js';
import { readManifests } from '../resources/read-manifests.js';
import { taskNames, usage } from '../resources/target.js';
import { collect } from './apply.js';

export interface NextOptions {
  task?: string;
  expression?: string;
  /** Manifests to take the task from, with its calendars; asks no server. */
  files?: readonly string[];
  /** Of all tasks of the namespace, each with its next time points. */
  all: boolean;
  timeZone?: string;
  from: Instant;
  count: number;
  /** Also what window, interval, calendars and clock changes leave out. */
  showExcluded?: boolean;
  output?: 'json' | 'yaml';
}

const COUNT_MAX = 10_000;

export function defineNext(program: Command, deps: CliDeps, run = runNext): void {
  const command = program
    .command('next')
    .description('Show when tasks, or a cron expression, are due next')
    .argument('[task...]', 'NAME or task/NAME of one task')
    .option('--expr <cron>', 'a cron expression instead of a task; asks no server')
    .option('-f, --filename <file>', 'a task of manifests, with their calendars; asks no server', collect, [])
    .option('--all', 'of all tasks of the namespace, the earliest first', false)
    .option('--timezone <zone>', 'IANA time zone of the expression; UTC unless given')
    .option('--from <time>', 'instant after which to look: 2026-12-01, 2026-12-01T08:00 or RFC 3339; now unless given')
    .option('-c, --count <n>', 'how many instants', '5')
    .option('--show-excluded', 'also what window, interval, calendars and clock changes leave out, and why', false)
    .option('-o, --output <format>', 'json or yaml');
  addExamples(command, [
    { say: 'The next five time points of a task', run: 'ctask next hello' },
    {
      say: 'What a clock change does to an expression',
      run: "ctask next --expr '30 2 * * *' --timezone Europe/Berlin --from 2026-03-28T00:00:00Z --count 3 -o json",
    },
    {
      say: 'What a calendar leaves out, before anything is applied',
      run: 'ctask next workday-report -f examples/calendar --from 2026-12-23T00:00:00Z --show-excluded',
    },
  ]).action(async (words: string[], flags: NextFlags) => run(await toOptions(words, flags, deps.clock.now()), deps));
}

interface NextFlags {
  expr?: string;
  filename: string[];
  all: boolean;
  timezone?: string;
  from?: string;
  count: string;
  showExcluded: boolean;
  output?: string;
}

async function toOptions(words: readonly string[], flags: NextFlags, now: Instant): Promise<NextOptions> {
  const [task, ...others] = taskNames(words);
  if (others.length > 0) throw usage('one task at a time, or --all');
  const given = [task !== undefined || flags.filename.length > 0, flags.expr !== undefined, flags.all].filter(Boolean);
  if (given.length !== 1) throw usage('give either the name of a task, --expr or --all');
  if (flags.expr === undefined && flags.timezone !== undefined)
    throw usage('--timezone goes with --expr; a task has its own');
  if (flags.all && flags.showExcluded) throw usage('--show-excluded is for one task, or --expr');
  const count = isCount(flags.count) ? Number(flags.count) : Number.NaN;
  if (!(count >= 1 && count <= COUNT_MAX))
    throw usage(`--count "${flags.count}" is not a number from 1 to ${COUNT_MAX}`);
  const output = checkFormat(flags.output, ['json', 'yaml']);
  return {
    ...(task === undefined ? {} : { task }),
    ...(flags.expr === undefined ? {} : { expression: flags.expr }),
    ...(flags.timezone === undefined ? {} : { timeZone: flags.timezone }),
    files: flags.filename,
    all: flags.all,
    from: await fromOf(flags, now),
    count,
    showExcluded: flags.showExcluded,
    ...(output === undefined ? {} : { output }),
  };
}

const NOW = 'now';

/** A wall clock's time is one of the zone that the command names, or of this machine. */
async function fromOf({ from = NOW, timezone }: NextFlags, now: Instant): Promise<Instant> {
  return from === NOW ? now : parseTime('--from', from, timezone ?? localZone(), NOW);
}

interface Answer {
  readonly task?: string;
  readonly times: readonly Instant[];
  /** The times, perhaps with what was left out between them, and what there is to say about each. */
  readonly explained: ExplainedTimes;
  /** Each schedule as a sentence. */
  readonly words: readonly string[];
  readonly timeZone: string;
  /** `suspended until …`. */
  readonly suspension?: string;
  /** First instant from which time points fire. */
  readonly firesFrom?: Instant;
  /** It has had its runs (maxRuns). */
  readonly complete?: true;
}

export async function runNext(options: NextOptions, deps: CliDeps): Promise<void> {
  if (options.all) return showAll(options, deps);
  const { namespace } = deps.globals;
  // No error comes of it, as it does of a task that is looked for there.
  if (options.expression !== undefined && namespace !== undefined && isCount(namespace)) {
    throw usage('an expression is in no namespace, and -n is the namespace', countHint(namespace));
  }
  const answer = await answerTo(options, deps);
  if (options.output !== undefined) {
    const object = objectOf(answer);
    // One line: it is made for scripts.
    return deps.out(options.output === 'json' ? `${JSON.stringify(object)}\n` : await renderObject(object, 'yaml'));
  }
  if (answer.suspension !== undefined) await deps.say(suspendedWords(answer.suspension, answer.firesFrom));
  if (answer.complete) await deps.say('the task is complete: it has had its runs (maxRuns), and no time point fires');
  if (answer.times.length === 0) return deps.say(neverWords(options, answer));
  for (const words of answer.words) await deps.say(words);
  const now = deps.clock.now();
  const { times: explained, cut } = answer.explained;
  const noted = explained.some(({ note }) => note !== undefined);
  const table = new Table({ headers: ['TIME', answer.timeZone.toUpperCase(), 'IN', ...(noted ? ['NOTE'] : [])] });
  const rows = explained.map(({ time, note = '', excluded }) => [
    isoTime(time),
    zonedTime(time, answer.timeZone),
    excluded === undefined ? inCell(time, answer, now) : '<excluded>',
    ...(noted ? [note] : []),
  ]);
  await deps.out(table.render(rows));
  if (options.showExcluded === true) await deps.say(countWords(answer.times.length, explained, cut));
}

function answerTo(options: NextOptions, deps: CliDeps): Promise<Answer> {
  if (options.expression !== undefined) return ofExpression(options);
  const { files = [] } = options;
  return files.length > 0 ? ofManifests(files, options, deps) : ofTask(options, deps);
}

/** `3 time points; left out: 40 by window, 1 by clock change`. */
function countWords(count: number, explained: readonly ExplainedTime[], cut: boolean): string {
  const by = new Map<string, number>();
  for (const { excluded } of explained) {
    const cause = excluded?.replace(/(?<=[a-z])[A-Z]/, (letter) => ` ${letter}`).toLowerCase();
    if (cause !== undefined) by.set(cause, (by.get(cause) ?? 0) + 1);
  }
  const causes = [...by].map(([cause, many]) => `${many} by ${cause}`).join(', ');
  const more = cut ? '; there are more, which are not listed' : '';
  return `${count} time point${count === 1 ? '' : 's'}; left out: ${causes === '' ? 'none' : causes}${more}`;
}

function suspendedWords(suspension: string, firesFrom = Number.POSITIVE_INFINITY): string {
  const ends = firesFrom !== Number.POSITIVE_INFINITY;
  return `the task is ${suspension}: no time point ${ends ? 'before then fires' : 'fires until it is resumed'}`;
}

function neverWords({ expression, task }: NextOptions, answer: Answer): string {
  return expression === undefined
    ? `task "${task ?? answer.task}" has no further time points`
    : `"${expression}" never fires`;
}

async function ofExpression(options: NextOptions): Promise<Answer> {
  const { expression = '', timeZone = 'UTC' } = options;
  try {
    return await explainedAnswer({ schedules: [{ cron: expression }], timeZone }, '', options);
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_SCHEDULE_INVALID')) throw error;
    // The one expression has no name that anybody gave it.
    const detail = error.details.detail.replace(/^schedule "default": (?:cron )?/, '');
    throw new CloudTaskError(error.code, { ...error.details, detail });
  }
}

async function explainedAnswer(
  spec: ScheduleSpec,
  uid: string,
  { from, count, showExcluded = false }: NextOptions,
): Promise<Answer> {
  const { explainedTimes, scheduleInWords } = await import('../heavy/manifests.js');
  const explained = explainedTimes(spec, uid, { from, count, excluded: showExcluded });
  const { schedules = [], timeZone = 'UTC' } = spec;
  return {
    times: explained.times.filter(({ excluded }) => excluded === undefined).map(({ time }) => time),
    explained,
    words: schedules.map((schedule) => {
      const words = scheduleInWords(schedule, timeZone);
      return schedules.length > 1 ? `${schedule.name ?? 'default'}: ${words}` : words;
    }),
    timeZone,
  };
}

async function ofTask(options: NextOptions, deps: CliDeps): Promise<Answer> {
  const { namespace, namespaceGiven } = await deps.settings();
  const task = options.task ?? '';
  try {
    const found = await (await deps.api()).get<Task>(resourcePath('tasks', namespace, task));
    return await answerOf(found, options, deps.clock.now());
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_NOT_FOUND') || !namespaceGiven) throw error;
    const detail = `no task "${task}" in namespace "${namespace}": -n is the namespace`;
    throw new CloudTaskError('CT_NOT_FOUND', { detail, hint: countHint(namespace) });
  }
}

async function ofManifests(files: readonly string[], options: NextOptions, deps: CliDeps): Promise<Answer> {
  const documents = await readManifests(files, false, 'nothing was shown', deps);
  const { tasksWithCalendars } = await import('../heavy/manifests.js');
  const tasks = tasksWithCalendars(documents).map(({ task }) => task);
  const found = tasks.filter(({ metadata }) => options.task === undefined || metadata.name === options.task);
  const [task] = found;
  if (task === undefined) {
    const detail = options.task === undefined ? 'there is no task in them' : `no task "${options.task}" is in them`;
    throw new CloudTaskError('CT_NOT_FOUND', { subject: files.join(', '), detail });
  }
  if (found.length > 1) {
    throw usage(
      'there are several tasks in them',
      `name one: ${tasks.map(({ metadata }) => metadata.name).join(', ')}`,
    );
  }
  // Only the delay of a jitter depends on the uid, which it has not got yet.
  return answerOf({ ...task, metadata: { uid: '', ...task.metadata } }, options, deps.clock.now());
}

/** Elsewhere -n is a number of lines, and people mean one here. */
function countHint(namespace: string): string {
  return `the number of time points is -c ${isCount(namespace) ? namespace : 'NUMBER'}`;
}

const isCount = (text: string): boolean => /^\d+$/.test(text);

async function answerOf(task: Task, options: NextOptions, now: Instant): Promise<Answer & { task: string }> {
  const { isComplete, scheduleSpecOf, suspensionEnd, suspensionWords } = await import('../heavy/manifests.js');
  const { metadata, spec } = task;
  if (metadata.uid === undefined) throw new CloudTaskError('CT_INTERNAL', 'the task has no uid');
  const firesFrom = suspensionEnd(spec);
  const suspension = suspensionWords(spec, now);
  // Of a suspension that ends, the time points that fire are asked for; of one without an end there are none to show.
  const ends = firesFrom !== Number.POSITIVE_INFINITY && options.from >= now;
  const from = ends ? Math.max(options.from, firesFrom - 1) : options.from;
  return {
    task: `${metadata.namespace}/${metadata.name}`,
    ...(await explainedAnswer(scheduleSpecOf(task), metadata.uid, { ...options, from })),
    ...(suspension === undefined ? {} : { suspension, firesFrom }),
    ...(isComplete(task) ? { complete: true } : {}),
  };
}

async function showAll(options: NextOptions, deps: CliDeps): Promise<void> {
  const { namespace, namespaceGiven } = await deps.settings();
  const { items } = await listAll<Task>(await deps.api(), resourcePath('tasks', namespace));
  const now = deps.clock.now();
  const answers: (Answer & { task: string })[] = [];
  for (const task of items) answers.push(await answerOf(task, options, now));
  if (options.output !== undefined) {
    const tasks = answers.map(objectOf);
    return deps.out(
      options.output === 'json' ? `${JSON.stringify({ tasks })}\n` : await renderObject({ tasks }, 'yaml'),
    );
  }
  const rows = answers
    .flatMap((answer) => answer.times.map((time) => ({ ...answer, time })))
    .sort((a, b) => a.time - b.time || (a.task < b.task ? -1 : 1))
    .map((each) => [each.task, isoTime(each.time), zonedTime(each.time, each.timeZone), inCell(each.time, each, now)]);
  if (rows.length === 0) {
    const hint = namespaceGiven && isCount(namespace) ? `; ${countHint(namespace)}` : '';
    return deps.say(`No time points found in ${namespace} namespace${hint === '' ? '.' : hint}`);
  }
  await deps.out(new Table({ headers: ['TASK', 'TIME', 'LOCAL', 'IN'] }).render(rows));
}

/** For scripts. */
function objectOf({ task, times, timeZone, suspension, complete, explained }: Answer): object {
  const notes = explained.times
    .filter(({ note }) => note !== undefined)
    .map(({ time, ...rest }) => ({ time: isoTime(time), ...rest }));
  return {
    ...(task === undefined ? {} : { task }),
    times: times.map(isoTime),
    timeZone,
    ...(notes.length === 0 ? {} : { notes }),
    ...(suspension === undefined ? {} : { suspension }),
    ...(complete ? { complete } : {}),
  };
}

function inCell(time: Instant, { firesFrom, complete }: Answer, now: Instant): string {
  if (complete && time >= now) return '<complete>';
  return time >= now && time < (firesFrom ?? 0) ? '<suspended>' : distance(time, now);
}

function distance(time: Instant, now: Instant): string {
  return time >= now ? formatAge(time - now) : `${formatAge(now - time)} ago`;
}
