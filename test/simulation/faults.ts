// Which faults a simulation knows, and a course of them as data: the same seed is the same course.

import { FAULT_KINDS, type FaultKind } from './fault-kinds.js';
import { kernel } from './kernel.js';
import type { Random } from './random.js';
import { AGENTS, CENTERS, type Installation } from './world/installation.js';
import { elections } from './world/transactions.js';

export interface Fault {
  /** ms after the beginning of the course. */
  readonly at: number;
  readonly kind: FaultKind;
  /** A machine, or `leader` for the center that leads then. */
  readonly target: string;
  readonly forMs: number;
  /** Of a step of the clock, ms. */
  readonly stepMs: number;
}

/** More at once and nobody would be left to take over. */
const AT_ONCE_MAX = 3;
const LONGEST_MS = 25_000;

export function course(random: Random, lengthMs: number): Fault[] {
  const faults: Fault[] = [];
  for (let at = 0; at < lengthMs; at += random.integer(200, 6_000)) {
    const kind = random.pick(FAULT_KINDS);
    const target = targetOf(kind, random);
    const forMs = Math.min(lengthOf(kind, random), lengthMs - at);
    const stepMs = Math.round((random.chance(0.5) ? 1 : -1) * 500 * 60 ** random.next());
    const active = faults.filter((fault) => fault.at + fault.forMs > at);
    if (active.length >= AT_ONCE_MAX || active.some((fault) => fault.target === target)) continue;
    faults.push({ at, kind, target, forMs, stepMs });
  }
  return faults;
}

function targetOf(kind: FaultKind, random: Random): string {
  if (kind.startsWith('coordination')) return 'zk';
  if (kind.startsWith('database')) return 'db';
  return random.pick(kind.startsWith('center') ? CENTERS : AGENTS);
}

/** Short ones are as frequent as long ones: what matters is on which side of the session time-out they end. */
function lengthOf(kind: FaultKind, random: Random): number {
  const ms = Math.round(100 * (LONGEST_MS / 100) ** random.next());
  if (kind === 'agent-restart') return Math.min(ms, 2_000);
  if (kind === 'runner-kill' || kind === 'agent-connections-cut') return 0;
  return ms;
}

/** Begins the fault; the returned function ends it. */
export function inflict(installation: Installation, { kind, target, stepMs }: Fault): () => void {
  const { network } = installation;
  const unit = installation.unit(target === 'leader' ? (elections().at(-1)?.center ?? CENTERS[0]) : target);
  const silence = (pairs: readonly (readonly [string, string])[]) => {
    for (const [from, to] of pairs) network.swallow(from, to);
    return () => {
      for (const [from, to] of pairs) network.heal(from, to);
    };
  };
  switch (kind) {
    case 'agent-kill':
    case 'center-kill':
    case 'coordination-kill':
    case 'database-kill':
      return installation.kill(unit);
    case 'agent-pause':
    case 'center-pause':
    case 'coordination-pause': {
      const { entry } = unit;
      if (entry !== undefined) kernel().stop(entry.process);
      return () => entry !== undefined && kernel().resume(entry.process);
    }
    case 'agent-restart':
      return installation.restart(unit);
    case 'agent-power-cut':
      return installation.powerCut(unit);
    case 'runner-kill': {
      const { machine } = unit;
      const runner = [...machine.table.values()].find(({ process }) => process.name.endsWith('/runner'));
      if (runner !== undefined) machine.exit(runner, null, 'SIGKILL');
      return () => undefined;
    }
    case 'agent-connections-cut':
      network.cutBetween(target, 'zk');
      return () => undefined;
    case 'agent-silent':
    case 'center-silent':
      return silence([
        [target, 'zk'],
        ['zk', target],
      ]);
    case 'agent-sends-nothing':
      return silence([[target, 'zk']]);
    case 'agent-hears-nothing':
      return silence([['zk', target]]);
    case 'agent-center-silent':
      return silence(CENTERS.flatMap((center) => [[target, center] as const, [center, target] as const]));
    case 'agent-disk-full': {
      const disk = installation.disks.get(target)!;
      disk.full = true;
      return () => {
        disk.full = false;
      };
    }
    case 'agent-clock-step': {
      const { clockOffsets } = kernel();
      clockOffsets.set(target, (clockOffsets.get(target) ?? 0) + stepMs);
      return () => void clockOffsets.set(target, (clockOffsets.get(target) ?? 0) - stepMs);
    }
  }
}
