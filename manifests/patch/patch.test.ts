import fc from 'fast-check';
import t from 'tap';
import { CloudTaskError } from '../../base/index.js';
import { jsonPatch } from './json-patch.js';
import { mergePatch } from './merge-patch.js';

const code = (run: () => unknown): string => {
  try {
    return JSON.stringify(run());
  } catch (error) {
    return error instanceof CloudTaskError ? `${error.code}: ${error.message}` : String(error);
  }
};

t.test('merge patch: the table of RFC 7386, appendix A', async (t) => {
  const table: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of table) t.strictSame(mergePatch(target, patch), result, JSON.stringify(patch));
  const odd = mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}')) as object;
  t.equal((odd as { polluted?: boolean }).polluted, undefined);
});

t.test('JSON patch: each operation', async (t) => {
  const before = { a: { b: [1, 2] }, 'x/y': 1, 'm~n': 2 };
  const run = (...patch: unknown[]) => jsonPatch(before, patch);
  t.strictSame(run({ op: 'add', path: '/a/c', value: 3 }), { ...before, a: { b: [1, 2], c: 3 } });
  t.strictSame(run({ op: 'add', path: '/a/b/1', value: 9 }), { ...before, a: { b: [1, 9, 2] } });
  t.strictSame(run({ op: 'add', path: '/a/b/-', value: 9 }), { ...before, a: { b: [1, 2, 9] } });
  t.strictSame(run({ op: 'remove', path: '/a/b/0' }), { ...before, a: { b: [2] } });
  t.strictSame(run({ op: 'replace', path: '/x~1y', value: 5 }), { ...before, 'x/y': 5 });
  t.strictSame(run({ op: 'replace', path: '/a/b/0', value: 7 }), { ...before, a: { b: [7, 2] } });
  t.strictSame(run({ op: 'move', from: '/m~0n', path: '/z' }), { a: before.a, 'x/y': 1, z: 2 });
  t.strictSame(run({ op: 'copy', from: '/a/b', path: '/c' }), { ...before, c: [1, 2] });
  t.strictSame(run({ op: 'test', path: '/a', value: { b: [1, 2] } }), before);
  t.strictSame(run({ op: 'replace', path: '', value: 1 }), 1);
  t.strictSame(before, { a: { b: [1, 2] }, 'x/y': 1, 'm~n': 2 }, 'the document given is not changed');
});

t.test('JSON patch: what cannot be done, and what is no patch', async (t) => {
  const run = (patch: unknown) => code(() => jsonPatch({ a: [1], b: 1 }, patch));
  t.equal(
    run([{ op: 'test', path: '/b', value: 2 }]),
    'CT_MANIFEST_INVALID: the patch cannot be applied: testing value /b failed',
  );
  for (const operation of [
    { op: 'remove', path: '/none' },
    { op: 'replace', path: '/none', value: 1 },
    { op: 'add', path: '/none/x', value: 1 },
    { op: 'add', path: '/a/2', value: 1 },
    { op: 'add', path: '/b/c', value: 1 },
    { op: 'remove', path: '/a/-' },
    { op: 'remove', path: '/a/01' },
    { op: 'remove', path: '' },
    { op: 'move', from: '/a', path: '/a/0' },
    { op: 'add', path: '/__proto__/x', value: 1 },
    { op: 'test', path: '/toString', value: 1 },
  ]) {
    t.match(run([operation]), /^CT_MANIFEST_INVALID: the patch cannot be applied: /, JSON.stringify(operation));
  }
  for (const patch of [
    {},
    [1],
    [{ op: 'increase', path: '/b' }],
    [{ op: 'toString', path: '/b' }],
    [{ op: 'add', path: '/b' }],
    [{ op: 'add', path: 'b', value: 1 }],
    [{ op: 'add', path: '/b~2', value: 1 }],
    [{ op: 'move', path: '/b' }],
    new Array(1001).fill({ op: 'test', path: '/b', value: 1 }),
  ]) {
    t.match(run(patch), /^CT_BAD_REQUEST: the JSON patch is malformed: /, JSON.stringify(patch).slice(0, 60));
  }
  const doubling = new Array(60).fill({ op: 'copy', from: '', path: '/a/-' });
  t.match(run(doubling), /the result is too large/);
});

t.test('patches of any shape are carried out or refused, and never change what they are given', async () => {
  const pointers = fc.constantFrom('', '/a', '/a/0', '/a/-', '/b', '/b/c', '/__proto__', '/x~1');
  const operations = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: pointers,
      from: pointers,
      value: fc.jsonValue(),
    },
    { requiredKeys: ['op', 'path'] },
  );
  fc.assert(
    fc.property(fc.array(operations, { maxLength: 6 }), (patch) => {
      const document = { a: [1, 2], b: { c: 1 } };
      return (
        !/^(?!CT_)\w*Error/.test(code(() => jsonPatch(document, patch))) &&
        JSON.stringify(document) === '{"a":[1,2],"b":{"c":1}}'
      );
    }),
  );
});
