// The dashboard while its center is dead: what is shown stays, says how old it is, and comes back to life by itself (T-13, T-61).
import { join } from 'node:path';
import t from 'tap';
import { program } from '../support/ctask.js';
import { Fleet } from '../support/fleet.js';
import { noPty, Pty } from '../support/pty.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const skip = noPty() ?? false;
/** Half a minute with CTASK_TEST_LONG=1. */
const LOST_SECONDS = process.env.CTASK_TEST_LONG === '1' ? 30 : 5;
const task = (name: string) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}}
spec:
  schedules: [{cron: "0 2 * * *"}]
  run: {command: [/bin/true]}
`;

t.test('a center is killed and comes back', { skip, timeout: 240_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const zookeeper = await startZooKeeper({ tickMs: 1000 });
  t.teardown(() => zookeeper.stop());
  const fleet = new Fleet({ zookeeper: zookeeper.connectString, agents: 0, tasks: {} });
  t.teardown(() => fleet.stop());
  await fleet.start();
  const { home } = fleet.user;
  await fleet.user.ok(['apply', '-f', '-'], { input: `${task('a-first')}---\n${task('nightly')}` });
  const { NO_COLOR: _, ...env } = fleet.user.env;
  const state = join(home, 'state');
  const pty = new Pty([`"${process.execPath}" "${program}" ui; echo "ended with $?"`], {
    cwd: home,
    env: { ...env, XDG_STATE_HOME: state, CTASK_SERVER: fleet.url, CTASK_TOKEN_FILE: fleet.adminTokenFile },
  });
  t.teardown(() => pty.running.end('SIGKILL'));
  await pty.until(({ text }) => text.includes('Tasks(default)[2]') && text.includes('nightly'), 'it draws', 60_000);
  t.equal(pty.dim('nightly'), false);

  await fleet.center.end('SIGKILL');
  await pty.until(({ text }) => /disconnected \d+s, retrying/.test(text), 'the banner');
  pty.type('d');
  await pty.until(
    ({ text }) => /cannot reach|refused|connect/i.test(text.split('\n').at(-1) ?? ''),
    'what fails is said',
  );
  await pty.until(
    ({ text }) => Number(/disconnected (\d+)s, retrying/.exec(text)?.[1]) >= LOST_SECONDS,
    'it goes on saying so',
    (LOST_SECONDS + 30) * 1000,
  );
  t.match(pty.text, /nightly +0 2 \* \* \*/, 'what is known stays');
  t.equal(pty.dim('nightly'), true, 'and is dim');

  await fleet.startCenter(Number(new URL(fleet.url).port));
  await pty.until(({ text }) => !text.includes('disconnected'), 'it is back by itself', 60_000);
  t.equal(pty.dim('nightly'), false);
  await fleet.user.ok(['apply', '-f', '-'], { input: task('another') });
  await pty.until(({ text }) => text.includes('Tasks(default)[3]'), 'and follows again');
  pty.type('q');
  await pty.done;
  t.match(pty.text, 'ended with 0');
});
