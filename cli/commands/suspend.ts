// ctask suspend, ctask resume: whether time points of a task fire.
import type { Command } from 'commander';
import { resourcePath } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import type { ApiObject } from '../resources/api-object.js';
import { taskNames } from '../resources/target.js';
import { resultLine } from '../resources/words.js';

export interface SuspendOptions {
  verb: 'suspend' | 'resume';
  tasks: readonly string[];
}

export function defineSuspend(program: Command, deps: CliDeps, run = runSuspend): void {
  const command = program
    .command('suspend')
    .description('Stop tasks from firing; what runs, runs on')
    .argument('<task...>', 'NAME or task/NAME');
  addExamples(command, [
    { say: 'One task', run: 'ctask suspend hello' },
    { say: 'Several', run: 'ctask suspend task/hello task/nightly-report' },
  ]).action((tasks: string[]) => run({ verb: 'suspend', tasks: taskNames(tasks) }, deps));
}

export function defineResume(program: Command, deps: CliDeps, run = runSuspend): void {
  const command = program
    .command('resume')
    .description('Let suspended tasks fire again')
    .argument('<task...>', 'NAME or task/NAME');
  addExamples(command, [
    { say: 'One task', run: 'ctask resume hello' },
    { say: 'Several', run: 'ctask resume task/hello task/nightly-report' },
  ]).action((tasks: string[]) => run({ verb: 'resume', tasks: taskNames(tasks) }, deps));
}

export async function runSuspend({ verb, tasks }: SuspendOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  for (const task of tasks) {
    const path = resourcePath('tasks', namespace, task, verb);
    const { operation, object } = await api.send<{ operation: string; object: ApiObject }>('POST', path);
    await deps.out(resultLine('Task', object.metadata.name, operation));
  }
}
