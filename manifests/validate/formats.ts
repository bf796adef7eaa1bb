import { parseBytes, parseDuration } from '../../base/index.js';
import { TIME_OF_DAY_PATTERN } from '../kinds/calendar-words.js';
import { calendarDatesFault, parseCalendarDates } from '../schedule/calendar-days.js';
import { daysInMonth } from '../schedule/civil.js';
import { FIRST_YEAR, LAST_YEAR } from '../schedule/cron-fields.js';
import { zoneClock } from '../schedule/zone-clock.js';

const TIME_OF_DAY = new RegExp(TIME_OF_DAY_PATTERN);
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** RFC 3339 with an offset, of a date that exists, 1970 to 2199. Leap seconds are no instants (POSIX time). */
export function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (
    year! >= FIRST_YEAR &&
    year! <= LAST_YEAR &&
    month! >= 1 &&
    month! <= 12 &&
    day! >= 1 &&
    day! <= daysInMonth(year!, month!) &&
    hour! <= 23 &&
    minute! <= 59 &&
    second! <= 59 &&
    zoneHour! <= 23 &&
    zoneMinute! <= 59
  );
}

/** `2026-01-05`, a date that exists, 1970 to 2199. */
function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && isDateTime(`${text}T00:00:00Z`);
}

export interface Format {
  readonly test: (text: string) => boolean;
  /** Continues "must be …". */
  readonly expected: string;
  /** Says what is wrong with a text of the right form; undefined for others. */
  readonly fault?: (text: string) => string | undefined;
}

/** Without what could end a header, or begin another address. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u;
const NAMED_ADDRESS = /^[^<>,;:"\p{Cc}]* <([^<>]+)>$/u;

/** One address, without a name. */
export function isEmailAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** `CloudTask <ct@example.com>`, or the address alone. */
function isMailbox(text: string): boolean {
  return ADDRESS.test(NAMED_ADDRESS.exec(text)?.[1] ?? text);
}

function isHttpUrl(text: string): boolean {
  // Without the slashes a URL is one all the same to the parser, and to nobody else.
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

const HOST_NAME = /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/;

/** A name or an address. What ends in a number is an address of version 4, or nothing. */
function isHost(text: string): boolean {
  if (text.includes(':')) return /^[0-9A-Fa-f:.]+$/.test(text) && URL.canParse(`http://[${text}]/`);
  return HOST_NAME.test(text) && URL.canParse(`http://${text}/`);
}

function mailHostFault(text: string): string | undefined {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(text) ?? [];
  const alone = isHost(host.replace(/^\[(.*)\]$/, '$1'));
  return port !== undefined && alone ? 'holds a port: the port goes to spec.email.port' : undefined;
}

/** The string formats that schemas may name. */
export const formats: Readonly<Record<string, Format>> = {
  'date-time': {
    test: isDateTime,
    expected: 'an instant with an offset (RFC 3339), such as "2026-12-24T18:00:00+01:00"',
  },
  'email-address': { test: isEmailAddress, expected: 'one address, such as "ops@example.com"' },
  mailbox: {
    test: isMailbox,
    expected: 'an address, alone or behind a name, such as "CloudTask <cloudtask@example.com>"',
  },
  'mail-host': {
    test: isHost,
    expected: 'a host name or an IP address, such as "mail.example.com"',
    fault: mailHostFault,
  },
  'http-url': {
    test: isHttpUrl,
    expected:
      'a URL that begins with https:// or http://, without user and password, such as "https://hooks.example.com/cloudtask"',
  },
  date: { test: isDate, expected: 'a date, such as "2026-01-05"' },
  'calendar-dates': {
    test: (text) => parseCalendarDates(text) !== undefined,
    expected: 'a date or two with "/" between them, such as "2026-04-03", "12-25" or "2026-12-24/2027-01-01"',
    fault: calendarDatesFault,
  },
  bytes: {
    test: (text) => parseBytes(text) !== undefined,
    expected: 'a number of bytes, such as "512Ki", "10Mi" or "2G"',
  },
  duration: {
    test: (text) => parseDuration(text) !== undefined,
    expected: 'a duration, such as "90s", "5m" or "1h30m"',
  },
  'time-of-day': {
    test: (text) => TIME_OF_DAY.test(text),
    expected: 'a time of day from "00:00" to "23:59"',
  },
  'time-zone': {
    test: (text) => zoneClock(text) !== undefined,
    expected: 'an IANA time zone, such as "Europe/Berlin"',
  },
};
