// The rules of decision 0012 (A-42 of the standard): as examples, and as properties of all manifests.
import { isDeepStrictEqual } from 'node:util';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import t from 'tap';
import { LIST_MAP_KEY, type ManagedFieldsEntry } from '../kinds/metadata.js';
import { kindRow } from '../kinds/registry.js';
import { withDefaults } from '../validate/defaults.js';
import { applyManifest, type ManagedObject } from './apply-manifest.js';
import { leafText, stepsOf } from './field-steps.js';
import { type Fields, leavesOf, type OwnedPart } from './leaves.js';
import { MANAGERS_MAX, ownedAfterUpdate } from './managed-fields.js';
import { setLeaf } from './tree.js';

const text = () => Type.Optional(Type.String());
const schema = Type.Object({
  metadata: Type.Object({ labels: Type.Optional(Type.Record(Type.String(), Type.String())) }),
  spec: Type.Object({
    a: text(),
    withDefault: Type.Optional(Type.String({ default: 'd' })),
    atomic: Type.Optional(Type.Array(Type.String())),
    map: Type.Optional(
      Type.Object({
        x: text(),
        y: Type.Optional(Type.String({ default: 'y' })),
        deep: Type.Optional(Type.Object({ z: text() })),
      }),
    ),
    full: Type.Optional(Type.Object({ v: Type.Optional(Type.String({ default: 'v' })), w: text() }, { default: {} })),
    items: Type.Optional(
      Type.Array(
        Type.Object({ name: Type.Optional(Type.String({ default: 'default' })), value: text(), more: text() }),
        {
          [LIST_MAP_KEY]: 'name',
          default: [],
        },
      ),
    ),
  }),
});

type State = ManagedObject & { object: { metadata: Fields; spec: Fields } };
const LATER = '2026-02-02T00:00:00Z';
const by = (manager: string, time = '2026-01-01T00:00:00Z') => ({ manager, user: `${manager}-user`, time });

/** With defaults, and without empty labels, as the store keeps objects. */
function filled(object: OwnedPart): State['object'] {
  const { metadata, spec: fields } = withDefaults(schema, object) as State['object'];
  const { labels } = metadata as { labels?: Fields };
  return { metadata: labels === undefined || Object.keys(labels).length === 0 ? {} : { labels }, spec: fields };
}

/** The state after an apply; throws when there are conflicts. */
function apply(state: State | undefined, manager: string, manifest: OwnedPart, force = false, time?: string): State {
  const applied = applyManifest(schema, state, manifest, by(manager, time), force);
  if (applied.conflicts.length > 0)
    throw new Conflicts(applied.conflicts.map(({ path, with: entry }) => `${entry.manager} ${path}`));
  return { object: filled(applied.object), managed: applied.managed };
}

class Conflicts extends Error {
  readonly found: string[];
  constructor(found: string[]) {
    super(found.join(', '));
    this.found = found;
  }
}

function conflictsOf(state: State, manager: string, manifest: OwnedPart): string[] {
  return applyManifest(schema, state, manifest, by(manager)).conflicts.map(
    ({ path, with: entry }) => `${entry.manager} ${path}`,
  );
}

const spec = (fields: Fields): OwnedPart => ({ metadata: {}, spec: fields });
const fieldsOf = (state: State, manager: string) => state.managed.find((entry) => entry.manager === manager)?.fields;

t.test('rule 1: leaves are scalars, atomic lists and empty maps; items of keyed lists go by their key', async (t) => {
  const leaves = leavesOf(schema, {
    metadata: { name: 'n', labels: { 'a.b/c~d': '1', '{odd}': '2' } },
    spec: { a: 'x', atomic: ['1', '2'], map: {}, items: [{ value: 'v' }, { name: 'p/q=r', more: 'm' }] },
  });
  t.strictSame(
    [...leaves].map(([path, { value }]) => [path, value]),
    [
      ['/metadata/labels/a.b~1c~0d', '1'],
      ['/metadata/labels/~2odd}', '2'],
      ['/spec/a', 'x'],
      ['/spec/atomic', ['1', '2']],
      ['/spec/map', {}],
      ['/spec/items/{name=default}/name', 'default'],
      ['/spec/items/{name=default}/value', 'v'],
      ['/spec/items/{name=p~1q=r}/name', 'p/q=r'],
      ['/spec/items/{name=p~1q=r}/more', 'm'],
    ],
  );
  t.strictSame(stepsOf('/metadata/labels/~2odd}'), ['metadata', 'labels', '{odd}']);
  t.strictSame(stepsOf('/spec/items/{name=p~1q=r}/more')[2], { key: 'name', value: 'p/q=r' });
  t.equal(leafText('/spec/items/{name=p~1q=r}/more'), 'spec.items[name="p/q=r"].more');
  t.equal(leafText('/metadata/labels/a.b~1c'), 'metadata.labels["a.b/c"]');
  const task = leavesOf(kindRow('Task').schema, {
    spec: { schedules: [{ cron: '@daily' }], run: { command: ['true'], env: [{ name: 'A', value: '1' }] } },
  });
  t.strictSame(
    [...task.keys()],
    [
      '/spec/schedules/{name=default}/name',
      '/spec/schedules/{name=default}/cron',
      '/spec/run/command',
      '/spec/run/env/{name=A}/name',
      '/spec/run/env/{name=A}/value',
    ],
  );
});

t.test('rules 2 and 3: what is equal is owned by both, what differs is a conflict, force takes it', async (t) => {
  const first = apply(undefined, 'git', spec({ a: '1', map: { x: '1' } }));
  t.strictSame(first.managed, [
    {
      manager: 'git',
      operation: 'Apply',
      time: '2026-01-01T00:00:00Z',
      user: 'git-user',
      fields: ['/spec/a', '/spec/map/x'],
    },
  ]);
  t.strictSame(first.object.spec, { a: '1', withDefault: 'd', map: { x: '1', y: 'y' }, full: { v: 'v' }, items: [] });
  const both = apply(first, 'ui', spec({ a: '1' }));
  t.strictSame([fieldsOf(both, 'git'), fieldsOf(both, 'ui')], [['/spec/a', '/spec/map/x'], ['/spec/a']]);
  t.strictSame(conflictsOf(both, 'ui', spec({ a: '2', map: { x: '2', y: 'mine' } })), [
    'git /spec/a',
    'git /spec/map/x',
  ]);
  const [conflict] = applyManifest(schema, both, spec({ a: '2' }), by('ui')).conflicts;
  t.match(conflict, { path: '/spec/a', yours: '2', live: '1', with: { manager: 'git', user: 'git-user' } });
  const taken = apply(both, 'ui', spec({ a: '2' }), true);
  t.equal(taken.object.spec.a, '2');
  t.strictSame([fieldsOf(taken, 'git'), fieldsOf(taken, 'ui')], [['/spec/map/x'], ['/spec/a']]);
  t.strictSame(conflictsOf(taken, 'git', spec({ a: '1', map: { x: '1' } })), ['ui /spec/a']);
});

t.test('rule 3: a leaf of one manager where the other has a map conflicts; an empty map does not', async (t) => {
  const loose = Type.Object({ metadata: Type.Object({}), spec: Type.Object({}) });
  const run = (stored: ManagedObject | undefined, manager: string, fields: Fields, force = false) =>
    applyManifest(loose, stored, spec(fields), by(manager), force);
  const map = run(undefined, 'a', { m: { x: 1 } });
  t.strictSame(
    run(map, 'b', { m: 7 }).conflicts.map(({ path }) => path),
    ['/spec/m'],
  );
  t.strictSame(
    run(map, 'b', { m: [1] }).conflicts.map(({ path }) => path),
    ['/spec/m'],
  );
  t.strictSame(run(map, 'b', { m: {} }).conflicts, []);
  const forced = run(map, 'b', { m: 7 }, true);
  t.strictSame([forced.object.spec, forced.managed.map(({ manager }) => manager)], [{ m: 7 }, ['b']]);
  const scalar = run(undefined, 'a', { m: 7 });
  t.strictSame(
    run(scalar, 'b', { m: { x: 1 } }).conflicts.map(({ path }) => path),
    ['/spec/m/x'],
  );
  t.strictSame(
    run(scalar, 'b', { m: { x: 1 } }, true).managed.map(({ manager }) => manager),
    ['b'],
  );
  const empty = run(undefined, 'a', { m: {} });
  const filled = run(empty, 'b', { m: { x: 1 } });
  t.strictSame([filled.conflicts, filled.object.spec], [[], { m: { x: 1 } }]);
  t.strictSame(run(filled, 'a', {}).object.spec, { m: { x: 1 } }, 'the map is not mine to take away');
  t.strictSame(run(filled, 'b', {}).object.spec, { m: {} }, 'it stays as empty as its owner wants it');
  t.strictSame(run(run(filled, 'a', {}), 'b', {}).object.spec, {});
});

t.test('rule 4: what a manager no longer says goes, unless another one says it; defaults come back', async (t) => {
  const both = apply(
    apply(undefined, 'git', spec({ a: '1', withDefault: 'own', map: { deep: { z: '1' } } })),
    'ui',
    spec({ a: '1' }),
  );
  const less = apply(both, 'git', spec({}));
  t.strictSame(less.object.spec, { a: '1', withDefault: 'd', full: { v: 'v' }, items: [] }, 'emptied maps go too');
  t.strictSame(
    less.managed.map(({ manager }) => manager),
    ['ui'],
  );
  t.strictSame(apply(less, 'ui', spec({})).object.spec.a, undefined);
  const unowned: State = { object: filled(spec({ a: 'old', full: { w: '1' } })), managed: [] };
  t.strictSame(apply(unowned, 'git', spec({ map: {} })).object.spec.a, 'old', 'nobody owns it: nobody takes it away');
});

t.test('rule 5: an update takes what it changes, and the next apply of the owner conflicts', async (t) => {
  const first = apply(undefined, 'git', spec({ a: '1', map: { x: '1' }, withDefault: 'own' }));
  const given = spec({ a: '2', map: { x: '1' }, items: [{ name: 'i', value: '1' }] });
  const after = filled(given);
  const managed = ownedAfterUpdate(schema, { before: first.object, after, given }, first.managed, by('ui'));
  const state = { object: after, managed };
  t.strictSame(fieldsOf(state, 'git'), ['/spec/map/x']);
  t.strictSame(fieldsOf(state, 'ui'), ['/spec/a', '/spec/items/{name=i}/name', '/spec/items/{name=i}/value']);
  t.equal(managed.find(({ manager }) => manager === 'ui')?.operation, 'Update');
  t.strictSame(
    conflictsOf(state, 'git', spec({ a: '1', withDefault: 'own' })),
    ['ui /spec/a'],
    'a default is nobody’s',
  );
  const nobody = ownedAfterUpdate(schema, { before: first.object, after, given }, first.managed, undefined);
  t.strictSame(
    nobody.map(({ manager, fields }) => [manager, fields]),
    [['git', ['/spec/map/x']]],
  );
});

t.test('rule 9: an update and an apply of the same name are one owner', async (t) => {
  const given = spec({ a: '1', map: { x: '1' } });
  const created = {
    object: filled(given),
    managed: ownedAfterUpdate(schema, { before: undefined, after: filled(given), given }, [], by('ctask')),
  };
  t.strictSame(apply(created, 'ctask', given), created, 'the same again is no change, not even of the entry');
  t.strictSame(apply(created, 'ctask', spec({ a: '2' })).object.spec, {
    a: '2',
    withDefault: 'd',
    full: { v: 'v' },
    items: [],
  });
});

t.test('rule 8: items of a keyed list are added, removed and moved one by one', async (t) => {
  const item = (name: string, value: string) => ({ name, value });
  const git = apply(undefined, 'git', spec({ items: [item('a', '1'), item('b', '2')] }));
  const both = apply(git, 'ui', spec({ items: [item('c', '3')] }));
  t.strictSame(both.object.spec.items, [item('a', '1'), item('b', '2'), item('c', '3')]);
  t.strictSame(apply(both, 'ui', spec({ items: [item('c', '3')] })), both, 'who applies again moves nothing');
  const moved = apply(both, 'git', spec({ items: [item('b', '2'), item('d', '4'), item('a', '1')] }));
  t.strictSame(
    (moved.object.spec.items as Fields[]).map(({ name }) => name),
    ['b', 'd', 'c', 'a'],
  );
  const fewer = apply(moved, 'git', spec({ items: [item('d', '4')] }));
  t.strictSame(fewer.object.spec.items, [item('d', '4'), item('c', '3')]);
  const shared = apply(both, 'ui', spec({ items: [{ name: 'a', more: 'm' }] }));
  t.strictSame(shared.object.spec.items, [{ name: 'a', value: '1', more: 'm' }, item('b', '2')]);
  t.strictSame(
    apply(shared, 'git', spec({})).object.spec.items,
    [{ name: 'a', more: 'm' }],
    'an item lives while one owns of it',
  );
  t.strictSame(conflictsOf(shared, 'ui', spec({ items: [item('a', '9')] })), ['git /spec/items/{name=a}/value']);
});

t.test('rule 7: to say defaults that nobody owns is no change, as long as nothing else is', async (t) => {
  const first = apply(undefined, 'ctask', spec({ a: '1' }));
  t.strictSame(apply(first, 'ctask', first.object, false, LATER), first, 'what get prints is applied without a trace');
  const more = apply(first, 'ctask', spec({ a: '1', withDefault: 'd', map: { x: '1' } }));
  t.strictSame(fieldsOf(more, 'ctask'), ['/spec/a', '/spec/map/x', '/spec/withDefault']);
  const other = apply(first, 'ui', spec({ withDefault: 'd' }));
  t.strictSame(fieldsOf(other, 'ui'), ['/spec/withDefault'], 'who owns nothing yet gets what it says');
  const old: State = { object: filled(spec({ a: 'x' })), managed: [] };
  t.strictSame(fieldsOf(apply(old, 'ctask', old.object), 'ctask')?.includes('/spec/a'), true);
});

t.test('entries of very many managers: the oldest goes', async (t) => {
  let state: State | undefined;
  for (let index = 0; index <= MANAGERS_MAX; index++) {
    const time = `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`;
    const applied = applyManifest(schema, state, spec({ a: '1' }), by(`m${index}`, time));
    state = { object: filled(applied.object), managed: applied.managed };
  }
  t.equal(state?.managed.length, MANAGERS_MAX);
  t.notOk(state?.managed.some(({ manager }) => manager === 'm0'));
});

// --- properties ---

const word = fc.constantFrom('1', '2', '3');
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const compact = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
const itemsOf = (names: readonly string[]) =>
  fc.uniqueArray(fc.record({ name: fc.constantFrom(...names), value: maybe(word), more: maybe(word) }).map(compact), {
    selector: ({ name }) => name,
    maxLength: 3,
  });
const manifests: fc.Arbitrary<OwnedPart> = fc
  .record({
    labels: maybe(fc.dictionary(fc.constantFrom('team', 'a.b/c', 'x'), word, { maxKeys: 2, noNullPrototype: true })),
    a: maybe(word),
    withDefault: maybe(fc.constantFrom('d', 'other')),
    atomic: maybe(fc.array(word, { maxLength: 2 })),
    map: maybe(
      fc
        .record({
          x: maybe(word),
          y: maybe(fc.constantFrom('y', 'n')),
          deep: maybe(fc.record({ z: maybe(word) }).map(compact)),
        })
        .map(compact),
    ),
    full: maybe(fc.record({ v: maybe(fc.constantFrom('v', 'u')), w: maybe(word) }).map(compact)),
    items: maybe(itemsOf(['i', 'j', 'k'])),
  })
  .map(({ labels, ...fields }) => ({ metadata: compact({ labels }), spec: compact(fields) }));
const managers = fc.constantFrom('a', 'b', 'c');
const histories = fc.array(fc.tuple(managers, manifests, fc.boolean()), { maxLength: 5 });

function after(history: readonly (readonly [string, OwnedPart, boolean])[]): State {
  let state: State = { object: filled(spec({})), managed: [] };
  for (const [manager, manifest, update] of history) {
    if (!update) state = apply(state, manager, manifest, true);
    else {
      const object = filled(manifest);
      const states = { before: state.object, after: object, given: manifest };
      state = { object, managed: ownedAfterUpdate(schema, states, state.managed, by(manager)) };
    }
  }
  return state;
}

/** The object without the order in which items came. */
function unordered({ object }: State): unknown {
  const items = [...(object.spec.items as { name: string }[])].sort((x, y) => (x.name < y.name ? -1 : 1));
  return { ...object, spec: { ...object.spec, items } };
}
const same = (a: unknown, b: unknown) => isDeepStrictEqual(a, b);
const RUNS = { numRuns: 300 };

t.test('property: applying the same again changes nothing', async () => {
  fc.assert(
    fc.property(histories, managers, manifests, (history, manager, manifest) => {
      const once = apply(after(history), manager, manifest, true);
      return same(apply(once, manager, manifest, false, LATER), once);
    }),
    RUNS,
  );
});

t.test('property: what the manifest says is so, and is the manager’s', async () => {
  fc.assert(
    fc.property(histories, managers, manifests, (history, manager, manifest) => {
      const before = after(history);
      const state = apply(before, manager, manifest, true);
      // To say a default that nobody owns, and nothing else that is new, is no change.
      if (same(state, before)) return true;
      const live = leavesOf(schema, state.object);
      const mine = [...leavesOf(schema, manifest)];
      const owned = new Set(fieldsOf(state, manager));
      return (
        mine.every(
          ([path, { value, container }]) => owned.has(path) && (container || same(live.get(path)?.value, value)),
        ) && owned.size === mine.length
      );
    }),
    RUNS,
  );
});

/** The manifest torn in two: each leaf in one of the parts. */
const parts = fc.tuple(manifests, fc.infiniteStream(fc.boolean())).map(([manifest, sides]) => {
  const x = { metadata: {}, spec: {} };
  const y = { metadata: {}, spec: {} };
  for (const [path, leaf] of leavesOf(schema, manifest)) setLeaf(sides.next().value ? x : y, path, leaf);
  return [x, y] as const;
});

t.test('property: two managers of other leaves come to the same in either order', async () => {
  fc.assert(
    fc.property(parts, ([x, y]) => {
      const xy = apply(apply(undefined, 'a', x), 'b', y);
      const yx = apply(apply(undefined, 'b', y), 'a', x);
      const owners = ({ managed }: State) =>
        [...managed].sort((p, q) => (p.manager < q.manager ? -1 : 1)) as ManagedFieldsEntry[];
      return same(unordered(xy), unordered(yx)) && same(owners(xy), owners(yx));
    }),
    RUNS,
  );
});

t.test('property: without force, what others own keeps its value, or nothing is written', async () => {
  fc.assert(
    fc.property(histories, managers, manifests, (history, manager, manifest) => {
      const state = after(history);
      const applied = applyManifest(schema, state, manifest, by(manager));
      if (applied.conflicts.length > 0) return true;
      const before = leavesOf(schema, state.object);
      const now = leavesOf(schema, filled(applied.object));
      return state.managed
        .filter((entry) => entry.manager !== manager)
        .every((entry) =>
          entry.fields.every(
            (path) =>
              before.get(path) === undefined ||
              same(now.get(path)?.value, before.get(path)?.value) ||
              before.get(path)?.container,
          ),
        );
    }),
    RUNS,
  );
});

t.test('property: dropping everything deletes what was the manager’s alone, and nothing else', async () => {
  fc.assert(
    fc.property(histories, managers, manifests, (history, manager, manifest) => {
      const state = apply(after(history), manager, manifest, true);
      const dropped = apply(state, manager, spec({}));
      const others = state.managed.filter((entry) => entry.manager !== manager);
      const shared = new Set(others.flatMap(({ fields }) => fields));
      const now = leavesOf(schema, dropped.object);
      const defaults = leavesOf(schema, filled({ metadata: {}, spec: dropped.object.spec }));
      const mineGone = (fieldsOf(state, manager) ?? []).every(
        (path) =>
          shared.has(path) || now.get(path) === undefined || same(defaults.get(path)?.value, now.get(path)?.value),
      );
      return (
        mineGone &&
        fieldsOf(dropped, manager) === undefined &&
        others.every(({ fields, manager: name }) => same(fieldsOf(dropped, name), fields))
      );
    }),
    RUNS,
  );
});

t.test('property: what one manager adds and takes back leaves the object as it was', async () => {
  fc.assert(
    fc.property(manifests, manifests, (base, more) => {
      const state = apply(undefined, 'a', base);
      fc.pre(conflictsOf(state, 'b', more).length === 0);
      const back = apply(apply(state, 'b', more), 'b', spec({}));
      return same(unordered(back), unordered(state)) && same(back.managed, state.managed);
    }),
    RUNS,
  );
});

t.test('property: force, then the other by force again: values and owners are as before', async () => {
  fc.assert(
    fc.property(manifests, manifests, (x, y) => {
      const first = apply(undefined, 'a', x);
      const taken = apply(first, 'b', y, true);
      const back = apply(apply(taken, 'a', x, true), 'b', spec({}));
      return same(unordered(back), unordered(first)) && same(fieldsOf(back, 'a'), fieldsOf(first, 'a'));
    }),
    RUNS,
  );
});

t.test('property: defaults are nobody’s and come back', async () => {
  fc.assert(
    fc.property(histories, (history) => {
      const state = after(history);
      const again = applyManifest(schema, state, spec({}), by('stranger'));
      return same(filled(again.object), state.object) && same(again.managed, state.managed);
    }),
    RUNS,
  );
});
