import fc from 'fast-check';
import t from 'tap';
import { circleText, findCircle } from './dependencies.js';
import { validateObject } from './index.js';

const circleOf = (edges: Record<string, string[]>, ...starts: string[]) => {
  const found = findCircle(starts, (name) => edges[name] ?? []);
  return found === undefined ? undefined : circleText(found);
};

t.test('circles are found with their path', async (t) => {
  t.equal(circleOf({ a: ['b'], b: ['c'], c: ['a'] }, 'a'), 'a -> b -> c -> a');
  t.equal(circleOf({ x: ['a'], a: ['b', 'c'], c: ['a'] }, 'x'), 'a -> c -> a', 'without the way to it');
  t.equal(circleOf({ a: ['a'] }, 'a'), 'a -> a');
  t.equal(circleOf({ a: ['b', 'c'], b: ['d'], c: ['d'] }, 'a'), undefined, 'two ways to one task are none');
  const chain = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`t${i}`, [`t${i + 1}`]]));
  t.equal(circleOf(chain, 't0'), undefined, 'a long chain needs no deep stack');
});

t.test('a circle is found exactly when there is no order', async () => {
  const graph = fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })), { maxLength: 14 });
  fc.assert(
    fc.property(graph, (pairs) => {
      const edges = new Map<string, string[]>();
      for (const [from, to] of pairs) edges.set(String(from), [...(edges.get(String(from)) ?? []), String(to)]);
      const found = findCircle(edges.keys(), (name) => edges.get(name) ?? []);
      // Takes away what waits for nothing until nothing changes; what is left waits in circles.
      const left = new Map(edges);
      for (let size = -1; size !== left.size; ) {
        size = left.size;
        for (const [name, next] of left) if (!next.some((one) => left.has(one))) left.delete(name);
      }
      if (found === undefined) return left.size === 0;
      return (
        found.every((name, i) => i === 0 || (edges.get(found[i - 1]!) ?? []).includes(name)) &&
        found.at(-1) === found[0]
      );
    }),
  );
});

t.test('what spec.after may say', async (t) => {
  const messages = (after: unknown) =>
    validateObject({
      apiVersion: 'cloudtask.dev/v1',
      kind: 'Task',
      metadata: { name: 'd' },
      spec: { run: { command: ['true'] }, after },
    }).causes.map(({ message }) => message);
  t.same(messages({ tasks: [{ name: 'a' }, { name: 'b', on: 'Finished' }], match: 'Any' }), []);
  t.same(messages({ tasks: [{ name: 'a.b' }], within: '12h' }), []);
  t.match(messages({ tasks: [{ name: 'd' }] }), [/in a circle: d -> d/]);
  t.match(messages({ tasks: [{ name: 'a' }, { name: 'a' }] }), [/spec.after.tasks\[1\].name: Duplicate value: "a"/]);
  t.match(messages({ tasks: [{ name: 'a' }], match: 'Any', within: '1h' }), [/spec.after.within: Forbidden/]);
  t.match(messages({ tasks: [{ name: 'a', on: 'Skipped' }] }), [
    /spec.after.tasks\[0\].on: Unsupported value: "Skipped"/,
  ]);
  t.match(messages({ tasks: [] }), [/spec.after.tasks/]);
});
