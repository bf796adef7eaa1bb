// The terminal session on a real pseudo-terminal: taken, lent to an editor, stopped by a shell, given back.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { repository } from '../support/ctask.js';
import { noPty, Pty } from '../support/pty.js';

const { NODE_OPTIONS: _, ...env } = process.env;
const program = `"${process.execPath}" --import="file://${join(repository, 'node_modules/tsx/dist/esm/index.mjs')}" "${join(repository, 'test/support/terminal-program.ts')}"`;
const skip = noPty() ?? false;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const CLEARED = /\u001b\[[23]J/;

async function started(t: Test, lines: readonly string[], ready = 'ready 80x24'): Promise<Pty> {
  const pty = new Pty(lines, { env, cwd: t.testdir() });
  t.teardown(() => pty.running.end('SIGKILL'));
  await pty.until(({ text }) => text.startsWith(ready), 'the program draws');
  return pty;
}

t.test('what is drawn, typed, pasted and told (I-10)', { skip, timeout: 120_000 }, async (t) => {
  const pty = await started(t, ['stty -a > before', `${program} --mouse`, 'stty -a > after']);
  t.match(pty.text, /row 1\n.*row 23$/s);
  t.equal(pty.text.split('\n').length, 24, 'all rows are used');
  pty.type('\u001b[A');
  await pty.until(({ text }) => text.startsWith('key "\\u001b[A"'), 'a key');
  pty.type('\u001b[200~:q\r\u001b[201~');
  await pty.until(({ text }) => text.startsWith('pasted: ":q\\r"'), 'a paste');
  pty.type('\u001b[<0;5;3M');
  await pty.until(({ text }) => text.startsWith('left at 4,2'), 'the mouse');
  pty.type('w');
  await pty.until(({ text }) => text.startsWith('told: a warning'), 'what went to standard error');
  pty.type('n');
  await pty.until(({ text }) => text.startsWith('told: Warning: of node'), 'what Node warns of');
  pty.resize(40, 10);
  await pty.until(({ text }) => text.startsWith('told: Warning: of node 40x10'), 'the new size');
  t.equal(pty.text.split('\n').length, 10);
  pty.resize(100, 30);
  await pty.until(
    ({ text }) => text.startsWith('told: Warning: of node 100x30') && text.endsWith('row 29'),
    'and back',
  );
  t.notOk(CLEARED.test(pty.written), 'the terminal is never cleared (I-04)');
  pty.resize(80, 24);
  pty.type('q');
  await pty.done;
  t.equal(pty.file('after'), pty.file('before'));
  t.same(pty.strayModes, []);
});

t.test('lent to an editor (I-14)', { skip, timeout: 120_000 }, async (t) => {
  const pty = await started(t, ['stty -a > before', program, 'stty -a > after']);
  pty.type('e');
  await pty.until(({ text, whole }) => !whole && text.includes('editing'), 'the editor has the terminal');
  pty.type('j\u007fwords of the user\n');
  await pty.until(({ text, whole }) => whole && text.startsWith('edited with 3'), 'and the program has it again');
  t.match(pty.text, /row 1\n.*row 23$/s, 'everything is drawn anew');
  t.equal(pty.file('edited'), 'words of the user', 'keys and their correction went to the editor only');
  t.equal(pty.file('during'), pty.file('before'));
  pty.type('j');
  await pty.until(({ text }) => text.startsWith('key "j"'), 'keys are the program’s again');
  pty.type('q');
  await pty.done;
  t.equal(pty.file('after'), pty.file('before'));
  t.same(pty.strayModes, []);
});

t.test('Ctrl-C in the editor ends the editor only', { skip, timeout: 120_000 }, async (t) => {
  const pty = await started(t, [program, 'echo "code $?"']);
  pty.type('e');
  await pty.until(({ text, whole }) => !whole && text.includes('editing'), 'the editor has the terminal');
  pty.type('\u0003');
  await pty.until(({ text, whole }) => whole && text.startsWith('edited with null'), 'the program goes on');
  pty.type('q');
  await pty.done;
  t.match(pty.text, 'code 0');
});

t.test('stopped and continued by a shell (I-12)', { skip, timeout: 120_000 }, async (t) => {
  const script = `set -m; ${program}; stty -a > stopped; read line; fg; echo "code $?"; stty -a > after`;
  const pty = await started(t, ['stty -a > before', `exec bash -c '${script}'`]);
  pty.type('z');
  await pty.until(({ text, whole }) => !whole && /Stopped/.test(text), 'the shell has the terminal');
  t.same(pty.strayModes, []);
  pty.type('\n');
  await pty.until(({ text, whole }) => whole && text.startsWith('continued'), 'it goes on');
  t.match(pty.text, /row 1\n.*row 23$/s);
  t.equal(pty.file('stopped'), pty.file('before'));
  pty.type('q');
  await pty.done;
  t.match(pty.text, 'code 0');
  t.equal(pty.file('after'), pty.file('before'));
});
