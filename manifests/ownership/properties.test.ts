// What holds of any history of applies, whoever the managers are.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
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
import type { ManagedFieldsEntry } from '../kinds/metadata.js';
import { applyManifest } from './apply-manifest.js';
import { type Fields, leavesOf, type OwnedPart } from './leaves.js';
import { ownedAfterUpdate } from './managed-fields.js';
import { setLeaf } from './tree.js';

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
