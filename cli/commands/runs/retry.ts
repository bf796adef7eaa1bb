// ctask retry: what a run was, once more (C-70).
import type { Command } from 'commander';
import type { Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { oneName, RUN_NAMES } from '../../resources/target.js';
import { qualifiedName, resultLine } from '../../resources/words.js';

export interface RetryOptions {
  runs: readonly string[];
  /** Also when the task executes something else by now. */
  currentRevision: boolean;
  output?: 'name' | 'json' | 'yaml';
}

interface RetryFlags {
  currentRevision: boolean;
  output?: string;
}

export function defineRetry(program: Command, deps: CliDeps, run = runRetry): void {
  const command = program
    .command('retry')
    .description('Run again what runs were: the same program, arguments, variables and time point')
    .argument('<run...>', 'NAME or run/NAME')
    .option('--current-revision', 'with what the task executes now, when that has changed', false)
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(command, [
    { say: 'A run that failed', run: 'ctask retry run/hello-4bx8kq2m7d' },
    { say: 'Only the name of the run that comes of it', run: 'ctask retry hello-4bx8kq2m7d -o name' },
  ]).action((runs: string[], { currentRevision, output }: RetryFlags) => {
    const format = checkFormat(output, ['name', 'json', 'yaml']);
    const names = runs.map((word) => oneName(word, RUN_NAMES).name);
    return run({ runs: names, currentRevision, ...(format === undefined ? {} : { output: format }) }, deps);
  });
}

/** Asking twice is asking once: the run that came of the first time is told again, with a warning. */
export async function runRetry({ runs, currentRevision, output }: RetryOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  for (const name of runs) {
    const body = currentRevision ? { current: true } : {};
    const made = await api.send<Run>('POST', resourcePath('runs', namespace, name, 'retry'), {
      body,
      repeatable: true,
    });
    if (output === 'json' || output === 'yaml') await deps.out(await renderObject(made, output));
    else if (output === 'name') await deps.out(`${qualifiedName('Run', made.metadata.name)}\n`);
    else await deps.out(resultLine('Run', made.metadata.name, 'created'));
  }
}
