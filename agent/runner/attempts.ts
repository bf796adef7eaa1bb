import { closeSync, existsSync } from 'node:fs';
import type { Clock, Logger, Timer } from '../../base/index.js';
import type { Platform } from '../platform/index.js';
import { judge } from './adoption.js';
import { type ChildEnd, exitRecordOf, type RunningAttempt, type StopCause, type Watcher } from './attempt.js';
import { rewriteMarker } from './attempt-files.js';
import { CgroupCloser } from './attempt-limits.js';
import type { ExitLog } from './exit-log.js';
import { diskBound, enforceOutputBound } from './output-bound.js';
import type { ExitRecord, StartedRecord } from './runner.js';
import type { Terminator } from './terminator.js';
import { UsageMeter } from './usage-meter.js';

/** How late the end of an adopted process, or the decision about an undecided one, is noticed. */
const POLL_MS = 200;
const OUTPUT_CHECK_MS = 1000;
/** After this long a process is written down with pid and start time; for a shorter one that work would be in vain. Until
 * then only its marks tell who it is, should the runner die. */
const IDENTIFY_AFTER_MS = 200;
const DEFAULT_GRACE_MS = 10_000;

export interface AttemptsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly platform: Platform;
  readonly terminator: Terminator;
  readonly exits: ExitLog;
  /** Called when the last attempt has ended and its end is durable. */
  readonly idle: () => void;
}

interface Undecided {
  readonly watchers: Set<Watcher>;
  orphanLooks: number;
  /** Grace period of a cancel that came before it was known what there is to end. */
  cancelled?: number;
}

/**
 * The attempts of this runner, from the start of the process until its end is durable and told:
 *
 *   running ──child ended──────────────────────────────▶ ended ──exit durable──▶ gone
 *      └──cancel or timeout──▶ stopping ──tree is empty──▶ ┘
 *   watched ──judge──▶ running (adopted) or ended, or undecided and judged again
 */
export class Attempts {
  private readonly options: AttemptsOptions;
  private readonly running = new Map<string, RunningAttempt>();
  private readonly undecided = new Map<string, Undecided>();
  private readonly unidentified = new Set<RunningAttempt>();
  private readonly meter: UsageMeter;
  private readonly cgroups: CgroupCloser;
  private identifyTimer: Timer | undefined;
  private poll: Timer | undefined;
  private outputCheck: Timer | undefined;

  constructor(options: AttemptsOptions) {
    this.options = options;
    const { clock, platform } = options;
    this.cgroups = new CgroupCloser(clock);
    this.meter = new UsageMeter({
      clock,
      platform,
      running: () => this.running.values(),
      exceeded: (attempt, limit) => this.stop(attempt, limit, 0),
    });
  }

  get count(): number {
    return this.running.size + this.undecided.size;
  }

  /** Takes over a process that was just started or adopted. */
  add(attempt: RunningAttempt): void {
    this.running.set(attempt.directory, attempt);
    const { timeoutMs, startTime = 0, gracePeriodMs = DEFAULT_GRACE_MS, outputMaxBytes } = attempt.started;
    attempt.child?.once('exit', (exitCode, signal) => {
      const endTime = this.options.clock.now();
      const end = exitCode === null ? { signal: signal ?? 'SIGKILL', endTime } : { exitCode, endTime };
      this.meter.childEnded(attempt, () => this.ended(attempt, end));
    });
    this.meter.watch(attempt);
    if (timeoutMs !== undefined) {
      // An adopted process has used up part of its time. Wall time is all that two runners have in common.
      const used = attempt.child === undefined ? Math.max(0, this.options.clock.now() - startTime) : 0;
      const left = Math.max(0, timeoutMs - used);
      attempt.timeout = this.options.clock.timerAfter(left, () => this.stop(attempt, 'timedOut', gracePeriodMs));
    }
    if (attempt.child === undefined) this.pollSoon();
    if (attempt.marker !== undefined) this.identifySoon(attempt);
    if (outputMaxBytes !== undefined) this.checkOutputSoon();
  }

  cancel(directory: string, gracePeriodMs: number): void {
    const attempt = this.running.get(directory);
    if (attempt !== undefined) this.stop(attempt, 'cancelled', gracePeriodMs);
    const undecided = this.undecided.get(directory);
    if (undecided !== undefined) undecided.cancelled = Math.min(gracePeriodMs, undecided.cancelled ?? gracePeriodMs);
  }

  /** Tells the watcher the end of an attempt, whoever started it, also when it is over. */
  watch(directory: string, watcher: Watcher): void {
    const known = this.running.get(directory) ?? this.undecided.get(directory);
    if (known !== undefined) {
      known.watchers.add(watcher);
      return;
    }
    const undecided: Undecided = { watchers: new Set([watcher]), orphanLooks: 0 };
    this.undecided.set(directory, undecided);
    this.decide(directory, undecided);
  }

  /** A connection is gone: nobody is told any more, the files remain. */
  forget(watcher: Watcher): void {
    for (const { watchers } of this.running.values()) watchers.delete(watcher);
    for (const { watchers } of this.undecided.values()) watchers.delete(watcher);
  }

  /** Ends everything, each with its own grace period. */
  cancelAll(): void {
    this.undecided.clear();
    for (const attempt of this.running.values()) {
      this.stop(attempt, 'cancelled', attempt.started.gracePeriodMs ?? DEFAULT_GRACE_MS);
    }
  }

  private stop(attempt: RunningAttempt, cause: StopCause, gracePeriodMs: number): void {
    if (attempt.stop !== undefined) this.options.terminator.hasten(attempt.root, gracePeriodMs);
    if (attempt.stop !== undefined || attempt.end !== undefined) return;
    attempt.stop = { cause };
    this.identify(attempt);
    this.options.terminator.end(attempt.root, gracePeriodMs, () => {
      attempt.treeGone = true;
      // The end of an adopted process is only noticed by looking; the terminator just did.
      if (attempt.child === undefined) attempt.end ??= { endTime: this.options.clock.now() };
      this.finishWhenOver(attempt);
    });
  }

  private ended(attempt: RunningAttempt, end: ChildEnd): void {
    attempt.end ??= end;
    this.finishWhenOver(attempt);
  }

  /** Without a reason to stop it, a run ends with its direct child; what that left behind is left alone. A stopped run is
   * over when its whole tree is: only then may a replacement start. */
  private finishWhenOver(attempt: RunningAttempt): void {
    if (attempt.end === undefined || (attempt.stop !== undefined && attempt.treeGone !== true)) return;
    attempt.timeout?.cancel();
    this.unidentified.delete(attempt);
    this.cgroups.close(attempt);
    const { directory, watchers, marker } = attempt;
    const forget = () => void this.running.delete(directory);
    this.finish(directory, exitRecordOf(attempt, attempt.end), watchers, forget, marker);
  }

  private finish(
    directory: string,
    exit: ExitRecord,
    watchers: ReadonlySet<Watcher>,
    forget: () => void,
    marker?: number,
  ): void {
    const told = () => {
      forget();
      for (const watcher of watchers) watcher.exited(directory, exit);
      if (this.count === 0) this.options.idle();
    };
    this.options.exits.add(directory, exit, told, marker);
  }

  private identifySoon(attempt: RunningAttempt): void {
    this.unidentified.add(attempt);
    this.identifyTimer ??= this.options.clock.timerAfter(IDENTIFY_AFTER_MS, () => {
      this.identifyTimer = undefined;
      for (const each of [...this.unidentified]) this.identify(each);
    });
  }

  /** Writes down pid and start time. The pid cannot be another's yet: the child is ours and was not waited for. */
  private identify(attempt: RunningAttempt): void {
    const { marker, root } = attempt;
    if (!this.unidentified.delete(attempt) || marker === undefined) return;
    const processStart = this.options.platform.processStart(root.pid);
    if (processStart !== undefined) {
      attempt.started = { ...attempt.started, processStart };
      attempt.root = { ...root, processStart };
    }
    try {
      rewriteMarker(marker, attempt.started);
    } catch (error) {
      // Should this runner die, the process is found again by its marks.
      this.options.log.warn(
        { err: error, directory: attempt.directory },
        'pid and start time could not be written down',
      );
    }
    closeSync(marker);
    delete attempt.marker;
  }

  private decide(directory: string, undecided: Undecided): void {
    const { platform, clock, log } = this.options;
    const finding = existsSync(directory)
      ? judge(directory, platform, clock.now(), undecided.orphanLooks)
      : ({ kind: 'ended', exit: { endTime: clock.now(), statusUnknown: true }, write: false } as const);
    if (finding.kind === 'undecided') {
      if (finding.orphan) undecided.orphanLooks += 1;
      this.pollSoon();
      return;
    }
    if (finding.kind === 'alive') {
      this.undecided.delete(directory);
      log.info({ directory, runPid: finding.pid }, 'process adopted');
      this.add(adopted(directory, finding, undecided.watchers));
      if (undecided.cancelled !== undefined) this.cancel(directory, undecided.cancelled);
      return;
    }
    if (finding.write) {
      this.finish(directory, finding.exit, undecided.watchers, () => this.undecided.delete(directory));
      return;
    }
    this.undecided.delete(directory);
    for (const watcher of undecided.watchers) watcher.exited(directory, finding.exit);
    if (this.count === 0) this.options.idle();
  }

  private pollSoon(): void {
    this.poll ??= this.options.clock.timerAfter(POLL_MS, () => {
      this.poll = undefined;
      for (const [directory, undecided] of [...this.undecided]) this.decide(directory, undecided);
      let adopted = 0;
      for (const attempt of [...this.running.values()]) {
        if (attempt.child !== undefined || attempt.end !== undefined) continue;
        const { pid, processStart } = attempt.root;
        if (this.options.platform.processAlive(pid, processStart)) adopted += 1;
        else this.ended(attempt, { endTime: this.options.clock.now() });
      }
      if (adopted + this.undecided.size > 0) this.pollSoon();
    });
  }

  private checkOutputSoon(): void {
    this.outputCheck ??= this.options.clock.timerAfter(OUTPUT_CHECK_MS, () => {
      this.outputCheck = undefined;
      for (const { directory, started } of this.running.values()) {
        const bound = diskBound(started);
        if (bound === undefined) continue;
        try {
          enforceOutputBound(directory, bound);
        } catch (error) {
          this.options.log.warn({ err: error, directory }, 'output could not be bounded');
        }
        this.checkOutputSoon();
      }
    });
  }
}

function adopted(
  directory: string,
  found: { readonly started: StartedRecord; readonly pid: number; readonly processStart?: string },
  watchers: Set<Watcher>,
): RunningAttempt {
  const { started, pid, processStart } = found;
  const root = {
    pid,
    ...(processStart === undefined ? {} : { processStart }),
    marks: started.marks ?? [],
    known: new Map(),
    ...(started.cgroup === undefined ? {} : { cgroup: started.cgroup }),
  };
  return { directory, started, root, watchers };
}
