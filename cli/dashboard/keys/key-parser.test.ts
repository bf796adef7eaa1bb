import t from 'tap';
import { parseKey, pasteKey } from './key-parser.js';

const names = (...reads: string[]) => reads.map((read) => parseKey(read)?.name);

t.test('keys have the names that the help shows', async (t) => {
  t.strictSame(names('j', 'G', ' ', '\r', '\t', '\u007f'), ['j', 'shift-g', 'space', 'enter', 'tab', 'backspace']);
  t.strictSame(names('\u0004', '\u000b', '\u0000', '\u001c'), ['ctrl-d', 'ctrl-k', 'ctrl-space', 'ctrl-\\']);
  t.strictSame(names('\u001b', '\u001b[A', '\u001bOB', '\u001b[5~', '\u001b[H'), [
    'esc',
    'up',
    'down',
    'pageup',
    'home',
  ]);
  t.strictSame(names('\u001b[Z', '\u001b[1;2C', '\u001b[1;5D'), ['shift-tab', 'shift-right', 'ctrl-left']);
  t.strictSame(parseKey('日'), { name: '日', text: '日' });
});

t.test('what is no key is none', async (t) => {
  t.strictSame(names('\u001b[99~', '\u001b[I', '\u001bx'), [undefined, undefined, undefined]);
});

t.test('a paste is one text in one line, whatever is in it', async (t) => {
  t.strictSame(pasteKey('night\r\n\u001b[31mly\n'), { name: 'paste', text: 'night [31mly' });
});
