// ctask retry: what a run was, once more (C-70); optionally to its end, as ctask run does.
import type { Command } from 'commander';
import type { Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { oneName, RUN_NAMES } from '../../resources/target.js';
import {
  type AttendFlags,
  type AttendOptions,
  addAttendFlags,
  announce,
  attendOptions,
  toTheEnds,
} from './attend-run.js';

export interface RetryOptions extends AttendOptions {
  runs: readonly string[];
  /** Also when the task executes something else by now. */
  currentRevision: boolean;
}

interface RetryFlags extends AttendFlags {
  currentRevision: boolean;
}

export function defineRetry(program: Command, deps: CliDeps, run = runRetry): void {
  const command = program
    .command('retry')
    .description('Run again what runs were: the same program, arguments, variables and time point')
    .argument('<run...>', 'NAME or run/NAME')
    .option('--current-revision', 'with what the task executes now, when that has changed', false);
  addExamples(addAttendFlags(command), [
    { say: 'A run that failed', run: 'ctask retry run/hello-4bx8kq2m7d' },
    { say: 'See its output; exit 0 if it succeeds, 1 otherwise', run: 'ctask retry run/hello-4bx8kq2m7d -f' },
    { say: 'Only the name of the run that comes of it', run: 'ctask retry hello-4bx8kq2m7d -o name' },
  ]).action((runs: string[], { currentRevision, ...flags }: RetryFlags) => {
    const names = runs.map((word) => oneName(word, RUN_NAMES).name);
    return run({ runs: names, currentRevision, ...attendOptions(flags) }, deps);
  });
}

/** Asking twice is asking once: the run that came of the first time is told again, with a warning. */
export async function runRetry({ runs, currentRevision, ...options }: RetryOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  const made: Run[] = [];
  for (const name of runs) {
    const path = resourcePath('runs', namespace, name, 'retry');
    const run = await api.send<Run>('POST', path, { body: currentRevision ? { current: true } : {}, repeatable: true });
    // Told at once: a later one may be refused.
    await announce(run, options, deps);
    made.push(run);
  }
  await toTheEnds(made, options, deps);
}
