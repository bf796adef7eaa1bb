// spec.history.bytes in a whole installation: old output goes, runs stay, and ctask logs says why there is none.
import t from 'tap';
import type { Run } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';

const TASK = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: chatty}
spec:
  history: {bytes: 150Ki}
  run: {script: "head -c 100000 /dev/zero | tr '\\\\0' x; echo; echo end"}
`;

t.test('history.bytes', { timeout: 180_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const up = await startUp(user);
  await user.ok(['apply', '-f', '-'], { input: TASK });
  for (let i = 0; i < 3; i++) await user.ok(['run', 'chatty', '-f']);
  const { items } = await user.json<{ items: Run[] }>(['get', 'runs']);
  const runs = items.map(({ metadata }) => metadata.name);
  t.equal(runs.length, 3);
  const oldest = runs.at(-1)!;
  const removed = /^\[ctask: 100005 bytes of output were removed: over the 150 KiB of history\.bytes of the task\]\n$/;
  const texts = async () => Promise.all(runs.map((name) => user.ok(['logs', `run/${name}`])));
  const deadline = performance.now() + 60_000;
  let logs = await texts();
  while (logs.filter((text) => removed.test(text)).length < 2 && performance.now() < deadline) logs = await texts();
  t.match(logs[2], removed, 'the oldest went first');
  t.match(logs[1], removed);
  t.match(logs[0], /x\nend\n$/, 'the latest stays');
  t.match(await user.ctask(['logs', `run/${oldest}`, '-f']), { code: 0, stdout: removed });
  t.match(await user.ctask(['logs', `run/${oldest}`, '--tail', '1']), { code: 0, stdout: removed });
  t.equal((await user.json<{ items: Run[] }>(['get', 'runs'])).items.length, 3);
  const refused = TASK.replace('150Ki', 'much');
  t.match(await user.ctask(['apply', '-f', '-'], { input: refused }), { code: 7, stderr: /spec\.history\.bytes/ });
  await up.end('SIGINT');
});
