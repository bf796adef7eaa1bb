// Every path in ZooKeeper, in one file. `root` is '/cloudtask' unless configured (or a chroot of the connect string).
//
//   <root>/epoch                     JSON {leader}; its data version is the center epoch. Every leader write checks it
//   <root>/store                     JSON {storeId}; which store the root belongs to, written once
//   <root>/checkpoint              JSON Checkpoint; moved by the leader, with the same in the store (rule R13)
//   <root>/guard                   JSON Guard; made with the first restore that is found; watched by agents
//   <root>/election/<guid>-n_<seq>   ephemeral sequential; the lowest sequence leads; data: center id
//   <root>/agents/<agent>            ephemeral; JSON Registration
//   <root>/heartbeats/<agent>        empty; written by the agent every T/2 for the server's time (rule R11); nobody watches it
//   <root>/triggers/<hh>/<uid>[.slot]  trigger record; hh = first two hex digits of SHA-256 of the uid; 256 buckets
//   <root>/allocations/<agent>/rev   empty; its version counts changes of the list: the one node an agent watches
//   <root>/allocations/<agent>/<nnnn>  chunk of the list, ≤ 64 KB
import { createHash } from 'node:crypto';

export const DEFAULT_ROOT = '/cloudtask';
export const BUCKETS = 256;

export class Layout {
  readonly root: string;

  constructor(root: string = DEFAULT_ROOT) {
    this.root = root === '/' ? '' : root.replace(/\/+$/, '');
  }

  get epoch(): string {
    return `${this.root}/epoch`;
  }
  get store(): string {
    return `${this.root}/store`;
  }
  get checkpoint(): string {
    return `${this.root}/checkpoint`;
  }
  get guard(): string {
    return `${this.root}/guard`;
  }
  get election(): string {
    return `${this.root}/election`;
  }
  get agents(): string {
    return `${this.root}/agents`;
  }
  agent(name: string): string {
    return `${this.agents}/${name}`;
  }
  get heartbeats(): string {
    return `${this.root}/heartbeats`;
  }
  heartbeat(agent: string): string {
    return `${this.heartbeats}/${agent}`;
  }
  get triggers(): string {
    return `${this.root}/triggers`;
  }
  bucket(index: number): string {
    return `${this.triggers}/${index.toString(16).padStart(2, '0')}`;
  }
  trigger(taskUid: string, slot: string): string {
    return `${this.bucket(bucketOf(taskUid))}/${triggerName(taskUid, slot)}`;
  }
  get allocations(): string {
    return `${this.root}/allocations`;
  }
  allocation(agent: string): string {
    return `${this.allocations}/${agent}`;
  }
  allocationRev(agent: string): string {
    return `${this.allocation(agent)}/rev`;
  }
  allocationChunk(agent: string, index: number): string {
    return `${this.allocation(agent)}/${index.toString().padStart(4, '0')}`;
  }
}

export function bucketOf(taskUid: string): number {
  return createHash('sha256').update(taskUid).digest()[0]!;
}

export function triggerName(taskUid: string, slot: string): string {
  return slot === '' ? taskUid : `${taskUid}.${slot}`;
}

/** The inverse of triggerName. A uid has no dot. */
export function parseTriggerName(name: string): { taskUid: string; slot: string } {
  const dot = name.indexOf('.');
  return dot < 0 ? { taskUid: name, slot: '' } : { taskUid: name.slice(0, dot), slot: name.slice(dot + 1) };
}
