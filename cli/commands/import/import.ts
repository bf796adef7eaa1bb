// ctask import: manifests of tasks that run elsewhere today, or of days that are kept elsewhere. It writes them for people to read; what reaches a center is
// what they apply.
import type { Command } from 'commander';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { defineImportCloudtask } from './cloudtask.js';
import { defineImportCrontab } from './crontab.js';
import { defineImportIcal } from './ical.js';

export function defineImport(program: Command, deps: CliDeps): void {
  const command = program
    .command('import')
    .description('Make manifests of tasks that run elsewhere today, or of days; sends nothing to the center');
  addExamples(command, [
    { say: 'The crontab of a machine, to look at', run: 'ctask import crontab --system examples/import/crontab' },
    {
      say: 'The same, to change and to apply',
      run: 'ctask import crontab --system examples/import/crontab > tasks.yaml',
    },
  ]);
  defineImportCrontab(command, deps);
  defineImportCloudtask(command, deps);
  defineImportIcal(command, deps);
}
