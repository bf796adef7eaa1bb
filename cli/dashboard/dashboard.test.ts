// The dashboard against a real center: what is watched, what keys do there, and what happens when the connection is lost.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Run, Task } from '../../manifests/index.js';
import { openWorld } from '../../test/support/dashboard-world.js';

t.test('objects come, change and go by themselves', async (t) => {
  const { user, terminal, shows, done } = await openWorld(t, ['nightly', 'hourly']);
  await shows('Tasks(default)[2]', 'nightly', 'hourly');
  await user.run(['suspend', 'nightly']);
  await terminal.until(() => terminal.line('nightly')?.includes('⊖ Suspended') === true);
  await user.run(['delete', 'task', 'hourly']);
  await shows('Tasks(default)[1]');
  await terminal.press('q');
  t.equal(await done, 0);
});

t.test('texts about an object are those of the commands (T-21, T-22)', async (t) => {
  const { user, terminal, shows } = await openWorld(t, ['nightly']);
  await shows('[1]', 'nightly');
  await terminal.press('d');
  await shows('Describe(default/nightly) task', 'Concurrency Policy');
  const { stdout } = await user.run(['describe', 'task', 'nightly']);
  for (const line of stdout.split('\n').slice(0, 4)) t.match(terminal.text(), line.trimEnd());
  await terminal.press('esc', 'y');
  await shows('YAML(default/nightly) task', 'kind: Task');
  await terminal.press('esc', 'x');
  await shows('Next(default/nightly)', '0 2 * * *');
  await terminal.press('esc', 'w');
  await shows('Why(default/nightly) task', 'Findings');
});

t.test('a task is suspended, resumed, triggered and deleted (T-25, T-27, T-28)', async (t) => {
  const typed = ['suspend other --until 2h'];
  const { center, terminal, shows } = await openWorld(t, ['nightly', 'other'], { typed });
  await shows('[2]', 'nightly');
  await terminal.press('s');
  await shows('task/nightly suspended', '⊖ Suspended');
  await terminal.press('s');
  await shows('task/nightly resumed');
  await terminal.press('j', 's');
  await shows('task/other resumed');
  await terminal.press('k');
  await terminal.press('t');
  await shows('Trigger', 'Run nightly now.');
  await terminal.press('shift-tab', 'shift-tab', 'shift-tab');
  await terminal.type('--full "two words"');
  await terminal.press('tab');
  await terminal.type('MODE=all');
  await terminal.press('tab', 'tab', 'enter');
  await shows('Logs(default/nightly-');
  const { items } = await center.store.list<Run>('Run');
  t.match(items, [{ spec: { args: ['--full', 'two words'], env: [{ name: 'MODE', value: 'all' }] } }]);
  await terminal.press('esc', 'ctrl-d');
  await shows('Delete 1 task?', 'nightly');
  await terminal.press('enter');
  await terminal.until((text) => !text.includes('Delete 1 task?'));
  t.match(terminal.text(), 'Tasks(default)[2]', 'Enter alone deletes nothing');
  await terminal.press('ctrl-d', 'tab', 'enter');
  await shows('Tasks(default)[1]', 'task "nightly" deleted');
});

t.test('a task with parameters asks for them (T-27)', async (t) => {
  const spec = {
    parameters: [
      { name: 'region', required: true, values: ['eu', 'us'] },
      { name: 'count', type: 'Integer', default: '3', maximum: 9 },
    ],
    schedules: [],
  };
  const typed = [`patch task nightly --type merge -p '${JSON.stringify({ spec })}'`];
  const { center, terminal, shows } = await openWorld(t, ['nightly'], { typed });
  await shows('[1]', 'nightly');
  await terminal.press('t');
  await shows('Run nightly now.', 'region', 'count');
  await terminal.press('shift-tab', 'enter');
  await shows('region is required');
  await terminal.press('tab', 'right', 'right', 'tab', '4');
  await shows('count must be at most 9');
  await terminal.press('backspace', 'backspace', '7', 'tab', 'tab', 'tab', 'tab');
  await terminal.until((text) => !text.includes('count must be'));
  await terminal.press('enter');
  await shows('Logs(default/nightly-');
  const { items } = await center.store.list<Run>('Run');
  const parameters = [
    { name: 'region', value: 'us' },
    { name: 'count', value: '7' },
  ];
  t.match(items, [{ spec: { parameters } }]);
  await terminal.press('esc', 't');
  await shows('Run nightly now.');
  await terminal.press('esc');
  await terminal.until((text) => !text.includes('Run nightly now.'));
  t.equal((await center.store.list('Run')).items.length, 1, 'Esc leaves');
});

t.test('several tasks at once: asked about, done, told together', async (t) => {
  const { center, terminal, shows } = await openWorld(t, ['a', 'b', 'c']);
  await shows('[3]', 'a', 'b', 'c');
  await terminal.press('space', 'space', 'space', 's');
  await shows('Suspend 3 tasks?', 'default/a', 'default/b', 'default/c');
  await terminal.press('enter');
  await shows('3 suspended');
  const { items } = await center.store.list<Task>('Task');
  t.strictSame(
    items.map(({ spec }) => spec.suspend),
    [true, true, true],
  );
  await terminal.press('ctrl-d', 'tab', 'enter');
  await shows('Tasks(default)[0]', '3 deleted');
});

t.test('an object is edited in the editor of the user', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'ctask-editor-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const editor = join(directory, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i "s/0 2 \\* \\* \\*/30 4 * * */" "$1"\n');
  chmodSync(editor, 0o755);
  const { terminal, shows } = await openWorld(t, ['nightly'], { env: { CTASK_EDITOR: editor } });
  await shows('[1]', '0 2 * * *');
  await terminal.press('e');
  await shows('task/nightly edited', '30 4 * * *');
});

t.test('runs of a task, their log, and the way back (T-20, T-23)', async (t) => {
  const { center, terminal, shows } = await openWorld(t, ['nightly', 'other']);
  const point = Date.parse('2026-11-22T02:00:00Z');
  const run = await center.scheduled('nightly', point, { state: 'Running', startTime: point });
  await center.output(run, 'first line\n\u001b[31mred\u001b[0m \u001b]0;title\u0007\n');
  await center.scheduled('other', point, { state: 'Failed', exitCode: 3, startTime: point, endTime: point + 5 });
  await shows('[2]', 'nightly');
  await terminal.press('enter');
  await shows('Runs(default/nightly)[1]', 'Running', '<tasks> <runs>');
  await terminal.press('enter');
  await shows('Logs(default/nightly-', 'first line', 'red ^[]0;title^G');
  await center.output(run, 'one more\n');
  await shows('one more');
  await terminal.press('esc');
  await shows('Runs(default/nightly)[1]');
  await terminal.press('ctrl-k');
  await shows('End this run', 'nightly-');
  await terminal.press('tab', 'enter');
  await shows('cancel requested');
  await terminal.press('esc');
  await shows('Tasks(default)[2]');
});

t.test('a center that is away is told, and waited for', async (t) => {
  const { center, terminal, shows } = await openWorld(t, ['nightly']);
  await shows('[1]', 'nightly');
  await center.hangUp();
  await shows('disconnected', 'retrying', 'nightly');
  await center.listen();
  await terminal.until((text) => !text.includes('disconnected'));
  await center.scheduled('nightly', Date.parse('2026-11-22T02:00:00Z'), { state: 'Succeeded', exitCode: 0 });
  await terminal.type(':ru');
  await terminal.press('enter');
  await shows('Runs(default)[1]', 'Succeeded');
});

t.test('read-only: no key of those that write does anything', async (t) => {
  const { center, terminal, shows } = await openWorld(t, ['nightly'], { readOnly: true });
  await shows('[1]', '[RO]');
  const before = await center.task('nightly');
  for (const key of ['s', 't', 'e', 'ctrl-d']) {
    await terminal.press(key);
    t.match(terminal.text(), `<${key}> is refused: read-only mode`);
  }
  t.strictSame(await center.task('nightly'), before);
});

t.test('names and copies (T-33)', async (t) => {
  const { terminal, shows, copied } = await openWorld(t, ['nightly']);
  await shows('[1]');
  await terminal.press('c');
  await shows('copied nightly');
  t.match(copied.join(''), `\u001b]52;c;${Buffer.from('nightly').toString('base64')}\u0007`);
});

t.test('another context is another life', async (t) => {
  const { terminal, shows, done } = await openWorld(t, ['nightly'], { context: 'far' });
  await shows('Context  local', '[1]');
  await terminal.type(':ctx nowhere');
  await terminal.press('enter');
  await shows('no context "nowhere"');
  await terminal.type(':ctx');
  await terminal.press('enter');
  await shows('Contexts[2]', 'far', '▸ local');
  await terminal.press('k', 'enter');
  await shows('Context  far', 'Tasks(default)[1]');
  await terminal.press('ctrl-c');
  t.equal(await done, 0);
});
