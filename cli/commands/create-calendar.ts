// ctask create calendar: days from flags; those of a file are what `ctask import ical` makes.
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { collect } from './apply.js';
import { type CommonFlags, type CreateOptions, MODELINE, toCreate } from './create-generators.js';

interface CalendarFlags extends CommonFlags {
  date: string[];
  weekday: string[];
  timezone?: string;
  description?: string;
}

export function defineCalendar(
  create: Command,
  deps: CliDeps,
  run: (options: CreateOptions, deps: CliDeps) => Promise<void>,
): void {
  const calendar = create
    .command('calendar')
    .alias('cal')
    .description('Create a calendar: days that schedules leave out, or to which they restrict')
    .argument('<name>')
    .option('--date <dates>', '2026-04-03, 12-25 of each year, or 2026-12-24/2027-01-01; may be repeated', collect, [])
    .option('--weekday <day>', 'Mon, Tue, Wed, Thu, Fri, Sat or Sun; may be repeated', collect, [])
    .option('--timezone <zone>', 'zone whose dates these are; that of each schedule unless given')
    .option('--description <text>', 'what it is for')
    .option(...MODELINE, false);
  addExamples(calendar, [
    { say: 'Weekends and Christmas', run: 'ctask create calendar days-off --weekday Sat,Sun --date 12-25/12-26' },
    { say: 'Its manifest', run: 'ctask create calendar days-off --date 12-25 --dry-run=client -o yaml' },
  ]).action((name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<CalendarFlags>();
    const { timezone: timeZone, description } = flags;
    const [weekdays, dates] = [listOf(flags.weekday), listOf(flags.date)];
    const spec = {
      ...(description === undefined ? {} : { description }),
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(weekdays.length === 0 ? {} : { weekdays }),
      ...(dates.length === 0 ? {} : { dates }),
    };
    return run(toCreate('Calendar', name, spec, flags), deps);
  });
}

/** Each flag may hold several, with commas between them. */
const listOf = (texts: readonly string[]): string[] => texts.flatMap((text) => text.split(',')).filter(Boolean);
