// The package of a run, between the claim and the start. It is fetched when the agent learns of the task, so that an attempt
// finds it there; one that does not waits for it, as long as the task's starting deadline allows.
import { isAbsolute, join } from 'node:path';
import { type Clock, isCloudTaskError, messageOf, type Timer } from '../../base/index.js';
import type { PackageCache } from '../packages/package-cache.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';
import type { OpenRun } from './open-run.js';

const DIGEST_SHOWN_CHARS = 'sha256:'.length + 12;

export class RunPackages {
  private readonly cache: PackageCache;
  private readonly clock: Clock;
  private readonly waiting = new Map<OpenRun, { controller: AbortController; timer: Timer }>();
  private stopped = false;

  constructor(options: { cache: PackageCache; clock: Clock }) {
    this.cache = options.cache;
    this.clock = options.clock;
  }

  /** The task is this agent's, at this generation: nothing shall stand between due time and start. */
  fetchAhead(task: LoadedTask): void {
    const digest = task.task.spec.run.package?.digest;
    if (digest !== undefined) this.cache.prefetch(digest);
  }

  /** The directory of the run's package; undefined for a run without one. */
  directoryOf(run: OpenRun): string | undefined {
    const digest = referenceOf(run)?.digest;
    return digest === undefined ? undefined : this.cache.directory(digest);
  }

  /** Undefined when the run needs no package or has it. Otherwise resolves when it has, or with the sentence that says why
   * it has not when the attempt may not start any more. */
  waitFor(run: OpenRun): Promise<string | undefined> | undefined {
    const reference = referenceOf(run);
    if (reference === undefined) return undefined;
    const { name, digest } = reference;
    if (digest === undefined) return Promise.resolve(`${name}: the task does not say which version of it runs`);
    if (this.cache.has(digest)) return undefined;
    const controller = new AbortController();
    // Also for what has no such deadline itself (a retry, a run on demand), or a far one (what is made up for).
    const longest = Math.max(this.clock.now(), run.startAt) + run.task.policy.startingDeadlineMs;
    const until = Math.min(run.startBefore ?? longest, longest);
    const timer = this.clock.timerAt(until, () => controller.abort());
    this.waiting.set(run, { controller, timer });
    const shown = `${name} (${digest.slice(0, DIGEST_SHOWN_CHARS)}…)`;
    const outcome = this.cache.ensure(digest, controller.signal).then(
      () => undefined,
      (error: unknown) =>
        isCloudTaskError(error, 'CT_PACKAGE_INVALID')
          ? `${shown} is refused: ${messageOf(error)}`
          : `${shown} did not come in time: ${messageOf(error)}`,
    );
    return new Promise((resolve) => {
      void outcome.then((problem) => {
        timer.cancel();
        this.waiting.delete(run);
        // An agent that stops leaves the attempt, claimed, to its next start.
        if (!this.stopped) resolve(problem);
      });
    });
  }

  isWaiting(run: OpenRun): boolean {
    return this.waiting.has(run);
  }

  /** The run has ended: nobody waits any more. */
  forget(run: OpenRun): void {
    this.waiting.get(run)?.controller.abort();
  }

  stop(): void {
    this.stopped = true;
    for (const { controller, timer } of this.waiting.values()) {
      timer.cancel();
      controller.abort();
    }
  }
}

function referenceOf(run: Pick<OpenRun, 'task'>) {
  return run.task.task.spec.run.package;
}

/** What must stay on this machine: a run has the generation of its task that it began with. */
export function digestsInUse(tasks: Iterable<LoadedTask>, runs: Iterable<Pick<OpenRun, 'task'>>): Set<string> {
  const digests = new Set<string>();
  const add = ({ task }: LoadedTask) => {
    const digest = task.spec.run.package?.digest;
    if (digest !== undefined) digests.add(digest);
  };
  for (const task of tasks) add(task);
  for (const { task } of runs) add(task);
  return digests;
}

/** A relative path of the task, below its package; `program`: a name without a slash is one to be found in PATH. */
export function inPackage(directory: string | undefined, path: string, as: 'program' | 'directory'): string {
  if (directory === undefined || isAbsolute(path)) return path;
  const isPath = path.includes('/') || (process.platform === 'win32' && path.includes('\\'));
  return as === 'program' && !isPath ? path : join(directory, path);
}
