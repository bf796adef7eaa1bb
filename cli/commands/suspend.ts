// ctask suspend, ctask resume: whether time points of a task fire.
import type { Command } from 'commander';
import { resourcePath } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import type { ApiObject } from '../resources/api-object.js';
import { oneName, TASK_NAMES } from '../resources/target.js';
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
  ]).action((tasks: string[]) => run({ verb: 'suspend', tasks: names(tasks) }, deps));
}

export function defineResume(program: Command, deps: CliDeps, run = runSuspend): void {
  const command = program
    .command('resume')
    .description('Let suspended tasks fire again')
    .argument('<task...>', 'NAME or task/NAME');
  addExamples(command, [
    { say: 'One task', run: 'ctask resume hello' },
    { say: 'Several', run: 'ctask resume task/hello task/nightly-report' },
  ]).action((tasks: string[]) => run({ verb: 'resume', tasks: names(tasks) }, deps));
}

/** People type `task hello` as well as `task/hello`. */
function names(words: readonly string[]): string[] {
  const [first = '', ...rest] = words;
  const bare = rest.length > 0 && (TASK_NAMES as readonly string[]).includes(first.toLowerCase()) ? rest : words;
  return bare.map((word) => oneName(word, TASK_NAMES).name);
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
