// ctask import ical: the all-day events of an iCalendar file as a Calendar.
import type { Command } from 'commander';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { readSources } from '../../resources/manifest-sources.js';
import { usage } from '../../resources/target.js';
import { checkZone } from '../../resources/zone.js';
import { writeImported } from './write-imported.js';

interface IcalFlags {
  name: string;
  timezone?: string;
  from?: string;
  years: string;
  skipErrors: boolean;
  output: string;
}

/** Rules are expanded so far at most. */
const YEARS_MAX = 50;

export function defineImportIcal(program: Command, deps: CliDeps, run = runImportIcal): void {
  const command = program
    .command('ical')
    .description('Make a Calendar of the all-day events of an iCalendar file')
    .argument('<file>', 'a file, usually .ics, URL or - for standard input')
    .requiredOption('--name <name>', 'name of the Calendar')
    .option('--timezone <zone>', 'zone whose dates these are; that of each schedule unless given')
    .option('--from <year>', 'first year whose days are listed; this year unless given')
    .option('--years <n>', 'how many years of events that recur on other dates each year', '5')
    .option('--skip-errors', 'import what can be imported, and leave out the rest', false)
    .option('-o, --output <format>', 'yaml or json', 'yaml');
  addExamples(command, [
    {
      say: 'Holidays, to look at',
      run: 'ctask import ical --name holidays --from 2026 examples/calendar/holidays.ics',
    },
    {
      say: 'The same, to keep in a file',
      run: 'ctask import ical --name holidays --from 2026 examples/calendar/holidays.ics > holidays.yaml',
    },
  ]).action((file: string, flags: IcalFlags) => run(file, flags, deps));
}

export async function runImportIcal(file: string, flags: IcalFlags, deps: CliDeps): Promise<void> {
  const years = /^\d+$/.test(flags.years) ? Number(flags.years) : 0;
  if (years < 1 || years > YEARS_MAX) throw usage(`--years "${flags.years}" is not a number from 1 to ${YEARS_MAX}`);
  const from = flags.from ?? String(new Date(deps.clock.now()).getUTCFullYear());
  if (!/^(19[7-9]|20\d|21[0-4])\d$/.test(from)) throw usage(`--from "${from}" is not a year from 1970 to 2149`);
  if (flags.timezone !== undefined) await checkZone(flags.timezone);
  const [source, ...more] = await readSources([file], false, deps);
  if (source === undefined || more.length > 0) throw usage('give one file');
  const { importIcal } = await import('../../import/ical/import-ical.js');
  const { namespace, namespaceGiven } = await deps.settings();
  const { calendars, problems } = importIcal(source.text, source.file, {
    name: flags.name,
    ...(namespaceGiven ? { namespace } : {}),
    ...(flags.timezone === undefined ? {} : { timeZone: flags.timezone }),
    years: { first: Number(from), last: Number(from) + years - 1 },
  });
  const { output, skipErrors } = flags;
  await writeImported({ tasks: calendars, problems }, { output, skipErrors }, deps);
}
