import { closeSync } from 'node:fs';
import { type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import { type OwnLimits, type Platform, removeCgroup } from '../platform/index.js';
import { CLOCK_OFFSET_MAX_MS } from '../schedule-loop/server-clock.js';
import type { RunningAttempt, Watcher } from './attempt.js';
import { createMarker, readStarted, rewriteMarker } from './attempt-files.js';
import { prepareLimits } from './attempt-limits.js';
import type { LaunchOutcome, LaunchRequest, StartedRecord } from './runner.js';
import { createFiles, spawnAttempt } from './spawn.js';

/** Launches that wait for their time or their turn. An agent hands over at most some seconds of work ahead. */
const WAITING_MAX = 50_000;
/** A start blocks the loop for about half a millisecond. After this long, exits and the socket get their turn. */
const SLICE_MS = 5;
/** A wall clock that was set may be set again at any time. */
const LOOK_AGAIN_MS = 1000;
/** Environment variables by which a process of the tree is recognised wherever it went. */
const MARK_NAMES = ['CTASK_RUN_ID', 'CTASK_ATTEMPT'];
const MARK_MAX_CHARS = 200;
const MESSAGE_MAX_CHARS = 200;

export interface LaunchListener {
  /** Hears the end of what is started. */
  readonly watcher: Watcher;
  launched(outcome: LaunchOutcome): void;
  /** Somebody launched this directory before. */
  refused(message: string): void;
}

interface Waiting {
  readonly request: LaunchRequest;
  readonly listener: LaunchListener;
  /** Monotonic time at which the wall clock comes to `notBefore`, unless somebody sets it. */
  readonly due: number;
}

export interface LauncherOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly platform: Platform;
  /** Marks what is started, where the system can. */
  readonly ownLimits?: OwnLimits | undefined;
  /** Takes over a process that runs now. */
  readonly running: (attempt: RunningAttempt) => void;
  /** Called when the last waiting launch has come out, also when nothing was started by it. */
  readonly idle: () => void;
}

/** Starts processes, each at its time, in slices. */
export class Launcher {
  private readonly options: LauncherOptions;
  private readonly self: Pick<StartedRecord, 'runnerPid' | 'runnerStart' | 'bootId'>;
  private readonly due: Waiting[] = [];
  /** Launches whose time has not come and whose files are not there yet. */
  private unprepared: Waiting[] = [];
  private readonly later = new Map<number, { timer: Timer; launches: Waiting[] }>();
  private laterCount = 0;
  private sliceScheduled = false;

  constructor(options: LauncherOptions) {
    this.options = options;
    const { platform } = options;
    const runnerStart = platform.processStart(process.pid);
    this.self = {
      runnerPid: process.pid,
      ...(runnerStart === undefined ? {} : { runnerStart }),
      bootId: platform.bootId(),
    };
  }

  /** Launches that have not come out yet. */
  get waiting(): number {
    return this.due.length + this.laterCount;
  }

  launch(request: LaunchRequest, listener: LaunchListener): void {
    if (this.waiting >= WAITING_MAX) {
      listener.launched({ kind: 'failed', code: 'EAGAIN', message: 'too many launches are waiting' });
      return;
    }
    const { clock } = this.options;
    const { notBefore = 0, waitMs = Math.max(0, notBefore - clock.now()) } = request;
    const waiting = { request, listener, due: clock.monotonic() + waitMs };
    if (this.untilDue(waiting) > 0) this.wait(notBefore, waiting);
    else this.enqueue(waiting);
  }

  /** Takes back a launch whose time has not come: nothing runs. False when there is none. */
  withdraw(directory: string): boolean {
    for (const { launches } of this.later.values()) {
      const index = launches.findIndex(({ request }) => request.directory === directory);
      if (index < 0) continue;
      const [withdrawn] = launches.splice(index, 1);
      this.laterCount -= 1;
      this.unprepared = this.unprepared.filter((each) => each !== withdrawn);
      withdrawn!.listener.launched({ kind: 'aborted' });
      if (this.waiting === 0) this.options.idle();
      return true;
    }
    return false;
  }

  /** Forgets the launches whose time has not come, e.g. because everything is to end. */
  dropWaiting(): void {
    for (const { timer } of this.later.values()) timer.cancel();
    this.later.clear();
    this.laterCount = 0;
    this.due.length = 0;
    this.unprepared = [];
  }

  /** Launches of the same instant share one timer: schedules meet at full seconds. */
  private wait(at: number, waiting: Waiting): void {
    this.laterCount += 1;
    this.unprepared.push(waiting);
    this.schedule();
    const group = this.later.get(at);
    if (group !== undefined) {
      group.launches.push(waiting);
      return;
    }
    const timer = this.options.clock.timerAt(at, () => this.cameDue(at));
    this.later.set(at, { timer, launches: [waiting] });
  }

  private cameDue(at: number): void {
    const { launches } = this.later.get(at)!;
    const left = launches.reduce((most, each) => Math.max(most, this.untilDue(each)), 0);
    if (left > 0) {
      const timer = this.options.clock.timerAfter(Math.min(left, LOOK_AGAIN_MS), () => this.cameDue(at));
      this.later.set(at, { timer, launches });
      return;
    }
    this.later.delete(at);
    this.laterCount -= launches.length;
    for (const each of launches) this.enqueue(each);
  }

  /** Milliseconds, none or less when the time has come. The attempt was claimed by a clock that was believed; one that was set
   * ahead since, by more than two clocks may differ (rule R11), does not make its time come. */
  private untilDue({ request, due }: Waiting): number {
    const { clock } = this.options;
    const byWall = (request.notBefore ?? 0) - clock.now();
    const byMonotonic = due - clock.monotonic();
    return byMonotonic - byWall > CLOCK_OFFSET_MAX_MS ? byMonotonic : byWall;
  }

  private enqueue(waiting: Waiting): void {
    this.due.push(waiting);
    this.schedule();
  }

  private schedule(): void {
    if (this.sliceScheduled) return;
    this.sliceScheduled = true;
    setImmediate(() => this.slice());
  }

  private slice(): void {
    const until = this.options.clock.monotonic() + SLICE_MS;
    if (this.due.length > 0) this.startSome(until);
    else this.prepareSome(until);
    this.sliceScheduled = this.due.length + this.unprepared.length > 0;
    if (this.sliceScheduled) setImmediate(() => this.slice());
  }

  private startSome(until: number): void {
    let done = 0;
    while (done < this.due.length) {
      const { request, listener } = this.due[done]!;
      done += 1;
      this.start(request, listener);
      if (this.options.clock.monotonic() >= until) break;
    }
    this.due.splice(0, done);
    if (this.waiting === 0) this.options.idle();
  }

  /** Making inodes is what a start costs most on a busy disk; what is not made by its time is made then. */
  private prepareSome(until: number): void {
    const now = this.options.clock.now();
    let done = 0;
    while (done < this.unprepared.length) {
      const { request } = this.unprepared[done]!;
      done += 1;
      if ((request.notBefore ?? 0) <= now) continue;
      createFiles(request.directory);
      if (this.options.clock.monotonic() >= until) break;
    }
    this.unprepared.splice(0, done);
  }

  /**
   * The crash windows, in order; "the runner dies" means kill -9 of it alone (under another boot id nothing is resumed):
   *   before the marker          nothing happened; recovery wins the marker
   *   between marker and spawn   a marker without pid, no process: recovery finds none by its marks and says Lost
   *   between spawn and rewrite  a marker without pid, a process: recovery finds it by its marks and adopts it
   *   after the rewrite          recovery adopts it by pid and start time
   * The rewrite comes a fifth of a second later (Attempts.identify), since most of what is short has ended by then.
   */
  private start(request: LaunchRequest, listener: LaunchListener): void {
    const { clock } = this.options;
    const startTime = clock.now();
    if (request.startBefore !== undefined && startTime > request.startBefore) {
      listener.launched({ kind: 'tooLate' });
      return;
    }
    let record: StartedRecord;
    let marker: number | undefined;
    try {
      record = { ...this.recordOf(request, startTime), ...prepareLimits(request, this.options.platform) };
      marker = createMarker(request.directory, record);
    } catch (error) {
      listener.launched(failureOf(error));
      return;
    }
    if (marker === undefined) {
      if (readStarted(request.directory)?.aborted === true) listener.launched({ kind: 'aborted' });
      else listener.refused('the attempt was launched before');
      return;
    }
    this.spawn(request, record, marker, listener);
  }

  private spawn(request: LaunchRequest, record: StartedRecord, marker: number, listener: LaunchListener): void {
    const fail = (error: unknown) => {
      const outcome = failureOf(error);
      if (record.cgroup !== undefined) removeCgroup(record.cgroup);
      rewriteMarker(marker, { ...record, startError: { code: outcome.code, message: outcome.message } });
      closeSync(marker);
      listener.launched(outcome);
    };
    try {
      const start = () => spawnAttempt(request, this.options.platform, record.cgroup);
      const child = this.options.ownLimits?.marked(record.marks ?? [], start) ?? start();
      const { pid } = child;
      if (pid === undefined) {
        child.once('error', fail);
        return;
      }
      const { directory } = request;
      const started = { ...record, pid };
      const root = { pid, marks: record.marks ?? [], known: new Map(), ...cgroupOf(record) };
      this.options.running({ directory, started, root, watchers: new Set([listener.watcher]), child, marker });
      listener.launched({ kind: 'started', pid, startTime: record.startTime ?? 0 });
    } catch (error) {
      fail(error);
    }
  }

  private recordOf(request: LaunchRequest, startTime: number): StartedRecord {
    const { timeoutMs, gracePeriodMs, outputMaxBytes, logMaxBytes, env } = request;
    return {
      startTime,
      ...this.self,
      marks: MARK_NAMES.map((name) => `${name}=${env[name] ?? ''}`).filter(isMark),
      gracePeriodMs,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(outputMaxBytes === undefined ? {} : { outputMaxBytes }),
      ...(logMaxBytes === undefined ? {} : { logMaxBytes }),
    };
  }
}

function cgroupOf({ cgroup }: StartedRecord) {
  return cgroup === undefined ? {} : { cgroup };
}

function isMark(text: string): boolean {
  return !text.endsWith('=') && text.length <= MARK_MAX_CHARS;
}

function failureOf(error: unknown): { kind: 'failed'; code: string; message: string } {
  const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
  return { kind: 'failed', code, message: messageOf(error).slice(0, MESSAGE_MAX_CHARS) };
}
