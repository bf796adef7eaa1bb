// The output of many runs at once (C-66): of those that labels select, and of those that come while one follows.
import { CloudTaskError, isCloudTaskError } from '../../../base/index.js';
import { isFinal } from '../../../manifests/index.js';
import type { CliDeps } from '../../deps.js';
import { printLog } from '../../output/print-log.js';
import type { BegunRuns, ListedRun } from '../../resources/begun-runs.js';
import { hasOutput, missingAttempt } from '../../resources/find-run.js';
import { type LogsOptions, requestOf } from './options.js';

/** Runs that wait for one of the streams that are allowed; beyond it the oldest is left out, and that is said. */
const WAITING_MAX = 10_000;

/** Of each task the open runs, or else the latest one; all of them when asked for. Oldest first. */
export function chooseRuns(runs: readonly ListedRun[], allRuns: boolean): ListedRun[] {
  const shown = runs.filter(hasOutput);
  if (allRuns) return shown.toReversed();
  const open = (run: ListedRun) => !isFinal(run.status?.state ?? 'Pending');
  const busy = new Set(shown.filter(open).map(({ spec }) => spec.taskUid));
  const told = new Set<string>();
  const chosen = shown.filter((run) => {
    const { taskUid } = run.spec;
    if (open(run)) return true;
    if (busy.has(taskUid) || told.has(taskUid)) return false;
    told.add(taskUid);
    return true;
  });
  return chosen.reverse();
}

export async function showMany(runs: BegunRuns, options: LogsOptions, deps: CliDeps): Promise<void> {
  const chosen = await withAttempt(chooseRuns(runs.present, options.allRuns), options, deps);
  const { follow, maxLogRequests: max } = options;
  if (follow && chosen.length > max) {
    throw new CloudTaskError(
      'CT_USAGE',
      `you are attempting to follow ${chosen.length} log streams, but maximum allowed concurrency is ${max}, use --max-log-requests to increase the limit`,
    );
  }
  if (!follow) {
    if (chosen.length === 0) return deps.say('No resources found');
    for (const run of chosen) await showOne(run, options, deps);
    return;
  }
  await new Follower(options, deps).follow(chosen, runs.following());
}

/** Runs that have not the attempt that is asked for are named: their silence would pass for an empty log. */
async function withAttempt(
  runs: readonly ListedRun[],
  { attempt, follow }: LogsOptions,
  deps: CliDeps,
): Promise<readonly ListedRun[]> {
  if (attempt === undefined) return runs;
  const having: ListedRun[] = [];
  for (const run of runs) {
    const missing = missingAttempt(run, attempt, follow);
    if (missing === undefined) having.push(run);
    else await deps.say(`# ${missing}`);
  }
  // One who follows waits for runs that are still to come.
  if (having.length === 0 && runs.length > 0 && !follow) {
    throw new CloudTaskError('CT_NOT_FOUND', `none of these runs has an attempt ${attempt}`);
  }
  return having;
}

async function showOne(run: ListedRun, options: LogsOptions, deps: CliDeps): Promise<void> {
  try {
    await printLog(requestOf(run, options.attempt, options), { ...options, wholeLines: true }, deps);
  } catch (error) {
    if (!options.ignoreErrors || !isCloudTaskError(error)) throw error;
    await deps.say(`error: run ${run.metadata.name}: ${error.message}`);
  }
}

class Follower {
  private readonly options: LogsOptions;
  private readonly deps: CliDeps;
  private readonly waiting: ListedRun[] = [];
  private active = 0;
  private fail: (error: unknown) => void = () => {};

  constructor(options: LogsOptions, deps: CliDeps) {
    this.options = options;
    this.deps = deps;
  }

  /** Ends only with an error, or an interrupt. */
  async follow(chosen: readonly ListedRun[], coming: AsyncIterable<ListedRun>): Promise<void> {
    const failed = new Promise<never>((_resolve, reject) => {
      this.fail = reject;
    });
    for (const run of chosen) this.add(run, this.options);
    // Who came after the command began is shown from its beginning.
    const { tail: _tail, ...whole } = this.options;
    const joining = async () => {
      for await (const run of coming) this.add(run, whole);
    };
    await Promise.race([failed, joining()]);
  }

  private add(run: ListedRun, options: LogsOptions): void {
    if (this.active >= this.options.maxLogRequests) {
      this.waiting.push(run);
      if (this.waiting.length <= WAITING_MAX) return;
      const left = this.waiting.shift();
      void this.deps.say(`# too many runs wait to be followed; run ${left?.metadata.name} is left out`);
      return;
    }
    this.active += 1;
    showOne(run, options, this.deps).then(
      () => this.next(),
      (error: unknown) => this.fail(error),
    );
  }

  private next(): void {
    this.active -= 1;
    const run = this.waiting.shift();
    if (run === undefined) return;
    const { tail: _tail, ...whole } = this.options;
    this.add(run, whole);
  }
}
