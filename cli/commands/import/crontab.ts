// ctask import crontab: lines of cron as tasks that fire at the same minutes.
import type { Command } from 'commander';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { readSources } from '../../resources/manifest-sources.js';
import { usage } from '../../resources/target.js';
import { checkZone } from '../../resources/zone.js';
import { addImportFlags, type ImportFlags, importTarget, writeImported } from './write-imported.js';

interface CrontabFlags extends ImportFlags {
  system: boolean;
  timezone?: string;
  home?: string;
}

export function defineImportCrontab(program: Command, deps: CliDeps, run = runImportCrontab): void {
  const command = program
    .command('crontab')
    .description('Make a task of each line of a crontab, and prove that both fire at the same minutes of a year')
    .argument('<file>', 'a crontab, or - for standard input')
    .option('--system', 'lines name a user before the command, as in /etc/crontab and /etc/cron.d', false)
    .option('--timezone <zone>', 'time zone of the machine that it is from; that of this machine unless given')
    .option('--home <dir>', 'home directory of its user, where the commands run');
  addImportFlags(command);
  addExamples(command, [
    {
      say: 'What a program writes, such as crontab -l',
      run: 'ctask import crontab --system - < examples/import/crontab',
    },
    {
      say: 'Of a machine, into a namespace of its own',
      run: 'ctask import crontab --system --timezone Europe/Berlin -n billing examples/import/crontab',
    },
    {
      say: 'A file per task',
      run: 'ctask import crontab --system --prefix db1- --output-dir imported examples/import/crontab',
    },
  ]).action((file: string, flags: CrontabFlags) => run(file, flags, deps));
}

export async function runImportCrontab(file: string, flags: CrontabFlags, deps: CliDeps): Promise<void> {
  if (flags.timezone !== undefined) await checkZone(flags.timezone);
  const [source, ...more] = await readSources([file], false, deps);
  if (source === undefined || more.length > 0) throw usage('give one crontab');
  const { importCrontab } = await import('../../import/crontab/import-crontab.js');
  const { hasField } = await import('../../heavy/manifests.js');
  const imported = importCrontab(source.text, source.file, {
    ...(await importTarget(flags, deps)),
    system: flags.system,
    timeZone: flags.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(flags.home === undefined ? {} : { home: flags.home }),
    users: hasField('Task', 'spec.run.user'),
  });
  await writeImported(imported, flags, deps);
}
