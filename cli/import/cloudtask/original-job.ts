// Jobs as CloudTask 2 kept them in its collection sys_jobs, read field by field: they come from a database, where anything may be.

export interface OriginalSchedule {
  readonly enabled: boolean;
  /** 1 seconds, 2 minutes, 3 hours, 4 days, 5 weeks, 6 months. */
  readonly turnmode: number;
  readonly interval: number;
  /** Days since 1970. */
  readonly startDay: number;
  readonly endDay?: number;
  /** Minutes of the day. */
  readonly startMinute: number;
  readonly endMinute: number;
  /** Mode 5: weekdays, 0 is Sunday; mode 6: months, from 1. Ascending, each once. */
  readonly selected: readonly number[];
  /** Mode 6: n-th day, or with a minus n-th to last; 0: `week`. */
  readonly day: number;
  /** Mode 6: 1 to 4, or 0 for the last, and the weekday. */
  readonly week: readonly [number, number];
}

export interface OriginalJob {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly groupId: string;
  readonly servers: readonly string[];
  readonly filename: string;
  readonly command: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly description: string;
  /** Seconds; 0 is none. */
  readonly timeout: number;
  readonly enabled: boolean;
  readonly schedules: readonly OriginalSchedule[];
  /** Mail by the outcome; only what is switched on. */
  readonly notify: { readonly succeed?: OriginalMail; readonly failed?: OriginalMail };
}

export interface OriginalMail {
  /** As they stood between the semicolons. */
  readonly to: readonly string[];
  /** In one line. */
  readonly subject: string;
  readonly content: string;
}

/** Told for each field that cannot be read; `path` leads to it within the job. */
export type Complain = (path: readonly (string | number)[], message: string) => void;

type Fields = Readonly<Record<string, unknown>>;

const DAY_MS = 86_400_000;

const asFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Numbers come as such, as text, or as MongoDB's exports write them: `{"$numberInt": "1"}`. */
function asNumber(value: unknown): number {
  const inner = asFields(value);
  const plain = inner.$numberInt ?? inner.$numberLong ?? inner.$numberDouble ?? value;
  return typeof plain === 'boolean'
    ? Number(plain)
    : typeof plain === 'number'
      ? plain
      : Number.parseFloat(asText(plain) || '0');
}

export function readJob(value: unknown, complain: Complain): OriginalJob {
  const job = asFields(value);
  const timeout = asNumber(job.timeout);
  if (!Number.isInteger(timeout) || timeout < 0) complain(['timeout'], 'must be a number of seconds');
  for (const field of ['name', 'cmd'] as const) if (asText(job[field]) === '') complain([field], 'is missing');
  return {
    id: asText(job.jobid),
    name: asText(job.name),
    location: asText(job.location),
    groupId: asText(job.groupid),
    servers: asArray(job.servers).map(asText).filter(Boolean),
    filename: asText(job.filename),
    command: asText(job.cmd),
    env: asArray(job.env).flatMap((entry, index) =>
      variable(asText(entry), (message) => complain(['env', index], message)),
    ),
    description: asText(job.description),
    timeout,
    enabled: asNumber(job.enabled ?? 1) !== 0,
    schedules: asArray(job.schedule).flatMap((one, index) => {
      const schedule = readSchedule(asFields(one), (path, message) => complain(['schedule', index, ...path], message));
      return schedule === undefined ? [] : [schedule];
    }),
    notify: notifyOf(asFields(job.notifysetting)),
  };
}

/** The value is everything behind the first `=`. */
function variable(text: string, complain: (message: string) => void): { name: string; value: string }[] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined && !name.startsWith('CTASK_')) return [{ name, value }];
  complain(name === undefined ? `"${text}" is not NAME=value` : 'names that begin with CTASK_ are reserved');
  return [];
}

function notifyOf(setting: Fields): OriginalJob['notify'] {
  const to = (outcome: 'succeed' | 'failed') => {
    const { enabled, to: addresses, subject, content } = asFields(setting[outcome]);
    if (enabled !== true && enabled !== 1) return {};
    const mail: OriginalMail = {
      to: asText(addresses)
        .split(/[;,\s]+/)
        .filter(Boolean),
      subject: asText(subject).replace(/\s+/g, ' ').trim(),
      content: asText(content).trim(),
    };
    return { [outcome]: mail };
  };
  return { ...to('succeed'), ...to('failed') };
}

function readSchedule(fields: Fields, complain: Complain): OriginalSchedule | undefined {
  let wrong = false;
  const refuse: Complain = (path, message) => {
    wrong = true;
    complain(path, message);
  };
  const turnmode = asNumber(fields.turnmode);
  if (![1, 2, 3, 4, 5, 6].includes(turnmode)) refuse(['turnmode'], `${turnmode} is none of 1 to 6`);
  const interval = asNumber(fields.interval);
  if (turnmode < 6 && (!Number.isInteger(interval) || interval < 1)) {
    refuse(['interval'], `${interval} is not 1 or more; the first CloudTask ended its agent at such a schedule`);
  }
  const startDay = dayOf(asText(fields.startdate));
  if (startDay === undefined) refuse(['startdate'], `"${asText(fields.startdate)}" is not MM/DD/YYYY`);
  const ends = asText(fields.enddate) !== '';
  const endDay = dayOf(asText(fields.enddate));
  if (ends && endDay === undefined) refuse(['enddate'], `"${asText(fields.enddate)}" is not MM/DD/YYYY`);
  const startMinute = minuteOf(asText(fields.starttime) || '00:00');
  const endMinute = minuteOf(asText(fields.endtime) || '23:59');
  if (startMinute === undefined) refuse(['starttime'], 'is not HH:mm');
  if (endMinute === undefined) refuse(['endtime'], 'is not HH:mm');
  if (turnmode <= 3 && (endMinute ?? 0) < (startMinute ?? 0)) refuse(['endtime'], 'is before starttime: it never ran');
  const selected = turnmode === 5 || turnmode === 6 ? selection(asText(fields.selectat), turnmode, refuse) : [];
  const { day, week } = asFields(fields.monthlyof);
  const [nth = 0, weekday = 0] = asText(week).split(':').map(Number);
  if (turnmode === 6) checkMonthly(asNumber(day), nth, weekday, refuse);
  if (wrong) return undefined;
  return {
    ...{ enabled: asNumber(fields.enabled ?? 1) !== 0, turnmode, interval, startDay: startDay! },
    ...(ends ? { endDay: endDay! } : {}),
    ...{
      startMinute: startMinute!,
      endMinute: endMinute!,
      selected,
      day: asNumber(day),
      week: [nth, weekday] as const,
    },
  };
}

function selection(text: string, turnmode: number, refuse: Complain): number[] {
  const [low, high] = turnmode === 5 ? [0, 6] : [1, 12];
  const values = text.split(',').filter(Boolean).map(Number);
  if (values.length === 0 || values.some((value) => !Number.isInteger(value) || value < low || value > high)) {
    refuse(['selectat'], `"${text}" must be numbers from ${low} to ${high}`);
  }
  return [...new Set(values)].sort((a, b) => a - b);
}

function checkMonthly(day: number, nth: number, weekday: number, refuse: Complain): void {
  const whole = Number.isInteger(day) && Math.abs(day) <= 31;
  if (!whole) refuse(['monthlyof', 'day'], `${day} is not -31 to 31`);
  const known = nth >= 0 && nth <= 4 && weekday >= 0 && weekday <= 6;
  if (day === 0 && !known) refuse(['monthlyof', 'week'], 'must be 0 to 4, a colon and a weekday from 0 to 6');
}

function dayOf(text: string): number | undefined {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return new Date(time).getUTCDate() === Number(day) ? time / DAY_MS : undefined;
}

function minuteOf(text: string): number | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const value = Number(hour) * 60 + Number(minute);
  return hour !== undefined && Number(hour) < 24 && Number(minute) < 60 ? value : undefined;
}
