// ctask import cloudtask: jobs of CloudTask 2 as tasks that fire as they did.
import type { Command } from 'commander';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { readSources } from '../../resources/manifest-sources.js';
import { usage } from '../../resources/target.js';
import { checkZone } from '../../resources/zone.js';
import { addImportFlags, type ImportFlags, importTarget, writeImported } from './write-imported.js';

interface CloudtaskFlags extends ImportFlags {
  timezone?: string;
  windows: boolean;
}

export function defineImportCloudtask(program: Command, deps: CliDeps, run = runImportCloudtask): void {
  const command = program
    .command('cloudtask')
    .description('Make a task of each job of CloudTask 2, and of its groups and runtimes namespaces and clusters')
    .argument('<file>', 'JSON: jobs, or an object with jobs, locations and groups; - for standard input')
    .option('--timezone <zone>', 'time zone of the machines that ran the jobs; that of this machine unless given')
    .option('--windows', 'the jobs ran on Windows', false);
  addImportFlags(command);
  addExamples(command, [
    { say: 'Jobs with their runtimes and groups', run: 'ctask import cloudtask examples/import/cloudtask-2.export' },
    {
      say: 'All into one namespace and one cluster that are there',
      run: 'ctask import cloudtask --timezone Asia/Shanghai -n billing --cluster eu examples/import/cloudtask-2.export',
    },
  ]).action((file: string, flags: CloudtaskFlags) => run(file, flags, deps));
}

export async function runImportCloudtask(file: string, flags: CloudtaskFlags, deps: CliDeps): Promise<void> {
  if (flags.timezone !== undefined) await checkZone(flags.timezone);
  const [source, ...more] = await readSources([file], false, deps);
  if (source === undefined || more.length > 0) throw usage('give one file');
  const { importCloudtask } = await import('../../import/cloudtask/import-cloudtask.js');
  const imported = importCloudtask(source.text, source.file, {
    ...(await importTarget(flags, deps)),
    timeZone: flags.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    windows: flags.windows,
  });
  await writeImported(imported, flags, deps);
}
