// ctask undelete: makes tasks anew that were deleted within the last day.

import type { Command } from 'commander';
import { formatAge } from '../../base/index.js';
import { resourcePath } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { Table } from '../output/table.js';
import type { ApiObject } from '../resources/api-object.js';
import { taskNames, usage } from '../resources/target.js';
import { type DryRun, resultLine } from '../resources/words.js';
import { dryRunMode } from './apply.js';

export interface UndeleteOptions {
  readonly tasks: readonly string[];
  readonly list: boolean;
  readonly dryRun: DryRun;
}

interface DeletedTask {
  readonly name: string;
  readonly time: string;
  readonly author?: string;
}

export function defineUndelete(program: Command, deps: CliDeps, run = runUndelete): void {
  const command = program
    .command('undelete')
    .description('Make tasks anew that were deleted within the last day; they are other tasks, with other uids')
    .argument('[task...]', 'NAME or task/NAME')
    .option('--list', 'show what can come back', false)
    .option('--dry-run [mode]', 'client or server: make nothing', 'none');
  addExamples(command, [
    { say: 'What was deleted lately', run: 'ctask undelete --list' },
    { say: 'One task', run: 'ctask undelete task/hello' },
  ]).action((words: string[], { list, dryRun }: { list: boolean; dryRun: string | boolean }) => {
    if (list === words.length > 0) throw usage('name tasks, or give --list');
    return run({ tasks: taskNames(words), list, dryRun: dryRunMode(dryRun) }, deps);
  });
}

export async function runUndelete({ tasks, list, dryRun }: UndeleteOptions, deps: CliDeps): Promise<void> {
  if (list) return showDeleted(deps);
  const api = await deps.api();
  const { namespace } = await deps.settings();
  for (const task of tasks) {
    const { operation, object } = await api.send<{ operation: string; object: ApiObject }>(
      'POST',
      resourcePath('tasks', namespace, task, 'undelete'),
      dryRun === 'none' ? {} : { query: { dryRun: 'All' } },
    );
    await deps.out(resultLine('Task', object.metadata.name, operation, dryRun));
  }
}

async function showDeleted(deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const path = resourcePath('deletedtasks', namespace);
  const { items } = await (await deps.api()).get<{ items: DeletedTask[] }>(path);
  if (items.length === 0) return deps.say(`No tasks were deleted lately in ${namespace} namespace.`);
  const table = new Table({ headers: ['NAME', 'DELETED-BY', 'AGE'] });
  const now = deps.clock.now();
  const rows = items.map(({ name, time, author }) => [name, author ?? '<unknown>', formatAge(now - Date.parse(time))]);
  await deps.out(table.render(rows));
}
