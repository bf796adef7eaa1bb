import t from 'tap';
import { escapeControls, LogNeutralizer, safeCell } from './terminal-safety.js';

t.test('controls become visible (C-51)', async (t) => {
  t.equal(escapeControls('a\u001b]0;title\u0007b\u0000\u007f\u009b31m\n\t'), 'a^[]0;title^Gb^@^?\\u009b31m\n\t');
  t.equal(safeCell('first\r\nsecond'), 'first...');
  t.equal(safeCell('tab\there'), 'tab here');
  t.equal(safeCell('Grüße 日本 \u05d0\u200f'), 'Grüße 日本 \u05d0\u200f', 'languages that run the other way do so');
  t.equal(safeCell('rm \u202egnp'), 'rm \\u202egnp', 'nothing else is turned around');
});

t.test('of a log, colours and line ends pass', async (t) => {
  const log = new LogNeutralizer();
  const text = log.write(Buffer.from('\u001b[1;31mred\u001b[0m\r\n\u001b[2Jgone\u001b]0;x\u0007\rover'));
  t.equal(text + log.end(), '\u001b[1;31mred\u001b[0m\r\n^[[2Jgone^[]0;x^G^Mover');
});

t.test('what is cut between two pieces is put together', async (t) => {
  const bytes = Buffer.from('ä\u001b[32mgrün\u001b[0m\r\n\u001b[2J');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const log = new LogNeutralizer();
    const text = log.write(bytes.subarray(0, cut)) + log.write(bytes.subarray(cut)) + log.end();
    t.equal(text, 'ä\u001b[32mgrün\u001b[0m\r\n^[[2J', `cut at ${cut}`);
  }
});

t.test('an endless sequence is not held for ever', async (t) => {
  const log = new LogNeutralizer();
  t.match(log.write(Buffer.from(`\u001b[${'1;'.repeat(40)}`)), /^\^\[\[1;/);
});
