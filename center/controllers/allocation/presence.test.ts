import t from 'tap';
import { BRAKE_MAX_MS, Presence, type SeenAgent } from './presence.js';

const agent = (name: string, holdUntil: number | null = null): SeenAgent => ({ name, cluster: 'default', holdUntil });
const fleet = (count: number) => Array.from({ length: count }, (_, i) => agent(`a${i}`));
const owners = (agents: readonly SeenAgent[]) => new Map(agents.map(({ name }) => [name, 'default']));
const SETTLE_MS = 4000;

t.test('I7: a new leader does not believe in the absence of agents it never saw, for one session time-out', (t) => {
  const presence = new Presence(1000, SETTLE_MS);
  const own = owners(fleet(1));
  const first = presence.look([], own, 1000, 0);
  t.same([...first.held], ['a0']);
  t.equal(first.wakeAfterMs, SETTLE_MS);
  t.same([...presence.look([], own, 4999, 0).held], ['a0']);
  const last = presence.look([], own, 5000, 0);
  t.equal(last.held.size, 0);
  t.equal(last.wakeAfterMs, undefined);
  t.end();
});

t.test('an agent that was seen and goes is believed at once', (t) => {
  const presence = new Presence(0, SETTLE_MS);
  const own = owners(fleet(2));
  presence.look(fleet(2), own, 10, 0);
  t.equal(presence.look(fleet(1), own, 20, 0).held.size, 0);
  t.end();
});

t.test('R6: holdUntil is honoured, by the wall clock', (t) => {
  const presence = new Presence(0, 0);
  const own = owners(fleet(1));
  presence.look([agent('a0', 60_000)], own, 10, 1000);
  const verdict = presence.look([], own, 20, 2000);
  t.same([...verdict.held], ['a0']);
  t.equal(verdict.wakeAfterMs, 58_000);
  t.equal(presence.look([], own, 30, 60_000).held.size, 0);
  t.end();
});

t.test('I8: three of ten gone within a minute stop the moves; a return lets go', (t) => {
  const presence = new Presence(0, 0);
  const all = fleet(10);
  const own = owners(all);
  presence.look(all, own, 0, 0);
  t.equal(presence.look(all.slice(1), own, 1000, 0).held.size, 0, 'one is normal');
  t.equal(presence.look(all.slice(2), own, 2000, 0).held.size, 0, 'two are');
  const verdict = presence.look(all.slice(3), own, 3000, 0);
  t.same([...verdict.held], ['a0', 'a1', 'a2']);
  t.same([...verdict.braked], [['default', 3]]);
  t.equal(verdict.wakeAfterMs, BRAKE_MAX_MS);
  t.equal(presence.look(all.slice(3), own, 200_000, 0).held.size, 3, 'also when the window has passed');
  const back = presence.look(all.slice(2), own, 201_000, 0);
  t.equal(back.held.size, 0, 'a2 came back: two are no mass loss');
  t.end();
});

t.test('I8: the brake lets go after five minutes and does not grip again for the same agents', (t) => {
  const presence = new Presence(0, 0);
  const all = fleet(10);
  const own = owners(all);
  presence.look(all, own, 0, 0);
  t.equal(presence.look(all.slice(4), own, 1000, 0).held.size, 4);
  t.equal(presence.look(all.slice(4), own, 1000 + BRAKE_MAX_MS, 0).held.size, 0);
  t.equal(presence.look(all.slice(4), own, 2000 + BRAKE_MAX_MS, 0).held.size, 0);
  t.end();
});

t.test('I8: slow departures and small shares do not brake', (t) => {
  const slow = new Presence(0, 0);
  const all = fleet(10);
  slow.look(all, owners(all), 0, 0);
  for (let i = 1; i <= 5; i++) t.equal(slow.look(all.slice(i), owners(all), i * 31_000, 0).held.size, 0);
  const large = new Presence(0, 0);
  const many = fleet(100);
  large.look(many, owners(many), 0, 0);
  t.equal(large.look(many.slice(29), owners(many), 1, 0).held.size, 0);
  t.equal(large.look(many.slice(30), owners(many), 2, 0).held.size, 30);
  t.end();
});
