import fc from 'fast-check';
import t from 'tap';
import { formatPath } from '../validate/field-path.js';
import { parseDocument } from './parse-document.js';
import { repeatedKeys } from './repeated-keys.js';

const found = (text: string) => {
  JSON.parse(text); // it is asked of JSON only
  return repeatedKeys(text).map(formatPath);
};

t.test('each field that is given twice, once, with its path (A-28)', async (t) => {
  t.same(found('{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}],"d":"a"}'), []);
  t.same(found('{"a":1,"b":2,"a":3,"a":4}'), ['a']);
  t.same(found('{"objects":[{"x":1},{"spec":{"t":1,"t":2},"x":[[1,{"y":0,"y":0}]]}]}'), [
    'objects[1].spec.t',
    'objects[1].x[0][1].y',
  ]);
  t.same(found('{"a":{"b":1,"b":2},"a":{"b":1,"b":2}}'), ['a.b', 'a'], 'the same path again is the same field');
  t.same(found('[{"op":"a","op":"b"}]'), ['[0].op']);
  t.same(found(' { "a" : 1 ,\n\t"a" : 2 } '), ['a']);
});

t.test('what looks like a key, or like another one', async (t) => {
  t.same(found('{"a":"b","b":"a","c":["a","a"],"d":"{\\"a\\":1,\\"a\\":2}"}'), [], 'values');
  t.same(found('{"a\\\\":1,"a\\"":2,"a\\\\\\"":3,"":4}'), [], 'escaped quotes and backslashes');
  t.same(found('{"\\u0061":1,"a":2}'), ['a'], 'escaped letters are the letters');
  t.same(found('{"":1,"":2}'), ['[""]']);
  t.same(found('{"__proto__":1,"__proto__":2,"constructor":3}'), ['__proto__'], 'no key is special');
  t.same(found('{"A":1,"a":2}'), [], 'case counts');
});

t.test('maps of many keys, deep and hostile texts', async (t) => {
  const keys = Array.from({ length: 50_000 }, (_, i) => `"k${i}":${i}`);
  t.same(found(`{${keys.join(',')}}`), []);
  t.same(found(`{${keys.join(',')},"k7":0,"k49999":0}`), ['k7', 'k49999']);
  const deep = (depth: number, inner: string) => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`;
  t.equal(found(deep(90, '{"a":1,"a":2}')).length, 1);
  t.same(found(deep(50_000, '{"a":1,"a":2}')), [], 'nothing that we know lies so deep');
  t.same(found(`[${deep(50_000, '{"a":1}')},{"b":1,"b":2}]`), ['[1].b'], 'and what follows is found all the same');
  const twice = Array.from({ length: 3000 }, (_, i) => `"k${i}":1,"k${i}":2`).join(',');
  t.equal(found(`{${twice}}`).length, 1000, 'so many are told');
});

t.test('what was serialized repeats nothing; a key added to any map is found', async () => {
  fc.assert(fc.property(fc.json(), (text) => repeatedKeys(text).length === 0));
  const key = fc.string();
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue(), { minKeys: 1 }), fc.nat(), (map, at) => {
      const names = Object.keys(map);
      const name = names[at % names.length]!;
      const text = `${JSON.stringify(map).slice(0, -1)},${JSON.stringify(name)}:0}`;
      const [path, ...more] = repeatedKeys(text);
      return path?.length === 1 && path[0] === name && more.length === 0;
    }),
  );
});

t.test('in YAML, the same (A-28)', async (t) => {
  const text = 'a: 1\nb:\n- c: 1\n- c: 1\n  d: {e: 1, e: 2}\na: 2\n';
  const { value, repeated } = parseDocument(text);
  t.same(repeated.map(formatPath).sort(), ['a', 'b[1].d.e']);
  t.match(value, { a: 2, b: [{ c: 1 }, { d: { e: 2 } }] }, 'the last one counts');
});
