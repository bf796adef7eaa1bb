// Editors on a real pseudo-terminal, of ctask edit and of the dashboard: what is typed in them is theirs, Ctrl-C included.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startCliWorld } from '../support/cli-world.js';
import { program } from '../support/ctask.js';
import { noPty, Pty } from '../support/pty.js';

const skip = noPty() ?? false;
const ctask = `"${process.execPath}" "${program}"`;
const TASK = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: nightly}
spec:
  schedules: [{cron: "0 2 * * *"}]
  run: {command: [/bin/true]}
`;

/** As editors do it: a Ctrl-C interrupts what they are at, and they go on until their user leaves them, here with Enter. */
const EDITOR = `#!/bin/sh
trap 'echo interrupted' INT
echo >> rounds
grep '^# \\*' "$1" > told
echo "round $(wc -l < rounds)"
until [ -e leave ]; do read line && touch leave; done
rm leave
sed -i 's/cron: .*/cron: 30 4 * * */' "$1"
`;

async function world(t: Test, line: string) {
  const { center, user } = await startCliWorld(t);
  const directory = user.home;
  writeFileSync(join(directory, 'editor.sh'), EDITOR);
  t.equal((await user.type('apply -f -', { input: TASK })).code, 0);
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: _certificates, ...inherited } = process.env;
  const editor = `sh ${join(directory, 'editor.sh')}`;
  const pty = new Pty([`${ctask} ${line}; echo "ended with $?"`], {
    cwd: directory,
    env: {
      ...{ ...inherited, HOME: user.home, XDG_STATE_HOME: join(user.home, 'state') },
      ...{ CTASK_CONFIG: join(user.home, 'config.yaml'), CTASK_EDITOR: editor },
    },
  });
  t.teardown(() => pty.running.end('SIGKILL'));
  return { center, user, pty };
}

t.test('Ctrl-C typed in the editor of ctask edit does not end it', { skip, timeout: 120_000 }, async (t) => {
  const { center, pty } = await world(t, 'edit task nightly');
  await pty.until(({ text }) => text.includes('round 1'), 'the editor has the terminal');
  pty.type('\u0003');
  await pty.until(({ text }) => text.includes('interrupted'), 'the editor has the key');
  pty.type('\n');
  await pty.done;
  t.match(pty.text, /task.cloudtask.dev\/nightly edited\nended with 0/);
  t.match((await center.task('nightly')).spec.schedules, [{ cron: '30 4 * * *' }]);
});

t.test(
  'an editor of the dashboard, and a conflict with somebody who was faster (T-24)',
  { skip, timeout: 120_000 },
  async (t) => {
    const { center, user, pty } = await world(t, 'ui');
    await pty.until(({ text, whole }) => whole && text.includes('0 2 * * *'), 'the task is shown', 60_000);
    pty.type('e');
    await pty.until(({ text, whole }) => !whole && text.includes('round 1'), 'the editor has the terminal');
    t.equal((await user.type('label task nightly team=fin')).code, 0);
    pty.type('\u0003');
    await pty.until(({ text }) => text.includes('interrupted'), 'the editor has the key');
    pty.type('\n');
    await pty.until(({ text, whole }) => !whole && text.includes('round 2'), 'the conflict is shown in the editor');
    t.match(pty.file('told'), 'the object has been modified meanwhile');
    pty.type('\n');
    await pty.until(({ text, whole }) => whole && text.includes('task/nightly edited'), 'the dashboard is back');
    await pty.until(({ text }) => text.includes('30 4 * * *'), 'and shows what was saved');
    t.match(await center.task('nightly'), {
      metadata: { labels: { team: 'fin' } },
      spec: { schedules: [{ cron: '30 4 * * *' }] },
    });
    pty.type('q');
    await pty.done;
    t.match(pty.text, 'ended with 0');
  },
);
