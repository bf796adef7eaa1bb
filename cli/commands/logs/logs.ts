// ctask logs: the output of a run; of a task, of its latest run; of all runs that labels select.
import type { Command } from 'commander';
import { isFinal, type Run } from '../../../manifests/index.js';
import type { LogEnd } from '../../client/log-follow.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { processExitCode } from '../../exit-codes.js';
import { printLog } from '../../output/print-log.js';
import { begunRuns } from '../../resources/begun-runs.js';
import { findRun, hasOutput } from '../../resources/find-run.js';
import { oneName, RUN_NAMES, TASK_NAMES, usage } from '../../resources/target.js';
import { endWords } from '../../resources/words.js';
import { showMany } from './follow-many.js';
import { type LogsFlags, type LogsOptions, logsOptions, requestOf } from './options.js';

export function defineLogs(program: Command, deps: CliDeps, run = runLogs): void {
  const command = program
    .command('logs')
    .description('Show the output of a run, of the latest run of a task, or of many runs')
    .argument('[run]', 'NAME, run/NAME or task/NAME')
    .option('-f, --follow', 'until the run ends; of a task without runs, wait for the first one', false)
    .option('--follow-next', 'with -f and a task: go on with its following runs', false)
    .option('--tail <n>', 'only the last lines; -1 for all; 10 with -l')
    .option('--since <duration>', 'only what is younger, e.g. 5m')
    .option('--since-time <time>', 'only what is younger than 2026-11-01T08:00 here, or an RFC 3339 time')
    .option('--limit-bytes <n>', 'stop after so much of each log')
    .option('--timestamps', 'put the time before each line', false)
    .option('--attempt <n>', 'of this attempt only')
    .option('-p, --previous', 'of the run, or with run/NAME of the attempt, before', false)
    .option('-l, --selector <labels>', 'the open runs with these labels, or the latest of each task that has none')
    .option('--all-runs', 'all runs of the task, or with these labels', false)
    .option('-A, --all-namespaces', 'with -l: runs of all namespaces', false)
    .option('--max-log-requests <n>', 'how many logs -f may follow at the same time', '5')
    .option('--ignore-errors', 'go on when one of several logs cannot be read', false)
    .option('--prefix', 'put run and stream before each line', false)
    .option('--stream <name>', 'stdout, stderr or both', 'both')
    .option('--grep <re>', 'only lines that match a regular expression; the server looks for them')
    .option('--raw', 'to a terminal too, exactly the bytes the process wrote', false)
    .option('-o, --output <format>', 'ndjson: time, stream, run, attempt, seq and line as JSON')
    .option('--propagate-exit-code', "end with the process's exit code", false);
  addExamples(command, [
    { say: 'The latest run of a task', run: 'ctask logs task/hello' },
    { say: 'Follow it to its end', run: 'ctask logs -f task/hello' },
    { say: 'The last lines of a run, with times', run: 'ctask logs run/hello-4bx8kq2m7d --tail 20 --timestamps' },
    {
      say: 'What all runs of a team write, as they come',
      run: 'ctask logs -f -l team=fin --prefix --max-log-requests 20',
    },
    { say: 'Lines that tell of trouble', run: "ctask logs task/hello --grep '(?i)error|timed? out'" },
  ]).action(async (word: string | undefined, flags: LogsFlags) =>
    run(word, await logsOptions(flags, deps.clock.now()), deps),
  );
}

export async function runLogs(word: string | undefined, options: LogsOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  if (word === undefined) {
    const labelSelector = options.selector;
    if (labelSelector === undefined) throw usage('name a run or a task, or give -l');
    return showMany(
      await begunRuns(options.allNamespaces ? undefined : namespace, { labelSelector }, deps),
      options,
      deps,
    );
  }
  if (options.selector !== undefined) throw usage('a name cannot be given together with a selector');
  if (!options.allRuns && !options.followNext) return showOne(word, options, deps);
  const { type, name } = oneName(word, [...TASK_NAMES, ...RUN_NAMES]);
  if ((RUN_NAMES as readonly (string | undefined)[]).includes(type)) {
    throw usage(`--${options.allRuns ? 'all-runs' : 'follow-next'} goes with a task`);
  }
  if (options.allRuns)
    return showMany(await begunRuns(namespace, { fieldSelector: `spec.task=${name}` }, deps), options, deps);
  return showEach(name, options, deps);
}

async function showOne(word: string, options: LogsOptions, deps: CliDeps): Promise<void> {
  const { run, attempt } = await findRun(word, options, deps);
  const end = await showRun(run, attempt, options, deps);
  const code = end === undefined ? undefined : processExitCode(end);
  if (options.propagateExitCode && code !== undefined) deps.setExit(code);
}

/** The latest run of a task, and then one after the other of those that begin. Ends with an interrupt only. */
async function showEach(task: string, options: LogsOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const runs = await begunRuns(namespace, { fieldSelector: `spec.task=${task}` }, deps);
  const { run, attempt } = await findRun(`task/${task}`, options, deps);
  await showRun(run, attempt, options, deps);
  const { tail: _tail, since: _since, attempt: _attempt, ...whole } = options;
  for await (const next of runs.following()) {
    if (next.metadata.uid !== run.metadata.uid) await showRun(next, undefined, whole, deps);
  }
}

async function showRun(
  run: Run,
  attempt: number | undefined,
  options: LogsOptions,
  deps: CliDeps,
): Promise<LogEnd | undefined> {
  const { name } = run.metadata;
  if (!hasOutput(run)) {
    const why = run.status?.message ?? run.status?.reason;
    await deps.say(`# run ${name} never started: ${run.status?.state}${why === undefined ? '' : ` (${why})`}`);
    return undefined;
  }
  await deps.say(`# run ${name} (${describeAttempt(run, attempt)})`);
  const end = await printLog(requestOf(run, attempt, options), options, deps);
  // What is shown last would pass for the end of the output.
  if (
    !options.follow &&
    end === undefined &&
    options.limitBytes === undefined &&
    isFinal(run.status?.state ?? 'Pending')
  ) {
    await deps.say(`# run ${name} has ended, but not all of its output has arrived; -f waits for the rest`);
  }
  if (options.follow && end !== undefined && end.state !== 'Succeeded') {
    await deps.say(`# run ${name} ended: ${end.state}${endWords(end)}`);
  }
  return end;
}

function describeAttempt({ status }: Run, attempt: number | undefined): string {
  const attempts = status?.attempts ?? [];
  const shown = attempt === undefined ? attempts.at(-1) : attempts.find(({ number }) => number === attempt);
  return `attempt ${attempt ?? shown?.number ?? 1}, agent ${shown?.agent ?? status?.agent ?? '<pending>'}`;
}
