// The rules of decision 0012 (A-42 of the standard) as examples; what holds of all manifests is in properties.test.ts.
import { Type } from '@sinclair/typebox';
import t from 'tap';
import {
  apply,
  by,
  conflictsOf,
  fieldsOf,
  filled,
  LATER,
  type State,
  schema,
  spec,
} from '../../test/support/owned-objects.js';
import { kindRow } from '../kinds/registry.js';
import { applyManifest, type ManagedObject } from './apply-manifest.js';
import { leafText, stepsOf } from './field-steps.js';
import { type Fields, leavesOf } from './leaves.js';
import { MANAGERS_MAX, ownedAfterUpdate } from './managed-fields.js';

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
