// An iCalendar file as a Calendar.
import { type Calendar, type Problem, SourceText, validateObject } from '../../../manifests/index.js';
import type { Imported } from '../imported.js';
import { eventDates, IcalError, passedOver, summaryOf, type Years } from './event-dates.js';
import { type IcalEvent, type IcalProblem, icalEvents } from './ical-lines.js';

export interface IcalOptions {
  readonly name: string;
  readonly namespace?: string;
  /** Zone whose dates these are; that of each schedule unless given. */
  readonly timeZone?: string;
  readonly years: Years;
}

export interface ImportedCalendar {
  /** None when the file has no days. */
  readonly calendars: readonly Imported<Calendar>[];
  /** In the order of the lines. */
  readonly problems: readonly Problem[];
}

/** @param file what messages call the text */
export function importIcal(text: string, file: string, options: IcalOptions): ImportedCalendar {
  const { events, problems } = icalEvents(text);
  const found: IcalProblem[] = [...problems];
  /** By date, the summaries of its events. */
  const named = new Map<string, string[]>();
  let cut: IcalEvent | undefined;
  for (const [event, ...overrides] of byUid(events)) {
    try {
      const passed = passedOver(event!);
      if (passed !== undefined) {
        found.push({ ...passed, line: event!.line });
        continue;
      }
      const { dates, cut: goesOn } = eventDates(event!, overrides, options.years);
      if (goesOn) cut ??= event;
      for (const date of dates) named.set(date, [...(named.get(date) ?? []), summaryOf(event!)]);
    } catch (error) {
      if (!(error instanceof IcalError)) throw error;
      found.push({ line: error.line, message: error.message, severity: 'error' });
    }
  }
  if (cut !== undefined) {
    const message = `"${summaryOf(cut)}" recurs on other dates each year: those until ${options.years.last}-12-31 are listed; import the file anew before then`;
    found.push({ line: cut.line, message, severity: 'warning' });
  }
  const source = new SourceText(text.replace(/^\uFEFF/, ''));
  const calendars = named.size === 0 ? [] : [calendarOf(named, file, options)];
  for (const { manifest } of calendars) {
    for (const { message } of validateObject(manifest).causes) found.push({ line: 1, message, severity: 'error' });
  }
  if (calendars.length === 0 && !found.some(({ severity }) => severity === 'error')) {
    const message = `has no days from ${options.years.first} to ${options.years.last}`;
    found.push({ line: 1, message, severity: 'error' });
  }
  const ordered = found.sort((a, b) => a.line - b.line);
  return { calendars, problems: ordered.map((one) => asProblem(one, file, source)) };
}

/** Events of one UID: first the one that the others override. */
function byUid(events: readonly IcalEvent[]): IcalEvent[][] {
  const groups = new Map<string, IcalEvent[]>();
  for (const event of events) {
    const uid = event.properties.find(({ name }) => name === 'UID')?.value ?? `line ${event.line}`;
    const overrides = event.properties.some(({ name }) => name === 'RECURRENCE-ID');
    const group = groups.get(uid) ?? [];
    if (overrides) group.push(event);
    else group.unshift(event);
    groups.set(uid, group);
  }
  return [...groups.values()];
}

function calendarOf(
  named: ReadonlyMap<string, readonly string[]>,
  file: string,
  { name, namespace, timeZone }: IcalOptions,
): Imported<Calendar> {
  const dates = [...named.keys()].sort();
  const comments = dates.map((date) => `${date} ${[...new Set(named.get(date))].join('; ')}`.trimEnd());
  return {
    comments: [`Made of ${file}`, ...comments],
    manifest: {
      apiVersion: 'cloudtask.dev/v1',
      kind: 'Calendar',
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      spec: { ...(timeZone === undefined ? {} : { timeZone }), dates },
    },
  };
}

function asProblem({ line, message, severity }: IcalProblem, file: string, source: SourceText): Problem {
  const start = source.offsetOf(line);
  const length = /^[^\r\n]*/.exec(source.text.slice(start))![0].length;
  return {
    ...{ file, line, column: 1, document: 0, reason: 'FieldValueInvalid', message, severity },
    excerpt: source.excerpt(start, Math.max(length, 1)),
  };
}
