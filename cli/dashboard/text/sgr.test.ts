import t from 'tap';
import { expandTabs, parseSgr, withoutSgr } from './sgr.js';

const ESC = '\u001b';

t.test('colours of 16, 256 and 24 bits, with semicolons and colons', async (t) => {
  const style = (codes: string) => parseSgr(`${ESC}[${codes}mx`)[0]?.style;
  t.same(style('31'), { foreground: 1 });
  t.same(style('97;41'), { foreground: 15, background: 1 });
  t.same(style('38;5;208'), { foreground: 208 });
  t.same(style('48;2;255;0;10'), { background: '#ff000a' });
  t.same(style('38:2::1:2:3'), { foreground: '#010203' });
  t.same(style('38;2;1;2;3;1'), { foreground: '#010203', bold: true }, 'what follows a colour counts');
  t.same(style('1;3;4;7;9;2'), { bold: true, italic: true, underline: true, inverse: true, strike: true, dim: true });
});

t.test('styles end', async (t) => {
  t.same(parseSgr(`${ESC}[1;31mbad${ESC}[22m less${ESC}[39m plain${ESC}[m.`), [
    { text: 'bad', style: { bold: true, foreground: 1 } },
    { text: ' less', style: { foreground: 1 } },
    { text: ' plain' },
    { text: '.' },
  ]);
});

t.test('nonsense changes nothing and shows nothing', async (t) => {
  for (const codes of ['38;5;999', '38;2;1', '38', '999', ':', '38;5']) {
    t.same(
      parseSgr(`${ESC}[${codes}mx`).map(({ text }) => text),
      ['x'],
      codes,
    );
  }
  t.same(parseSgr(`${ESC}[2Jx`), [{ text: '^[[2Jx' }], 'no other sequence passes');
});

t.test('the text without its colours', async (t) => {
  t.equal(withoutSgr(`a${ESC}[31mb${ESC}[0mc`), 'abc');
  t.equal(expandTabs('a\tb'), 'a       b');
  t.equal(expandTabs('\t', 5), '   ');
  t.same(parseSgr(`abc${ESC}[1m\tx`)[1]?.text, '     x', 'a tab goes to the next stop of the line, not of the span');
});
