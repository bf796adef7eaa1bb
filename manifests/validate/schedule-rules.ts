import { type ErrorCause, type Instant, parseDuration } from '../../base/index.js';
import type { Task, TaskSpec } from '../kinds/task.js';
import type { Schedule } from '../kinds/task-schedule.js';
import { CronError } from '../schedule/cron-error.js';
import { withoutHash } from '../schedule/cron-hash.js';
import { compileCron } from '../schedule/cron-pattern.js';
import { compileSchedules, scheduleSpecOf } from '../schedule/task-schedules.js';
import type { FieldPath } from './field-path.js';
import { asList, asMap, duplicate, type Fields, type Findings, forbidden, type Reporter } from './rule-kit.js';
import { cause, invalid, required } from './schema-causes.js';

const SHORTEST_INTERVAL_MS = 1000;
/** No schedule fires before 1970. */
const BEFORE_ALL: Instant = -1;
const KINDS = ['cron', 'every', 'at'] as const;
const UNITS = ['days', 'weeks', 'months'] as const;

export function scheduleCauses(spec: Fields, report: Reporter): void {
  const names = new Set<string>();
  asList(spec.schedules).forEach((entry, index) => {
    if (typeof entry !== 'object' || entry === null) return;
    const schedule = asMap(entry);
    const path: FieldPath = ['spec', 'schedules', index];
    const name = typeof schedule.name === 'string' ? schedule.name : 'default';
    if (names.has(name)) {
      report(
        schedule.name === undefined
          ? required([...path, 'name'], `every schedule but one needs a name; "${name}" is taken`)
          : duplicate([...path, 'name'], name),
      );
    }
    names.add(name);
    oneKind(path, schedule, report);
    cronCauses([...path, 'cron'], schedule.cron, report);
    intervalCauses(path, schedule, report);
    rangeCauses(path, schedule, report);
    filterCauses(path, schedule, report);
  });
}

function oneKind(path: FieldPath, schedule: Fields, report: Reporter): void {
  const given = KINDS.filter((kind) => schedule[kind] !== undefined);
  if (given.length === 0) report(required(path, 'one of cron, every and at must be given'));
  for (const extra of given.slice(1)) report(forbidden([...path, extra], `may not be given together with ${given[0]}`));
  if (schedule.anchor !== undefined && schedule.every === undefined) {
    report(forbidden([...path, 'anchor'], 'goes with every only'));
  }
}

function cronCauses(path: FieldPath, cron: unknown, report: Reporter): void {
  if (typeof cron !== 'string') return;
  try {
    const numbers = withoutHash(cron, '');
    // The numbers of an H are those of this task only once it is whole; then firingCauses looks.
    if (compileCron(numbers).never && numbers === cron) {
      report(invalid(path, cron, 'never fires; no date from 1970 to 2199 matches it'));
    }
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    report(invalid(path, cron, error.sentence));
  }
}

function intervalCauses(path: FieldPath, schedule: Fields, report: Reporter): void {
  const interval = typeof schedule.every === 'string' ? parseDuration(schedule.every) : undefined;
  if (interval === undefined) return;
  if (interval < SHORTEST_INTERVAL_MS) report(invalid([...path, 'every'], schedule.every, 'must be at least 1s'));
  else if (interval % 1000 !== 0) report(invalid([...path, 'every'], schedule.every, 'must be whole seconds'));
}

function rangeCauses(path: FieldPath, schedule: Fields, report: Reporter): void {
  const { startTime, endTime } = schedule;
  if (typeof startTime !== 'string' || typeof endTime !== 'string') return;
  if (Date.parse(endTime) < Date.parse(startTime)) {
    report(invalid([...path, 'endTime'], endTime, 'must not be before startTime'));
  }
}

/** The rules of window and interval. */
function filterCauses(path: FieldPath, schedule: Fields, report: Reporter): void {
  for (const field of ['window', 'interval']) {
    if (schedule[field] !== undefined && schedule.at !== undefined) {
      report(forbidden([...path, field], 'may not be given together with at'));
    }
  }
  if (asMap(schedule.window).restart === true) {
    const restart = [...path, 'window', 'restart'];
    if (schedule.every === undefined) report(forbidden(restart, 'goes with every only'));
    if (schedule.anchor !== undefined) report(forbidden([...path, 'anchor'], 'has no effect with window.restart'));
  }
  if (typeof schedule.interval !== 'object' || schedule.interval === null) return;
  const interval = asMap(schedule.interval);
  const given = UNITS.filter((unit) => interval[unit] !== undefined);
  if (given.length === 0) report(required([...path, 'interval'], 'one of days, weeks and months must be given'));
  for (const extra of given.slice(1)) {
    report(forbidden([...path, 'interval', extra], `may not be given together with ${given[0]}`));
  }
}

/** Why a schedule whose parts are well-formed yields nothing. */
function neverSentence({ window, interval, startTime, endTime }: Schedule): string {
  const filters = [...(window === undefined ? [] : ['window']), ...(interval === undefined ? [] : ['interval'])];
  const within = filters.length === 0 ? '' : ` within its ${filters.join(' and ')}`;
  if (startTime !== undefined || endTime !== undefined) return `never fires${within} between startTime and endTime`;
  return within === '' ? 'never fires in its time zone' : `never fires${within}`;
}

/**
 * What only whole schedules can show; call it on a spec without other causes. A schedule that never fires is refused; that all
 * lies in the past is a warning only, since a folder must stay applicable when its one-shot tasks are done.
 */
export function firingCauses(task: Pick<Task, 'metadata' | 'spec'>, now: Instant | undefined): Findings {
  const { spec } = task;
  const findings: Findings = { causes: [], warnings: [] };
  const { schedules = [], ...zone } = scheduleSpecOf(task);
  schedules.forEach((schedule, index) => {
    // Days of calendars come and go, and so do suspensions: a schedule that they leave nothing of is well-formed.
    const { calendar: _calendar, suspend: _suspend, ...own } = schedule;
    if (compileSchedules({ ...zone, schedules: [own] }, '').next(BEFORE_ALL) !== undefined) return;
    const why = neverSentence(schedule);
    const key = KINDS.find((kind) => schedule[kind] !== undefined)!;
    findings.causes.push(invalid(['spec', 'schedules', index, key], spec.schedules?.[index]?.[key], why));
  });
  findings.warnings.push(...repeatedSchedules(schedules), ...endlessSuspension(spec));
  if (now === undefined || schedules.length === 0 || findings.causes.length > 0) return findings;
  // A manifest alone does not say what days its calendars have.
  const active = schedules.filter(({ suspend }) => suspend !== true).map(({ calendar: _, ...own }) => own);
  if (active.length > 0 && compileSchedules({ ...zone, schedules: active }, '').next(now) === undefined) {
    const message = 'spec.schedules: all time points lie in the past; the task runs on demand only';
    findings.warnings.push(cause('FieldValueInvalid', ['spec', 'schedules'], message));
  }
  return findings;
}

/** Two managers may both suspend a task, so it is allowed; in one manifest an end was probably wanted (decision 0016). */
function endlessSuspension({ suspend, suspendUntil }: TaskSpec): ErrorCause[] {
  if (suspend !== true || suspendUntil === undefined) return [];
  const message =
    'spec.suspendUntil: it has no effect while spec.suspend is true; leave out suspend for a suspension that ends';
  return [cause('FieldValueInvalid', ['spec', 'suspendUntil'], message)];
}

/** Two schedules that say the same are one time point, so the second does nothing; probably something else was meant. */
function repeatedSchedules(schedules: readonly object[]): ErrorCause[] {
  const first = new Map<string, number>();
  return schedules.flatMap((schedule, index) => {
    const meaning = JSON.stringify(
      Object.entries(schedule)
        .filter(([key]) => key !== 'name' && key !== 'jitter')
        .sort(),
    );
    const before = first.get(meaning);
    if (before === undefined) {
      first.set(meaning, index);
      return [];
    }
    const path: FieldPath = ['spec', 'schedules', index];
    return [
      cause(
        'FieldValueDuplicate',
        path,
        `spec.schedules[${index}]: the same as spec.schedules[${before}]; it adds no time point`,
      ),
    ];
  });
}
