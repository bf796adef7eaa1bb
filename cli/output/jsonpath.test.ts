import t from 'tap';
import { jsonPathPrinter, jsonPathValues, parseJsonPath, sortByPath } from './jsonpath.js';

const list = {
  kind: 'List',
  items: [
    { metadata: { name: 'a', labels: { 'x.y/z': 'q' } }, spec: { n: 2, ports: [1, 2, 3] }, on: true },
    { metadata: { name: 'b' }, spec: { n: 10, ports: [4] }, on: false },
  ],
};

t.test('templates as kubectl reads them (C-40)', async (t) => {
  const table: [string, string][] = [
    ['{.kind}', 'List'],
    ['.kind', 'List'],
    ['kind', 'List'],
    ['{.items[*].metadata.name}', 'a b'],
    ['{.items[0].metadata.name}', 'a'],
    ['{.items[-1].metadata.name}', 'b'],
    ['{.items[0].spec.ports[0:2]}', '1 2'],
    ['{.items[0].spec.ports[1:]}', '2 3'],
    ['{.items[?(@.spec.n>2)].metadata.name}', 'b'],
    ['{.items[?(@.metadata.name=="a")].spec.n}', '2'],
    ['{.items[?(@.on==true)].metadata.name}', 'a'],
    ['{.items[?(@.metadata.labels)].metadata.name}', 'a'],
    ["{.items[0].metadata.labels['x.y/z']}", 'q'],
    ['{.items[0].metadata.labels.x\\.y/z}', 'q'],
    ['{..name}', 'a b'],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.spec.n}{"\\n"}{end}', 'a\t2\nb\t10\n'],
    ['name: {.items[0].metadata.name}!', 'name: a!'],
    ['{.items[0].metadata.labels}', '{"x.y/z":"q"}'],
    ['{.nothing.here}', ''],
  ];
  for (const [template, text] of table) t.equal(jsonPathPrinter(template)(list), text, template);
});

t.test('what is not understood is refused', async (t) => {
  for (const template of ['{.a', '{range .a}x', '{end}', '{.a[?(b==1)]}', '{.a[?(@.b==c)]}', '{.a[x]}']) {
    t.throws(() => parseJsonPath(template), { code: 'CT_USAGE' }, template);
  }
});

t.test('the values alone', async (t) => {
  t.same(jsonPathValues('{range .items[*]}{.metadata.name}{"\\t"}{.spec.n}{end}')(list), ['a', 2, 'b', 10]);
  t.same(jsonPathValues('.nothing')(list), []);
});

t.test('sorting: numbers as numbers, missing ones last, stable (C-45)', async (t) => {
  const objects = [{ id: 1, n: 10 }, { id: 2 }, { id: 3, n: 9 }, { id: 4, n: 10 }, { id: 5, n: null }];
  t.same(
    sortByPath(objects, '.n').objects.map(({ id }) => id),
    [3, 1, 4, 2, 5],
  );
  t.same(sortByPath([{ s: 'b' }, { s: 'a' }], '{.s}').objects, [{ s: 'a' }, { s: 'b' }]);
  const names = ['t-10', 't-9', 't', 't-9a', 's-11'].map((s) => ({ s }));
  t.same(
    sortByPath(names, '.s').objects.map(({ s }) => s),
    ['s-11', 't', 't-9', 't-9a', 't-10'],
    'numbers within names count as numbers',
  );
  t.match(sortByPath(names, '.nope'), { nowhere: true });
  t.match(sortByPath([], '.nope'), { nowhere: false });
  for (const path of ['', '{.a}{.b}', '{range .a}{.b}{end}', '{.a']) {
    t.throws(() => sortByPath(names, path), { code: 'CT_USAGE' }, path);
  }
});
