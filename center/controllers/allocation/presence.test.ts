import t from 'tap';
import { type KnownOwner, type MassLossLimits, Presence, type SeenAgent } from './presence.js';

const agent = (name: string, holdUntil: number | null = null): SeenAgent => ({ name, cluster: 'default', holdUntil });
const fleet = (count: number) => Array.from({ length: count }, (_, i) => agent(`a${i}`));
const owners = (agents: readonly SeenAgent[], holdUntil: number | null = null) =>
  new Map<string, KnownOwner>(agents.map(({ name }) => [name, { cluster: 'default', holdUntil }]));
const BRAKE_MAX_MS = 300_000;
const usual: MassLossLimits = {
  ...{ minAgents: 3, share: 0.3, windowMs: 60_000, holdForMs: BRAKE_MAX_MS, releasedAt: 0 },
};
/** The wall clock shows something else than the monotonic one. */
const look = (
  presence: Presence,
  agents: readonly SeenAgent[],
  known: Map<string, KnownOwner>,
  at: number,
  wall: number,
  limits: Partial<MassLossLimits> = {},
) => presence.look(agents, known, () => ({ ...usual, ...limits }), at, wall);
const SETTLE_MS = 4000;

t.test('I7: a new leader does not believe in the absence of agents it never saw, for one session time-out', (t) => {
  const presence = new Presence(1000, SETTLE_MS);
  const own = owners(fleet(1));
  const first = look(presence, [], own, 1000, 1);
  t.same([...first.held], ['a0']);
  t.equal(first.wakeAfterMs, SETTLE_MS);
  t.same([...look(presence, [], own, 4999, 1).held], ['a0']);
  const last = look(presence, [], own, 5000, 1);
  t.equal(last.held.size, 0);
  t.equal(last.wakeAfterMs, undefined);
  t.end();
});

t.test('an agent that was seen and goes is believed at once', (t) => {
  const presence = new Presence(0, SETTLE_MS);
  const own = owners(fleet(2));
  look(presence, fleet(2), own, 10, 1);
  t.equal(look(presence, fleet(1), own, 20, 1).held.size, 0);
  t.end();
});

t.test('R6: holdUntil is honoured, by the wall clock', (t) => {
  const presence = new Presence(0, 1);
  const own = owners(fleet(1));
  look(presence, [agent('a0', 60_000)], own, 10, 1000);
  const verdict = look(presence, [], own, 20, 2000);
  t.same([...verdict.held], ['a0']);
  t.equal(verdict.wakeAfterMs, 58_000);
  t.equal(look(presence, [], own, 30, 60_000).held.size, 0);
  t.end();
});

t.test('I8: three of ten gone within a minute stop the moves; a return lets go', (t) => {
  const presence = new Presence(0, 1);
  const all = fleet(10);
  const own = owners(all);
  look(presence, all, own, 0, 1);
  t.equal(look(presence, all.slice(1), own, 1000, 1).held.size, 0, 'one is normal');
  t.equal(look(presence, all.slice(2), own, 2000, 1).held.size, 0, 'two are');
  const verdict = look(presence, all.slice(3), own, 3000, 1);
  t.same([...verdict.held], ['a0', 'a1', 'a2']);
  t.same([...verdict.braked], [['default', 3]]);
  t.equal(verdict.wakeAfterMs, BRAKE_MAX_MS);
  t.equal(look(presence, all.slice(3), own, 200_000, 1).held.size, 3, 'also when the window has passed');
  const back = look(presence, all.slice(2), own, 201_000, 1);
  t.equal(back.held.size, 0, 'a2 came back: two are no mass loss');
  t.end();
});

t.test('I8: the brake lets go after five minutes and does not grip again for the same agents', (t) => {
  const presence = new Presence(0, 1);
  const all = fleet(10);
  const own = owners(all);
  look(presence, all, own, 0, 1);
  t.equal(look(presence, all.slice(4), own, 1000, 1).held.size, 4);
  t.equal(look(presence, all.slice(4), own, 1000 + BRAKE_MAX_MS, 1).held.size, 0);
  t.equal(look(presence, all.slice(4), own, 2000 + BRAKE_MAX_MS, 1).held.size, 0);
  t.end();
});

t.test('I8: slow departures and small shares do not brake', (t) => {
  const slow = new Presence(0, 1);
  const all = fleet(10);
  look(slow, all, owners(all), 0, 1);
  for (let i = 1; i <= 5; i++) t.equal(look(slow, all.slice(i), owners(all), i * 31_000, 1).held.size, 0);
  const large = new Presence(0, 1);
  const many = fleet(100);
  look(large, many, owners(many), 0, 1);
  t.equal(look(large, many.slice(29), owners(many), 1, 1).held.size, 0);
  t.equal(look(large, many.slice(30), owners(many), 2, 1).held.size, 30);
  t.end();
});

t.test('R6: a hold that the store remembers is honoured by a leader that never saw the agent', (t) => {
  const presence = new Presence(0, SETTLE_MS);
  const own = owners(fleet(1), 60_000);
  t.same([...look(presence, [], own, SETTLE_MS + 1, 10_000).held], ['a0'], 'longer than one session time-out');
  t.same(
    [...look(presence, [], owners(fleet(1)), 20_000, 20_000).held],
    ['a0'],
    'although it takes it back, until it is here',
  );
  t.equal(look(presence, [], own, 90_000, 60_000).held.size, 0);
  t.end();
});

t.test('I8: the thresholds are those of the cluster', (t) => {
  const all = fleet(10);
  const brakes = (gone: number, limits: Partial<MassLossLimits>) => {
    const presence = new Presence(0, 0);
    look(presence, all, owners(all), 0, 1, limits);
    return look(presence, all.slice(gone), owners(all), 1000, 1, limits).held.size > 0;
  };
  t.equal(brakes(1, { minAgents: 1, share: 0.1 }), true);
  t.equal(brakes(3, { minAgents: 4 }), false);
  t.equal(brakes(3, { share: 0.31 }), false);
  t.equal(brakes(10, { holdForMs: 0 }), false, 'switched off');
  const presence = new Presence(0, 0);
  const short = { holdForMs: 5000, windowMs: 500 };
  look(presence, all, owners(all), 0, 1, short);
  look(presence, all.slice(2), owners(all), 1000, 1, short);
  t.equal(
    look(presence, all.slice(4), owners(all), 1600, 1, short).held.size,
    0,
    'two and two, but not within half a second',
  );
  const verdict = look(presence, all.slice(7), owners(all), 1700, 1, short);
  t.same([verdict.held.size, verdict.wakeAfterMs], [5, 5000]);
  t.end();
});

t.test('I8: agents that were drained before they went are no loss; those whose tasks have moved since are', (t) => {
  const all = fleet(10);
  const drained = new Presence(0, 0);
  look(drained, all, owners(all.slice(3)), 0, 1);
  t.equal(look(drained, all.slice(4), owners(all.slice(3)), 1000, 1).held.size, 0, 'only the fourth owned something');
  const moved = new Presence(0, 0);
  look(moved, all, owners(all), 0, 1);
  look(moved, all.slice(2), owners(all), 1000, 1);
  t.equal(look(moved, all.slice(3), owners(all.slice(2)), 2000, 1).held.size, 3);
  t.end();
});

t.test('I8: an operator releases what is gone, not what goes later', (t) => {
  const presence = new Presence(0, 0);
  const all = fleet(10);
  const own = owners(all);
  look(presence, all, own, 0, 1_000_000);
  t.equal(look(presence, all.slice(4), own, 1000, 1_001_000).held.size, 4);
  const released = { releasedAt: 1_002_000 };
  t.equal(look(presence, all.slice(4), own, 2000, 1_002_000, released).held.size, 0);
  t.equal(
    look(presence, all.slice(7), own, 3000, 1_003_000, released).held.size,
    3,
    'three more are a loss of their own',
  );
  t.end();
});
