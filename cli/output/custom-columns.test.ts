import t from 'tap';
import { CustomTable, parseColumnsFile, parseCustomColumns } from './custom-columns.js';

const objects = [
  { metadata: { name: 'a', labels: { 'x,y': 'q' } }, spec: { ports: [1, 2] } },
  { metadata: { name: 'b' }, spec: { on: false } },
];

t.test('C-41: columns by path, what is missing is <none>', async (t) => {
  const columns = parseCustomColumns(
    "NAME:.metadata.name,PORTS:{.spec.ports[*]},L:.metadata.labels['x,y'],ON:spec.on,ALL:.spec",
  );
  t.equal(
    new CustomTable(columns, true).render(objects),
    [
      'NAME   PORTS    L        ON       ALL',
      'a      1,2      q        <none>   {"ports":[1,2]}',
      'b      <none>   <none>   false    {"on":false}',
      '',
    ].join('\n'),
  );
  t.equal(new CustomTable(parseCustomColumns('N:.metadata.name'), false).render(objects), 'a\nb\n');
});

t.test('from a file: headers above paths', async (t) => {
  const columns = parseColumnsFile('NAME  ON\n.metadata.name   .spec.on\n', 'c.txt');
  t.equal(new CustomTable(columns, true).render(objects), 'NAME   ON\na      <none>\nb      false\n');
  t.throws(() => parseColumnsFile('NAME ON\n.metadata.name', 'c.txt'), { message: /^c\.txt: number of headers \(2\)/ });
  t.throws(() => parseColumnsFile('', 'c.txt'), { code: 'CT_USAGE' });
});

t.test('what is no column', async (t) => {
  t.throws(() => parseCustomColumns(''), {
    message: 'custom-columns format specified but no custom columns given',
  });
  t.throws(() => parseCustomColumns('NAME'), {
    message: 'unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>',
  });
  for (const spec of ['NAME:', ':.a', 'A:.a[x]', 'A:.a,B'])
    t.throws(() => parseCustomColumns(spec), { code: 'CT_USAGE' }, spec);
});
