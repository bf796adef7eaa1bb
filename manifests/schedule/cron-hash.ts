// `H` in cron expressions: a number that is derived from the task, so that tasks with the same expression are spread over
// the hour or the day, each always at its own time. It is replaced by that number before the expression is compiled.
import { createHash } from 'node:crypto';
import type { Schedule } from '../kinds/task-schedule.js';
import { CronError } from './cron-error.js';
import { type FieldKind, fieldKinds } from './cron-fields.js';

const ORDER = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek', 'year'] as const;
/** `H`, `H(0-7)`, `H/15`, `H(0-29)/10`. */
const HASHED = /^H(?:\((\d{1,2})-(\d{1,2})\))?(?:\/(\d{1,2}))?$/i;
/** Every month has it. */
const LAST_HASHED_DAY = 28;

export interface TaskName {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The schedules with numbers instead of each `H`. What is no proper `H` stays, and the compiler refuses it. */
export function withHashes(schedules: readonly Schedule[], task: TaskName): Schedule[] {
  return schedules.map((schedule) => {
    if (schedule.cron === undefined || !/h/i.test(schedule.cron)) return schedule;
    const key = `${task.namespace ?? 'default'}/${task.name ?? ''}/${schedule.name ?? 'default'}`;
    return { ...schedule, cron: withoutHash(schedule.cron, key) };
  });
}

/** The expression with numbers that depend on `key` and the field only. */
export function withoutHash(cron: string, key: string): string {
  const texts = cron.trim().split(/\s+/);
  if (texts.length < 5 || texts.length > 7) return cron;
  const names = texts.length === 5 ? ORDER.slice(1) : ORDER;
  const replaced = texts.map((text, index) => {
    const name = names[index]!;
    const items = text.split(',').map((item) => (name === 'year' ? item : numbersFor(fieldKinds[name], item, key)));
    return items.join();
  });
  return replaced.some((text, index) => text !== texts[index]) ? replaced.join(' ') : cron;
}

function numbersFor(kind: FieldKind, item: string, key: string): string {
  const match = HASHED.exec(item);
  if (match === null) return item;
  const [low, high, step] = match.slice(1).map((text) => (text === undefined ? undefined : Number(text)));
  const first = low ?? kind.min;
  const last = high ?? lastOf(kind, step !== undefined);
  if (first < kind.min || last > kind.max || last < first || step === 0) return item;
  const size = last - first + 1;
  if (step === undefined) return String(first + hashed(key, kind, size));
  // A step that is longer than the range leaves one number, and any of them will do.
  return `${first + hashed(key, kind, Math.min(step, size))}-${last}/${step}`;
}

function lastOf(kind: FieldKind, stepped: boolean): number {
  if (kind.letters === 'dayOfWeek') return 6;
  return kind.letters === 'dayOfMonth' && !stepped ? LAST_HASHED_DAY : kind.max;
}

/** A number in [0, below). */
function hashed(key: string, { name }: FieldKind, below: number): number {
  return createHash('sha256').update(`${key}/${name}`).digest().readUIntBE(0, 6) % below;
}

/** Why an item that begins like an `H` has not been replaced; undefined for other items. */
export function hashProblem({ name, min, max }: FieldKind, item: string): CronError | undefined {
  if (!/^H(?![A-Z])/i.test(item)) return undefined;
  if (name === 'year') return new CronError('year must not be "H"');
  if (HASHED.test(item) && !item.includes('(') && !/\/0+$/.test(item)) {
    return new CronError(
      `"${item}" stands for a number derived from a task`,
      'ask for the task instead: ctask next TASK',
    );
  }
  return new CronError(`${name} "${item}" is not understood`, `write H, H(${min}-${max}), H/2 or H(${min}-${max})/2`);
}
