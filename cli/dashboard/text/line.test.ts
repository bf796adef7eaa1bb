import fc from 'fast-check';
import stringWidth from 'string-width';
import t from 'tap';
import { cellsOf, fit, fitLine, fitMiddle, lineCells, shorten } from './line.js';

t.test('what fits stays, what does not ends with an ellipsis', async (t) => {
  t.equal(fit('report', 8), 'report  ');
  t.equal(fit('12', 4, 'right'), '  12');
  t.equal(fit('nightly-report', 8), 'nightly…');
  t.equal(shorten('日本語の名前', 6), '日本…', 'wide characters are not cut in half');
  t.equal(fit('日本語', 4), '日… ');
  t.equal(shorten('e\u0301te\u0301', 3), 'e\u0301te\u0301', 'combining marks take no cell');
  t.equal(shorten('anything', 0), '');
});

t.test('names of runs keep their ends', async (t) => {
  t.equal(fitMiddle('nightly-m7x2q', 16), 'nightly-m7x2q   ');
  t.equal(fitMiddle('refresh-exchange-rates-m7x2q', 16), 'refresh-e…-m7x2q');
  t.equal(fitMiddle('給与計算-給与計算-m7x2q', 13), '給与計…-m7x2q');
});

t.test('any text takes exactly the width it is given (T-52)', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !/\p{C}/u.test(value));
  const width = fc.integer({ min: 1, max: 60 });
  fc.assert(fc.property(text, width, (value, cells) => cellsOf(fit(value, cells)) === cells));
  fc.assert(fc.property(text, width, (value, cells) => cellsOf(fitMiddle(value, cells)) === cells));
});

t.test('a line is cut as a whole, its spans keep their meaning', async (t) => {
  const line = [
    { text: 'nightly ', bold: true as const },
    { text: 'Failed', meaning: 'bad' as const },
    { text: ' 3m' },
  ];
  t.equal(lineCells(fitLine(line, 30)), 30);
  t.strictSame(fitLine(line, 11), [line[0], { text: 'Fa…', meaning: 'bad' }]);
  t.strictSame(fitLine(line, 14), [line[0], { text: 'Faile…', meaning: 'bad' }], 'the missing rest shows');
  t.strictSame(fitLine(line, 17), line);
});

t.test('plain texts are counted faster, and the same', async (t) => {
  const others: number[] = [];
  for (let code = 0; code < 0x10000; code += 1) {
    const character = String.fromCharCode(code);
    if (cellsOf(character) !== stringWidth(character)) others.push(code);
  }
  t.same(others, []);
  const drawn = fc.constantFrom(...'a │█…–▸●✓\u0301\ufe0f日');
  const unit = fc.oneof(drawn, fc.string({ unit: 'grapheme' }));
  fc.assert(fc.property(fc.array(unit), (parts) => cellsOf(parts.join('')) === stringWidth(parts.join(''))));
});
