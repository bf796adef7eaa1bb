// A consistent-hash ring with exact loads: every slot goes to the first agent clockwise that still has room. Where there
// is room for all, two plans over nearly the same agents place nearly the same.

/** Points of an agent of average capacity. With exact loads they only smooth which neighbour takes what is over. */
const POINTS_PER_AGENT = 32;
/** However great its capacity: a few agents must not make the ring large. */
const POINTS_MAX = 512;

/** FNV-1a, then the finalizer of MurmurHash3: 32 well-mixed bits. Placement needs no cryptography, but speed. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export class Ring {
  private readonly hashes: number[];
  private readonly agents: string[];
  /** Next point that may have room; paths are shortened as agents fill up. */
  private readonly next: Int32Array;
  private readonly room: Map<string, number>;

  /** `room` says how many slots each agent may still take; an agent of more capacity has more of the ring. */
  constructor(room: ReadonlyMap<string, number>, capacities: ReadonlyMap<string, number>) {
    const points: { hash: number; agent: string }[] = [];
    const capacityOf = (agent: string) => capacities.get(agent) ?? 1;
    const average = [...room.keys()].reduce((sum, agent) => sum + capacityOf(agent), 0) / Math.max(1, room.size);
    for (const agent of room.keys()) {
      const count = Math.round((POINTS_PER_AGENT * capacityOf(agent)) / average);
      for (let i = 0; i < Math.min(POINTS_MAX, Math.max(1, count)); i++)
        points.push({ hash: hash32(`${agent}#${i}`), agent });
    }
    points.sort((a, b) => a.hash - b.hash || (a.agent < b.agent ? -1 : 1));
    this.hashes = points.map((point) => point.hash);
    this.agents = points.map((point) => point.agent);
    this.next = Int32Array.from(points, (_, index) => index);
    this.room = new Map(room);
  }

  /** The agent for `name`; undefined when no agent has room. Takes one place of it. */
  take(name: string): string | undefined {
    const count = this.hashes.length;
    if (count === 0) return undefined;
    let index = this.find(this.firstAt(hash32(name)));
    for (let steps = 0; steps <= count; steps++) {
      const agent = this.agents[index]!;
      const room = this.room.get(agent)!;
      if (room > 0) {
        this.room.set(agent, room - 1);
        return agent;
      }
      this.next[index] = (index + 1) % count;
      index = this.find(this.next[index]!);
    }
    return undefined;
  }

  private firstAt(hash: number): number {
    let low = 0;
    let high = this.hashes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.hashes[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    return low === this.hashes.length ? 0 : low;
  }

  /** Follows `next` to a point not known to be full. When all are full the pointers form a circle: bounded by count. */
  private find(start: number): number {
    const count = this.hashes.length;
    let index = start;
    for (let steps = 0; this.next[index] !== index && steps < count; steps++) {
      const after = this.next[index]!;
      this.next[index] = this.next[after]!;
      index = after;
    }
    return index;
  }
}
