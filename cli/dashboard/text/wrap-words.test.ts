import fc from 'fast-check';
import t from 'tap';
import { cellsOf, type Line, lineCells } from './line.js';
import { textOf } from './spans.js';
import { wrapWords } from './wrap-words.js';

const wrapped = (line: Line, width: number) => wrapWords(line, width).map(textOf);

t.test('between words; a word that is too long where it must', async (t) => {
  t.strictSame(wrapped([{ text: 'Hand over the tasks, each when it ended.' }], 20), [
    'Hand over the tasks,',
    'each when it ended.',
  ]);
  t.strictSame(wrapped([{ text: 'a nightly-report' }], 8), ['a', 'nightly-', 'report']);
  t.strictSame(wrapped([], 8), ['']);
  t.strictSame(wrapped([{ text: '給与計算 is due' }], 8), ['給与計算', 'is due'], 'wide letters take two cells');
});

t.test('a word keeps the spans it is made of', async (t) => {
  const line: Line = [{ text: 'Run ' }, { text: 'nightly', bold: true }, { text: '.' }];
  t.strictSame(wrapped(line, 8), ['Run', 'nightly.']);
  t.strictSame(wrapWords(line, 8)[1], [{ text: 'nightly', bold: true }, { text: '.' }]);
});

t.test('no row is wider than it may be, and no letter is lost', async () => {
  // What is wider than two cells is in no row of two: some signs of music, by the tables that widths come from.
  const sign = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
    .filter((value) => !/\p{C}/u.test(value) && cellsOf(value) <= 2);
  const text = fc.array(sign, { maxLength: 80 }).map((signs) => signs.join(''));
  const property = fc.property(fc.array(text, { maxLength: 4 }), fc.integer({ min: 2, max: 40 }), (texts, width) => {
    const line = texts.map((one) => ({ text: one }));
    const rows = wrapWords(line, width);
    const letters = (lines: readonly Line[]) => lines.map(textOf).join('').replaceAll(' ', '');
    return rows.every((row) => lineCells(row) <= width) && letters(rows) === letters([line]);
  });
  fc.assert(property);
});
