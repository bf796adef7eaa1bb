import { type ErrorCause, type Instant, parseDuration } from '../../base/index.js';
import { CronError } from '../schedule/cron-error.js';
import { compileCron } from '../schedule/cron-pattern.js';
import { compileSchedules, type ScheduleSpec } from '../schedule/task-schedules.js';
import type { FieldPath } from './field-path.js';
import { asList, asMap, duplicate, type Fields, type Findings, forbidden, type Reporter } from './rule-kit.js';
import { cause, invalid, required } from './schema-causes.js';

const SHORTEST_INTERVAL_MS = 1000;
/** No schedule fires before 1970. */
const BEFORE_ALL: Instant = -1;
const KINDS = ['cron', 'every', 'at'] as const;

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
    if (compileCron(cron).never) {
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

/**
 * What only whole schedules can show; call it on a spec without other causes. A schedule that never fires is refused; that all
 * lies in the past is a warning only, since a folder must stay applicable when its one-shot tasks are done.
 */
export function firingCauses(spec: ScheduleSpec, now: Instant | undefined): Findings {
  const findings: Findings = { causes: [], warnings: [] };
  const { schedules = [], ...zone } = spec;
  schedules.forEach((schedule, index) => {
    if (compileSchedules({ ...zone, schedules: [schedule] }, '').next(BEFORE_ALL) !== undefined) return;
    const bounded = schedule.startTime !== undefined || schedule.endTime !== undefined;
    const why = bounded ? 'never fires between startTime and endTime' : 'never fires in its time zone';
    const key = KINDS.find((kind) => schedule[kind] !== undefined)!;
    findings.causes.push(invalid(['spec', 'schedules', index, key], schedule[key], why));
  });
  findings.warnings.push(...repeatedSchedules(schedules));
  if (now === undefined || schedules.length === 0 || findings.causes.length > 0) return findings;
  if (compileSchedules(spec, '').next(now) === undefined) {
    const message = 'spec.schedules: all time points lie in the past; the task runs on demand only';
    findings.warnings.push(cause('FieldValueInvalid', ['spec', 'schedules'], message));
  }
  return findings;
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
