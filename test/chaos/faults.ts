// Which faults there are, and a random course of them as data: the same seed is the same course.
import { between, pick } from './random.js';

export const FAULT_KINDS = [
  'agent-kill',
  'agent-pause',
  'agent-restart',
  'agent-zookeeper-cut',
  'agent-zookeeper-black-hole',
  'agent-zookeeper-replies-lost',
  'agent-center-black-hole',
  'agent-disk-full',
  'runner-kill',
  'center-kill',
  'center-pause',
  'center-zookeeper-black-hole',
  'zookeeper-follower-pause',
  'zookeeper-leader-pause',
  'zookeeper-kill',
  'zookeeper-rolling-restart',
  'postgres-restart',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /** ms after the beginning of the course. */
  readonly at: number;
  readonly kind: FaultKind;
  /** What it hits: an agent, a center, or `zookeeper`. */
  readonly target: string;
  readonly forMs: number;
}

export interface CourseOptions {
  readonly random: () => number;
  readonly lengthMs: number;
  readonly agents: readonly string[];
  readonly centers: readonly string[];
  readonly kinds: readonly FaultKind[];
  /** The one agent whose disk can be filled. */
  readonly smallDisk?: string;
}

/** More at once and nobody would be left to take over. */
const AT_ONCE_MAX = 3;
const LONGEST_MS = 60_000;
const PAUSE_BETWEEN_MS = [1_000, 9_000] as const;

export function course(options: CourseOptions): Fault[] {
  const { random, lengthMs } = options;
  const faults: Fault[] = [];
  if (options.kinds.length === 0) return faults;
  for (let at = 0; at < lengthMs; at += between(random, ...PAUSE_BETWEEN_MS)) {
    const kind = pick(random, options.kinds);
    const target = targetOf(kind, options);
    const forMs = Math.min(lengthOf(kind, random), lengthMs - at);
    const active = faults.filter((fault) => fault.at + fault.forMs > at);
    // One fault per target, and one ZooKeeper server at a time: two of three would leave no quorum.
    if (active.length >= AT_ONCE_MAX || active.some((fault) => fault.target === target)) continue;
    faults.push({ at, kind, target, forMs });
  }
  return faults;
}

function targetOf(kind: FaultKind, { random, agents, centers, smallDisk }: CourseOptions): string {
  if (kind === 'agent-disk-full') return smallDisk ?? agents[0]!;
  if (kind.startsWith('zookeeper')) return 'zookeeper';
  if (kind.startsWith('postgres')) return 'postgres';
  return pick(random, kind.startsWith('center') ? centers : agents);
}

/** Short ones are as frequent as long ones: what matters is on which side of the session time-out they end. */
function lengthOf(kind: FaultKind, random: () => number): number {
  const ms = Math.round(1000 * (LONGEST_MS / 1000) ** random());
  if (kind === 'agent-restart') return Math.min(ms, 2_000);
  if (['agent-zookeeper-cut', 'runner-kill', 'zookeeper-rolling-restart'].includes(kind)) return 0;
  return ms;
}
