// ctask cancel: ends runs, politely first.
import type { Command } from 'commander';
import { formatDuration, parseDuration } from '../../../base/index.js';
import { isFinal, type Run } from '../../../manifests/index.js';
import { type Query, resourcePath } from '../../client/paths.js';
import { listPages } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { oneName, RUN_NAMES, usage } from '../../resources/target.js';
import { resultLine } from '../../resources/words.js';
import { addFilename, checkChoice, type FileFlags, type PlacedName, tasksOfFiles } from '../filename-option.js';

export interface CancelOptions extends Partial<FileFlags> {
  runs: readonly string[];
  selector?: string;
  /** Duration; absent: the task's grace period. */
  grace?: string;
}

export function defineCancel(program: Command, deps: CliDeps, run = runCancel): void {
  const command = program
    .command('cancel')
    .description('End runs; one that has ended stays as it is')
    .argument('[run...]', 'NAME or run/NAME')
    .option('-l, --selector <labels>', 'all open runs with these labels')
    .option('--grace <duration>', "time to end in an orderly way, 0s for none; the task's gracePeriod unless given");
  addExamples(addFilename(command, 'the open runs of the tasks that these manifests name'), [
    { say: 'One run', run: 'ctask cancel run/hello-4bx8kq2m7d' },
    { say: 'All open runs of a team', run: 'ctask cancel -l team=fin' },
    { say: 'What runs of the tasks of a directory', run: 'ctask cancel -f examples/hello' },
    { say: 'At once, also when it was asked before', run: 'ctask cancel hello-4bx8kq2m7d --grace 0s' },
  ]).action((runs: string[], flags: Omit<CancelOptions, 'runs'>) =>
    run({ ...flags, runs: runs.map((word) => oneName(word, RUN_NAMES).name) }, deps),
  );
}

export async function runCancel(options: CancelOptions, deps: CliDeps): Promise<void> {
  const { grace } = options;
  checkChoice(options.runs, 'run', options);
  const graceMs = grace === undefined ? undefined : parseDuration(grace);
  if (grace !== undefined && graceMs === undefined) throw usage(`--grace "${grace}" is not a duration such as 10s`);
  const body = graceMs === undefined ? {} : { body: { gracePeriod: formatDuration(graceMs) } };
  const api = await deps.api();
  const runs = await runsOf(options, deps);
  if (runs.length === 0) {
    const where =
      options.filename !== undefined && options.filename.length > 0
        ? ''
        : ` in ${(await deps.settings()).namespace} namespace`;
    return deps.say(`No open runs found${where}.`);
  }
  for (const { namespace, name } of runs) {
    const run = await api.send<Run>('POST', resourcePath('runs', namespace, name, 'cancel'), {
      ...body,
      repeatable: true,
    });
    await deps.out(resultLine('Run', run.metadata.name, cancelWords(run, graceMs)));
  }
}

/** A run that has started ends when its agent has ended it, and one that has ended otherwise stays so: no lies. */
export function cancelWords({ spec, status }: Run, graceMs?: number): string {
  const state = status?.state ?? 'Pending';
  if (state === 'Cancelled') return 'cancelled';
  if (isFinal(state)) return `unchanged (${state})`;
  // Asked before, with no more patience than now.
  const longer = graceMs !== undefined && parseDuration(spec.cancelGracePeriod ?? '') !== graceMs;
  return longer ? 'unchanged' : 'cancel requested';
}

async function runsOf(options: CancelOptions, deps: CliDeps): Promise<PlacedName[]> {
  const { runs, filename = [], recursive = false, selector: labelSelector } = options;
  if (filename.length > 0) {
    return runsOfFiles(runs, { filename, recursive }, deps);
  }
  const { namespace } = await deps.settings();
  const named = runs.map((name) => ({ name, namespace }));
  return labelSelector === undefined ? named : [...named, ...(await openRuns(namespace, { labelSelector }, deps))];
}

/** Manifests say tasks, never runs. */
async function runsOfFiles(words: readonly string[], flags: FileFlags, deps: CliDeps): Promise<PlacedName[]> {
  const found: PlacedName[] = [];
  for (const { namespace, name } of await tasksOfFiles(words, flags, 'nothing was cancelled', deps)) {
    found.push(...(await openRuns(namespace, { fieldSelector: `spec.task=${name}` }, deps)));
  }
  return found;
}

async function openRuns(namespace: string, query: Query, deps: CliDeps): Promise<PlacedName[]> {
  const open: PlacedName[] = [];
  for await (const { items } of listPages<Run>(await deps.api(), resourcePath('runs', namespace), query)) {
    for (const { metadata, status } of items) {
      if (!isFinal(status?.state ?? 'Pending')) open.push({ name: metadata.name, namespace });
    }
  }
  return open;
}
