// Which agent gets which slot, for the slots that one plan places (I5): first how many each agent gets, then, on a ring,
// which. How many: level what this plan gives, in relation to the agents' capacities (within one slot where eligibility
// allows), and where that leaves a choice, the agent that owns least for its capacity, then the highest rendezvous hash, so
// that two leaders choose alike.
import { hash32, Ring } from './ring.js';

export interface PlacementGroup {
  /** Names of slots, all with the same candidates. */
  readonly slots: readonly string[];
  readonly candidates: readonly string[];
  /** The slots are shards of one task, of which agents keep so many: what is levelled are its shards alone. */
  readonly held?: ReadonlyMap<string, number>;
}

/** `owned`: slots each agent owns already. Returns the agent per slot; slots without candidates are absent. */
export function place(
  groups: readonly PlacementGroup[],
  owned: ReadonlyMap<string, number>,
  capacities: ReadonlyMap<string, number>,
): Map<string, string> {
  const placed = new Map<string, number>();
  const result = new Map<string, string>();
  // Shards first, then those with the least choice: later groups level out what the earlier ones had to do.
  const ordered = groups
    .filter((group) => group.candidates.length > 0 && group.slots.length > 0)
    .map((group) => ({ ...group, slots: [...group.slots].sort() }))
    .sort(
      (a, b) =>
        Number(a.held === undefined) - Number(b.held === undefined) ||
        a.candidates.length - b.candidates.length ||
        (a.slots[0]! < b.slots[0]! ? -1 : 1),
    );
  for (const { candidates, slots, held } of ordered) {
    const order = candidates.map((name) => ({
      name,
      capacity: capacities.get(name) ?? 1,
      given: (held ?? placed).get(name) ?? 0,
      load: (owned.get(name) ?? 0) + (placed.get(name) ?? 0),
      tie: hash32(`${name}/${slots[0]!}`),
    }));
    const room = shares(order, slots.length);
    for (const [agent, count] of room) placed.set(agent, (placed.get(agent) ?? 0) + count);
    const ring = new Ring(room, capacities);
    for (const slot of slots) {
      const agent = ring.take(slot);
      if (agent !== undefined) result.set(slot, agent);
    }
  }
  return result;
}

interface Candidate {
  readonly name: string;
  readonly capacity: number;
  /** What is levelled: slots that this plan has given it for other groups, or shards of the task that it keeps. */
  readonly given: number;
  /** Slots that it owns already, or was given by this plan. */
  readonly load: number;
  readonly tie: number;
}

/** Sums of fractions of capacities are not exact; what is this near to a whole number is one. */
const EPSILON = 1e-9;

/**
 * Deals `count` slots among the candidates: water filling, where the vessels are as wide as the capacities. Each gets the
 * whole part of what the level gives it; the odd ones go to those that own least for their capacity.
 */
function shares(candidates: readonly Candidate[], count: number): Map<string, number> {
  const order = [...candidates].sort(
    (a, b) => a.given / a.capacity - b.given / b.capacity || (a.name < b.name ? -1 : 1),
  );
  let [given, capacity, width] = [0, 0, 0];
  let level = 0;
  for (const next of order) {
    if (width > 0 && level <= next.given / next.capacity) break;
    given += next.given;
    capacity += next.capacity;
    width += 1;
    level = (given + count) / capacity;
  }
  const filled = order.slice(0, width);
  const room = new Map<string, number>();
  const odd: Candidate[] = [];
  let left = count;
  for (const candidate of filled) {
    const share = level * candidate.capacity - candidate.given + EPSILON;
    const whole = Math.floor(share);
    room.set(candidate.name, whole);
    left -= whole;
    if (share - whole > 2 * EPSILON) odd.push(candidate); // a whole share has no odd part
  }
  for (const { name } of leastLoaded(odd.length < left ? filled : odd, room, left)) room.set(name, room.get(name)! + 1);
  for (const [name, slots] of room) if (slots === 0) room.delete(name);
  return room;
}

/** Which `count` of the candidates get the odd ones. */
function leastLoaded(candidates: readonly Candidate[], room: ReadonlyMap<string, number>, count: number): Candidate[] {
  // With half a slot more, as if it were given one: otherwise all that own nothing would be equal, whatever their capacity.
  const filled = ({ name, load, capacity }: Candidate) => (load + room.get(name)! + 0.5) / capacity;
  return [...candidates]
    .sort((a, b) => filled(a) - filled(b) || b.tie - a.tie || (a.name < b.name ? -1 : 1))
    .slice(0, count);
}
