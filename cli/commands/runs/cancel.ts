// ctask cancel: ends runs, politely first.
import type { Command } from 'commander';
import { isFinal, type Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { oneName, RUN_NAMES, usage } from '../../resources/target.js';
import { resultLine } from '../../resources/words.js';

export interface CancelOptions {
  runs: readonly string[];
  selector?: string;
}

export function defineCancel(program: Command, deps: CliDeps, run = runCancel): void {
  const command = program
    .command('cancel')
    .description('End runs; one that has ended stays as it is')
    .argument('[run...]', 'NAME or run/NAME')
    .option('-l, --selector <labels>', 'all open runs with these labels');
  addExamples(command, [
    { say: 'One run', run: 'ctask cancel run/hello-4bx8kq2m7d' },
    { say: 'All open runs of a team', run: 'ctask cancel -l team=fin' },
  ]).action((runs: string[], flags: { selector?: string }) =>
    run({ ...flags, runs: runs.map((word) => oneName(word, RUN_NAMES).name) }, deps),
  );
}

export async function runCancel({ runs, selector }: CancelOptions, deps: CliDeps): Promise<void> {
  if (runs.length === 0 && selector === undefined) throw usage('name a run, or give -l');
  const api = await deps.api();
  const { namespace } = await deps.settings();
  const names = [...runs, ...(await openRuns(selector, deps))];
  if (names.length === 0) return deps.say(`No open runs found in ${namespace} namespace.`);
  for (const name of names) {
    const run = await api.send<Run>('POST', resourcePath('runs', namespace, name, 'cancel'), { repeatable: true });
    await deps.out(resultLine('Run', run.metadata.name, cancelWords(run)));
  }
}

/** A run that has started ends when its agent has ended it, and one that has ended otherwise stays so: no lies. */
export function cancelWords({ status }: Run): string {
  const state = status?.state ?? 'Pending';
  if (state === 'Cancelled') return 'cancelled';
  return isFinal(state) ? `unchanged (${state})` : 'cancel requested';
}

async function openRuns(labelSelector: string | undefined, deps: CliDeps): Promise<string[]> {
  if (labelSelector === undefined) return [];
  const { namespace } = await deps.settings();
  const { items } = await listAll<Run>(await deps.api(), resourcePath('runs', namespace), { labelSelector });
  return items.filter(({ status }) => !isFinal(status?.state ?? 'Pending')).map(({ metadata }) => metadata.name);
}
