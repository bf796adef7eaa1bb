import t from 'tap';
import { Table } from './table.js';

t.test('columns are as wide as their widest cell, at least 6, with three blanks between (C-35)', async (t) => {
  const table = new Table({ headers: ['NAME', 'X', 'AGE'] });
  t.equal(
    table.render([
      ['nightly-report', '1', '31d'],
      ['a', '22222', '2s'],
    ]),
    ['NAME             X       AGE', 'nightly-report   1       31d', 'a                22222   2s', ''].join('\n'),
  );
});

t.test('rows that follow stand under the first ones', async (t) => {
  const table = new Table({ headers: ['NAME', 'STATUS'] });
  table.render([['long-name-of-a-task', 'Active']]);
  t.equal(table.render([['b', 'Running']]), 'b                     Running\n');
});

t.test('nothing for no rows; the header comes with the first row', async (t) => {
  const table = new Table({ headers: ['NAME'] });
  t.equal(table.render([]), '');
  t.equal(table.render([['x']]), 'NAME\nx\n');
  t.equal(new Table({ headers: ['NAME'], noHeaders: true }).render([['x']]), 'x\n');
});

t.test('a cell cannot break the table or the terminal (C-51)', async (t) => {
  const table = new Table({ headers: ['A', 'B'], noHeaders: true });
  t.equal(table.render([['one\ntwo', '\u001b[31mred\u0007']]), 'one...   ^[[31mred^G\n');
});

t.test('the last column is cut to a terminal, never when piped', async (t) => {
  const row = [['name', 'x'.repeat(100)]];
  t.equal(new Table({ headers: ['A', 'B'], noHeaders: true, width: 30 }).render(row), `name   ${'x'.repeat(20)}...\n`);
  t.equal(new Table({ headers: ['A', 'B'], noHeaders: true }).render(row).length, 108);
});

t.test('colour does not shift columns', async (t) => {
  const table = new Table({ headers: ['STATUS', 'AGE'], coloured: new Set(['STATUS']) });
  const text = table.render([
    ['Failed', '1s'],
    ['Succeeded', '2s'],
  ]);
  const plain = text.replaceAll('\u001b[31m', '').replaceAll('\u001b[32m', '').replaceAll('\u001b[0m', '');
  t.equal(plain, 'STATUS      AGE\nFailed      1s\nSucceeded   2s\n');
  t.match(text, '\u001b[31mFailed\u001b[0m');
});
