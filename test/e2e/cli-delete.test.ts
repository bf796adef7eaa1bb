// How tasks go (C-18, A-12): flags against the real API, and probe 20 against a whole installation.
import t from 'tap';
import type { Run } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';
import { startUp, User } from '../support/ctask.js';

const create = (name: string) => `create task ${name} --schedule @daily -- true`;

t.test('cascade', async (t) => {
  const { center, user } = await startCliWorld(t);
  for (const name of ['a', 'b', 'c']) await user.type(create(name));
  const gone = (name: string, verb = 'deleted') => `task.cloudtask.dev "${name}" ${verb} from default namespace\n`;

  await t.test('in the foreground the line is printed when the task is gone', async (t) => {
    t.match(await user.type('delete task a --cascade=foreground --timeout 1ms'), { code: 8, stdout: '' });
    const table = (await user.type('get task a')).stdout;
    t.match(table, /^a +@daily +Terminating +/m);
    t.match(await user.type('apply -f -', { input: (await user.type('get task a -o yaml')).stdout }), {
      ...{ code: 6, stderr: /is being deleted/ },
    });
    t.match(await user.type('run a'), { code: 6 });
    t.same(await user.type('delete task a --now --no-wait'), { code: 0, stdout: gone('a'), stderr: '' });
    const waiting = user.start(['delete', 'task', 'a', '--cascade=foreground', '-v', '6']);
    await waiting.until(({ stderr }) => /GET \S+\/tasks\/a/.test(stderr));
    await center.store.finishDeletion((await center.task('a')).metadata.uid!, { epoch: 1 });
    t.match(await waiting.done, { code: 0, stdout: gone('a') });
  });

  await t.test('by force it does not wait', async (t) => {
    await user.type('delete task b --cascade=foreground --no-wait');
    t.same(await user.type('delete task b --force'), { code: 0, stdout: gone('b', 'force deleted'), stderr: '' });
    t.match(await user.type('get task b'), { code: 5 });
  });

  await t.test('orphans', async (t) => {
    const now = Date.now();
    const run = await center.scheduled('c', now - 5000, { state: 'Succeeded', startTime: now, endTime: now });
    t.match(run.metadata.ownerReferences, [{ kind: 'Task', name: 'c', controller: true }]);
    t.same(await user.type('delete task c --cascade=orphan'), { code: 0, stdout: gone('c'), stderr: '' });
    const kept = JSON.parse((await user.type(`get run ${run.metadata.name} -o json`)).stdout) as Run;
    t.equal(kept.metadata.ownerReferences, undefined);
  });

  await t.test('a namespace of a file goes after what is in it', async (t) => {
    const namespace = 'apiVersion: cloudtask.dev/v1\nkind: Namespace\nmetadata: {name: inner}\nspec: {}\n';
    const spec = 'spec: {run: {command: [x]}}\n';
    const input = `${namespace}---\napiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: d, namespace: inner}\n${spec}`;
    t.match(await user.type('apply -f -', { input }), { code: 0 });
    t.same(await user.type('delete -f -', { input }), {
      ...{ code: 0, stderr: '' },
      stdout: 'task.cloudtask.dev "d" deleted from inner namespace\nnamespace.cloudtask.dev "inner" deleted\n',
    });
  });

  await t.test('undelete makes another task of the same kind', async (t) => {
    await user.type("create task slip --schedule '0 4 * * *' -- echo precious");
    const { uid } = (await center.task('slip')).metadata;
    await user.type('delete task slip');
    t.match((await user.type('undelete --list')).stdout, /^NAME +DELETED-BY +AGE\n(.*\n)*slip +admin +\d+s\n/);
    const line = (suffix = '') => ({ code: 0, stdout: `task.cloudtask.dev/slip restored${suffix}\n`, stderr: '' });
    t.same(await user.type('undelete task/slip --dry-run=server'), line(' (server dry run)'));
    t.same(await user.type('undelete task/slip'), line());
    const back = await center.task('slip');
    t.match(back.spec, { schedules: [{ cron: '0 4 * * *' }], run: { command: ['echo', 'precious'] } });
    t.not(back.metadata.uid, uid);
    t.match(await user.type('undelete slip'), { code: 6, stderr: /"slip" already exists/ });
    t.match(await user.type('undelete nope'), { code: 5, stderr: /not found among what was deleted lately/ });
    t.match(await user.type('undelete'), { code: 2 });
    t.match(await user.type('undelete --list -n billing'), { code: 0, stderr: /No tasks were deleted lately/ });
  });

  t.match(await user.type('delete task c --cascade=sideways'), { code: 2, stderr: /background, foreground, orphan/ });
  t.match(await user.type('delete task c --force --now'), { code: 2 });
});

t.test('probe 20: delete in the foreground while it runs', { timeout: 120_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  await startUp(user);
  await user.ok(['create', 'task', 't', '--schedule', '@daily', '--', 'sleep', '600']);
  const started = /run\.cloudtask\.dev\/(\S+) created/.exec(await user.ok(['run', 't']))![1]!;
  await user.eventually<Run>(['get', 'run', started], ({ status }) => status?.state === 'Running');
  const watch = user.start(['get', 'runs', '-w', '--output-watch-events', '-o', 'wide']);
  await watch.until(({ stdout }) => stdout.includes(started), 'the run is shown');
  const outcome = await user.ctask(['delete', 'task', 't', '--cascade=foreground']);
  t.match(outcome, { code: 0, stdout: 'task.cloudtask.dev "t" deleted from default namespace\n' });
  await watch.until(({ stdout }) => /MODIFIED +\S+ +Cancelled/.test(stdout), 'the run is cancelled');
  t.notMatch(await user.ok(['get', 'runs', '-o', 'name']), 'Running');
});
