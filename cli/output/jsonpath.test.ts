import t from 'tap';
import { jsonPathPrinter, parseJsonPath, sortByPath } from './jsonpath.js';

const list = {
  kind: 'List',
  items: [
    { metadata: { name: 'a', labels: { 'x.y/z': 'q' } }, spec: { n: 2, ports: [1, 2, 3] }, on: true },
    { metadata: { name: 'b' }, spec: { n: 10, ports: [4] }, on: false },
  ],
};

t.test('templates as kubectl reads them', async (t) => {
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

t.test('sorting: numbers as numbers, missing ones last, stable', async (t) => {
  const objects = [{ id: 1, n: 10 }, { id: 2 }, { id: 3, n: 9 }, { id: 4, n: 10 }];
  t.same(
    sortByPath(objects, '.n').map(({ id }) => id),
    [3, 1, 4, 2],
  );
  t.same(sortByPath([{ s: 'b' }, { s: 'a' }], '{.s}'), [{ s: 'a' }, { s: 'b' }]);
});
