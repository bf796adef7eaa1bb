import type { Clock, Timer } from '../../base/index.js';
import type { Platform, TreeUsage } from '../platform/index.js';
import type { RunningAttempt } from './attempt.js';
import type { UsageRecord } from './runner.js';

/** Between two looks at what runs. What ends sooner than the first look is not seen. */
const LOOK_MS = 1000;
/** The same while something runs whose limits nobody else holds. */
const LIMIT_LOOK_MS = 200;
/** A look takes at most this part of the time until the next one: with many processes they become rarer. */
const LOOK_SHARE = 0.02;
const LIMIT_LOOK_SHARE = 0.1;
/** For this long a look goes on at a time: starts and ends are waiting. */
const SLICE_MS = 2;

/**
 * Measures what attempts use, by two means. While they run, by looking every second: that finds daemons and the peak of
 * memory, and misses what comes and goes between two looks. At the end, by what the kernel counts of children that were waited
 * for: exact (in ticks of 10 ms), but one sum of all, so it says something only when one child alone had ended.
 */
export class UsageMeter {
  private readonly clock: Clock;
  private readonly platform: Platform;
  private readonly running: () => Iterable<RunningAttempt>;
  private readonly exceeded: (attempt: RunningAttempt, limit: 'memoryBytes' | 'pids') => void;
  private timer: Timer | undefined;
  /** The next look comes early, or is under way. */
  private soon = false;
  private reapedMs: number | undefined;
  private ended: { attempt: RunningAttempt; told: () => void }[] = [];

  constructor(options: {
    clock: Clock;
    platform: Platform;
    running: () => Iterable<RunningAttempt>;
    exceeded: (attempt: RunningAttempt, limit: 'memoryBytes' | 'pids') => void;
  }) {
    this.clock = options.clock;
    this.platform = options.platform;
    this.running = options.running;
    this.exceeded = options.exceeded;
    this.reapedMs = options.platform.reapedCpuMs?.();
  }

  /** Something more runs: looks at it, and at all else, until nothing does. */
  watch(added: RunningAttempt): void {
    if (this.platform.usage === undefined) return;
    const limited = isSampled(added);
    if (this.timer !== undefined && !(limited && !this.soon)) return;
    this.timer?.cancel();
    this.soon = limited;
    this.timer = this.clock.timerAfter(limited ? LIMIT_LOOK_MS : LOOK_MS, () => this.look());
  }

  /** The child of the attempt has ended and was waited for. Calls `told` when its part is on the attempt. */
  childEnded(attempt: RunningAttempt, told: () => void): void {
    if (this.reapedMs === undefined) {
      told();
      return;
    }
    // Libuv waits for all that have ended before it tells of the first one: in this turn of the loop or not at all.
    if (this.ended.length === 0) setImmediate(() => this.settle());
    this.ended.push({ attempt, told });
  }

  private settle(): void {
    const { ended } = this;
    this.ended = [];
    const reapedMs = this.platform.reapedCpuMs?.() ?? 0;
    const [first] = ended;
    if (ended.length === 1 && first !== undefined) {
      merge(first.attempt, { cpuMs: Math.max(0, reapedMs - (this.reapedMs ?? 0)) });
    }
    this.reapedMs = reapedMs;
    for (const { told } of ended) told();
  }

  private look(): void {
    const attempts = [...this.running()].filter(({ end }) => end === undefined);
    if (attempts.length === 0) {
      this.timer = undefined;
      return;
    }
    this.soon = true;
    let costMs = 0;
    const look = this.platform.usage!(attempts.map(({ root }) => root));
    const goOn = () => {
      const begin = this.clock.monotonic();
      let step = look.next();
      while (step.done !== true && this.clock.monotonic() - begin < SLICE_MS) step = look.next();
      costMs += this.clock.monotonic() - begin;
      if (step.done !== true) {
        setImmediate(goOn);
        return;
      }
      attempts.forEach((attempt, i) => {
        this.seen(attempt, step.value?.[i]);
      });
      this.soon = [...this.running()].some(isSampled);
      const share = this.soon ? LIMIT_LOOK_SHARE : LOOK_SHARE;
      const delayMs = Math.max(this.soon ? LIMIT_LOOK_MS : LOOK_MS, costMs / share);
      this.timer = this.clock.timerAfter(delayMs, () => this.look());
    };
    goOn();
  }

  private seen(attempt: RunningAttempt, usage: TreeUsage | undefined): void {
    if (usage === undefined || usage.pids.length === 0) return;
    merge(attempt, { cpuMs: usage.cpuMs, peakBytes: usage.peakBytes });
    if (attempt.end !== undefined || attempt.stop !== undefined) return;
    const { limits, limitedBy } = attempt.started;
    if (limitedBy?.pids === 'Sampled' && usage.pids.length > (limits?.pids ?? 0)) this.exceeded(attempt, 'pids');
    else if (limitedBy?.memoryBytes === 'Sampled' && this.isOver(usage, limits?.memoryBytes ?? 0)) {
      this.exceeded(attempt, 'memoryBytes');
    }
  }

  /** A tree is not ended for memory that its processes share and that was counted for each. */
  private isOver({ pids, residentBytes }: TreeUsage, limit: number): boolean {
    return residentBytes > limit && (this.platform.memoryBytes?.(pids) ?? residentBytes) > limit;
  }
}

/** All that is measured are lower bounds: the highest one is nearest. */
function merge(attempt: RunningAttempt, more: UsageRecord): void {
  const { usage } = attempt;
  const highest = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
  const cpuMs = highest(usage?.cpuMs, more.cpuMs);
  const peakBytes = highest(usage?.peakBytes, more.peakBytes);
  attempt.usage = {
    ...(cpuMs === undefined ? {} : { cpuMs }),
    ...(peakBytes === undefined ? {} : { peakBytes }),
  };
}

function isSampled({ started: { limitedBy } }: RunningAttempt): boolean {
  return limitedBy?.memoryBytes === 'Sampled' || limitedBy?.pids === 'Sampled';
}
