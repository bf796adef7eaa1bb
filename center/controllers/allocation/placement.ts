// Which agent gets which slot, for the slots that one plan places (I5): first how many each agent gets, then, on a ring,
// which. How many: level what this plan gives (spread ≤ 1 where eligibility allows), and where that leaves a choice, the
// agent that owns least, then the highest rendezvous hash, so that two leaders choose alike.
import { hash32, Ring } from './ring.js';

export interface PlacementGroup {
  /** Names of slots, all with the same candidates. */
  readonly slots: readonly string[];
  readonly candidates: readonly string[];
}

/** `owned`: slots each agent owns already. Returns the agent per slot; slots without candidates are absent. */
export function place(groups: readonly PlacementGroup[], owned: ReadonlyMap<string, number>): Map<string, string> {
  const placed = new Map<string, number>();
  const result = new Map<string, string>();
  // Those with the least choice first: later groups level out what the earlier ones had to do.
  const ordered = groups
    .filter((group) => group.candidates.length > 0 && group.slots.length > 0)
    .map((group) => ({ candidates: group.candidates, slots: [...group.slots].sort() }))
    .sort((a, b) => a.candidates.length - b.candidates.length || (a.slots[0]! < b.slots[0]! ? -1 : 1));
  for (const { candidates, slots } of ordered) {
    const room = shares(candidates, slots.length, slots[0]!, placed, owned);
    for (const [agent, count] of room) placed.set(agent, (placed.get(agent) ?? 0) + count);
    const ring = new Ring(room);
    for (const slot of slots) {
      const agent = ring.take(slot);
      if (agent !== undefined) result.set(slot, agent);
    }
  }
  return result;
}

/** Deals `count` slots among the candidates, one at a time to the one that this plan has given least. */
function shares(
  candidates: readonly string[],
  count: number,
  seed: string,
  placed: ReadonlyMap<string, number>,
  owned: ReadonlyMap<string, number>,
): Map<string, number> {
  const order = candidates
    .map((name) => ({
      name,
      given: placed.get(name) ?? 0,
      owned: owned.get(name) ?? 0,
      tie: hash32(`${name}/${seed}`),
    }))
    .sort((a, b) => a.given - b.given || a.owned - b.owned || b.tie - a.tie || (a.name < b.name ? -1 : 1));
  const room = new Map<string, number>();
  // Water filling, a level at a time: everyone at the lowest level gets one before anyone gets two.
  let left = count;
  let level = order[0]!.given;
  let width = 0;
  const give = order.map(() => 0);
  while (left > 0) {
    while (width < order.length && order[width]!.given <= level) width += 1;
    const ceiling = width < order.length ? order[width]!.given : Number.POSITIVE_INFINITY;
    const rounds = Math.min(ceiling - level, Math.floor(left / width));
    if (rounds > 0) {
      for (let i = 0; i < width; i++) give[i]! += rounds;
      left -= rounds * width;
      level += rounds;
    } else {
      for (const i of leastLoaded(order, give, width, left)) give[i]! += 1;
      left = 0;
    }
  }
  order.forEach((candidate, i) => {
    if (give[i]! > 0) room.set(candidate.name, give[i]!);
  });
  return room;
}

/** Which `count` of the first `width` candidates get the odd ones. */
function leastLoaded(
  order: readonly { name: string; owned: number; tie: number }[],
  give: readonly number[],
  width: number,
  count: number,
): number[] {
  return Array.from({ length: width }, (_, i) => i)
    .sort((a, b) => {
      const [x, y] = [order[a]!, order[b]!];
      return x.owned + give[a]! - (y.owned + give[b]!) || y.tie - x.tie || (x.name < y.name ? -1 : 1);
    })
    .slice(0, count);
}
