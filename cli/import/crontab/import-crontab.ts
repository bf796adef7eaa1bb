// A crontab as tasks, and the proof that they fire when its lines did.
import { compileSchedules, type Problem, SourceText, type Task, validateObject } from '../../../manifests/index.js';
import type { Imported } from '../imported.js';
import { TaskNames } from '../task-names.js';
import { cronMinutes, readCronLine } from './cron-minutes.js';
import { CrontabError } from './crontab-error.js';
import { type CrontabEntry, type LineProblem, parseCrontab } from './parse-crontab.js';
import { type CrontabTarget, crontabTask } from './to-task.js';

export interface CrontabOptions extends CrontabTarget {
  /** Lines name a user before the command. */
  readonly system: boolean;
}

export interface ImportedCrontab {
  readonly tasks: readonly Imported<Task>[];
  /** In the order of the lines. */
  readonly problems: readonly Problem[];
}

/** The year whose minutes are compared: it has a 29 February. */
const YEAR = 2028;

/** @param file what messages call the text */
export function importCrontab(text: string, file: string, options: CrontabOptions): ImportedCrontab {
  const { entries, problems } = parseCrontab(text, options.system);
  const names = new TaskNames(options.prefix);
  const compared = new Map<string, string | undefined>();
  const found: LineProblem[] = [...problems];
  const tasks: Imported<Task>[] = [];
  for (const entry of entries) {
    const problem = (message: string, offset = 0, severity: LineProblem['severity'] = 'error') =>
      found.push({ line: entry.line, offset, message, severity });
    try {
      const manifest = crontabTask(entry, names.ofCommand(entry.command), options);
      const { causes } = validateObject(manifest);
      const difference = causes.length > 0 ? undefined : compareOnce(entry, compared);
      for (const { message } of causes) problem(message);
      if (difference !== undefined) problem(difference);
      if (causes.length > 0 || difference !== undefined) continue;
      tasks.push({ comments: [`${file}:${entry.line}: ${entry.source}`], manifest });
    } catch (error) {
      if (!(error instanceof CrontabError)) throw error;
      problem(error.message, error.offset);
    }
  }
  found.push(...notes(tasks, entries, options));
  const source = new SourceText(text.replace(/^\uFEFF/, ''));
  const ordered = found.sort((a, b) => a.line - b.line);
  return { tasks, problems: ordered.map((one) => asProblem(one, file, source)) };
}

/** What the tasks do not do yet, once for the whole file. */
function notes(
  tasks: readonly Imported<Task>[],
  entries: readonly CrontabEntry[],
  { users }: CrontabOptions,
): LineProblem[] {
  const first = (
    holds: (entry: CrontabEntry) => boolean,
    message: string,
    lineOf = ({ line }: CrontabEntry) => line,
  ): LineProblem[] => {
    const entry = tasks.length === 0 ? undefined : entries.find(holds);
    return entry === undefined ? [] : [{ line: lineOf(entry), offset: 0, message, severity: 'warning' }];
  };
  return [
    ...first(
      ({ variables }) => (variables.get('MAILTO') ?? '') !== '',
      'MAILTO becomes an annotation: spec.notify mails what fails; output is kept with the run (ctask logs)',
      ({ line, mailtoLine = line }) => mailtoLine,
    ),
    ...first(
      ({ user }) => user !== undefined && !users,
      'the user becomes an annotation: the command runs as the user of the agent',
    ),
  ];
}

function compareOnce({ times, cron }: CrontabEntry, compared: Map<string, string | undefined>): string | undefined {
  const key = times.join(' ');
  if (!compared.has(key)) compared.set(key, firstDifference(times, cron));
  return compared.get(key);
}

/** Undefined when our expression fires at exactly the minutes of a year at which cron runs the line. */
export function firstDifference(times: readonly string[], cron: string): string | undefined {
  const schedules = compileSchedules({ schedules: [{ cron }], timeZone: 'UTC' }, '');
  let last = Date.UTC(YEAR, 0, 1) - 1;
  const told = (time: number) => new Date(time).toISOString().slice(0, 16);
  for (const minute of cronMinutes(readCronLine(times), YEAR)) {
    const ours = schedules.next(last)?.time;
    if (ours !== minute) {
      const wrong = ours === undefined || ours > minute ? `misses ${told(minute)}` : `also fires at ${told(ours)}`;
      return `"${cron}" is not equal to what cron makes of "${times.join(' ')}": it ${wrong}`;
    }
    last = minute;
  }
  const extra = schedules.next(last)?.time;
  if (extra === undefined || extra >= Date.UTC(YEAR + 1, 0, 1)) return undefined;
  return `"${cron}" is not equal to what cron makes of "${times.join(' ')}": it also fires at ${told(extra)}`;
}

function asProblem({ line, offset, message, severity }: LineProblem, file: string, source: SourceText): Problem {
  const start = source.offsetOf(line) + offset;
  const length = /^\S*/.exec(source.text.slice(start))![0].length;
  return {
    ...{ file, line, column: offset + 1, document: 0, reason: 'FieldValueInvalid', message, severity },
    excerpt: source.excerpt(start, length),
  };
}
