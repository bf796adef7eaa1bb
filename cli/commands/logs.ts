// ctask logs: the output of a run; of a task, of its latest run.
import type { Command } from 'commander';
import { parseDuration } from '../../base/index.js';
import type { Run } from '../../manifests/index.js';
import type { LogRequest } from '../client/log-follow.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { processExitCode } from '../exit-codes.js';
import { printLog } from '../output/print-log.js';
import { findRun, hasOutput } from '../resources/find-run.js';
import { usage } from '../resources/target.js';
import { endWords } from '../resources/words.js';

export interface LogsOptions {
  follow: boolean;
  tail?: number;
  /** RFC 3339. */
  since?: string;
  timestamps: boolean;
  attempt?: number;
  previous: boolean;
  prefix: boolean;
  raw: boolean;
  stream?: 'stdout' | 'stderr';
  propagateExitCode: boolean;
}

interface LogsFlags extends Omit<LogsOptions, 'tail' | 'since' | 'attempt' | 'stream'> {
  tail?: string;
  since?: string;
  sinceTime?: string;
  attempt?: string;
  stream: string;
}

export function defineLogs(program: Command, deps: CliDeps, run = runLogs): void {
  const command = program
    .command('logs')
    .description('Show the output of a run, or of the latest run of a task')
    .argument('<run>', 'NAME, run/NAME or task/NAME')
    .option('-f, --follow', 'until the run ends; of a task without runs, wait for the first one', false)
    .option('--tail <n>', 'only the last lines; -1 for all')
    .option('--since <duration>', 'only what is younger, e.g. 5m')
    .option('--since-time <time>', 'only what is younger than an RFC 3339 time')
    .option('--timestamps', 'put the time before each line', false)
    .option('--attempt <n>', 'of this attempt only')
    .option('-p, --previous', 'of the run, or with run/NAME of the attempt, before', false)
    .option('--prefix', 'put run and stream before each line', false)
    .option('--stream <name>', 'stdout, stderr or both', 'both')
    .option('--raw', 'to a terminal too, exactly the bytes the process wrote', false)
    .option('--propagate-exit-code', "end with the process's exit code", false);
  addExamples(command, [
    { say: 'The latest run of a task', run: 'ctask logs task/hello' },
    { say: 'Follow it to its end', run: 'ctask logs -f task/hello' },
    { say: 'The last lines of a run, with times', run: 'ctask logs run/hello-4bx8kq2m7d --tail 20 --timestamps' },
  ]).action((word: string, flags: LogsFlags) => run(word, logsOptions(flags, deps.clock.now()), deps));
}

function logsOptions(flags: LogsFlags, now: number): LogsOptions {
  const { tail, since, sinceTime, attempt, stream, ...rest } = flags;
  if (since !== undefined && sinceTime !== undefined) throw usage('--since and --since-time exclude each other');
  if (stream !== 'stdout' && stream !== 'stderr' && stream !== 'both') {
    throw usage(`--stream "${stream}" is not one of stdout, stderr, both`);
  }
  const lines = tail === undefined ? -1 : wholeNumber('--tail', tail, -1);
  const from = sinceTime ?? (since === undefined ? undefined : new Date(now - age(since)).toISOString());
  if (from !== undefined && Number.isNaN(Date.parse(from)))
    throw usage(`--since-time "${from}" is not an RFC 3339 time`);
  return {
    ...rest,
    ...(lines === -1 ? {} : { tail: lines }),
    ...(from === undefined ? {} : { since: from }),
    ...(attempt === undefined ? {} : { attempt: wholeNumber('--attempt', attempt, 1) }),
    ...(stream === 'both' ? {} : { stream }),
  };
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least)) throw usage(`${flag} "${text}" is not a whole number from ${least}`);
  return number;
}

function age(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw usage(`--since "${text}" is not a duration such as 5m`);
  return ms;
}

export async function runLogs(word: string, options: LogsOptions, deps: CliDeps): Promise<void> {
  const { run, attempt } = await findRun(word, options, deps);
  const state = run.status?.state;
  if (!hasOutput(run)) {
    const why = run.status?.message ?? run.status?.reason;
    return deps.say(`# run ${run.metadata.name} never started: ${state}${why === undefined ? '' : ` (${why})`}`);
  }
  await deps.say(`# run ${run.metadata.name} (${describeAttempt(run, attempt)})`);
  const request: LogRequest = {
    namespace: run.metadata.namespace ?? 'default',
    run: run.metadata.name,
    follow: options.follow,
    ...(attempt === undefined ? {} : { attempt }),
    ...(options.stream === undefined ? {} : { stream: options.stream }),
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.since === undefined ? {} : { since: options.since }),
  };
  const end = await printLog(request, options, deps);
  if (options.follow && end !== undefined && end.state !== 'Succeeded') {
    await deps.say(`# run ${run.metadata.name} ended: ${end.state}${endWords(end)}`);
  }
  const code = end === undefined ? undefined : processExitCode(end);
  if (options.propagateExitCode && code !== undefined) deps.setExit(code);
}

function describeAttempt({ status }: Run, attempt: number | undefined): string {
  const attempts = status?.attempts ?? [];
  const shown = attempt === undefined ? attempts.at(-1) : attempts.find(({ number }) => number === attempt);
  return `attempt ${attempt ?? shown?.number ?? 1}, agent ${shown?.agent ?? status?.agent ?? '<pending>'}`;
}
