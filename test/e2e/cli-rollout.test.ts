// Revisions of tasks against the real API: history, undo, status (C-27, C-28, C-29).
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const manifest = (command: string, cause?: string) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: hello
  labels: {team: fin}
${cause === undefined ? '' : `  annotations: {cloudtask.dev/change-cause: "${cause}"}\n`}spec:
  schedules:
  - cron: "0 2 * * *"
  run:
    command: ["${command}"]
`;

const ages = (text: string) => text.replace(/ \d+s$/gm, ' 0s');

t.test('history, undo, status', async (t) => {
  const { center, user } = await startCliWorld(t);
  const apply = (command: string, cause?: string) => user.type('apply -f -', { input: manifest(command, cause) });
  const commands = async () => (await center.task('hello')).spec.run.command;
  await apply('one');
  await apply('two', 'a better way');

  await t.test('C-27: the latest first', async (t) => {
    const { code, stdout, stderr } = await user.type('rollout history task/hello');
    t.same(
      { code, stdout: ages(stdout), stderr },
      {
        code: 0,
        stdout:
          'REVISION   CHANGE-CAUSE   AUTHOR   AGE\n' +
          '2          a better way   admin    0s\n' +
          '1          <none>         admin    0s\n',
        stderr: '',
      },
    );
    t.equal(ages((await user.type('history hello')).stdout), ages(stdout));
    t.match((await user.type('history hello -o json')).stdout, /"kind": "RevisionList"/);
    const first = await user.type('rollout history task/hello --revision=1 -o yaml');
    t.match(first.stdout, /^apiVersion: cloudtask.dev\/v1\nkind: Task\nmetadata:\n {2}name: hello\n(.*\n)*spec:\n/);
    t.match(
      await user.type('apply --dry-run=server -f -', { input: first.stdout }),
      { stdout: 'task.cloudtask.dev/hello configured (server dry run)\n', stderr: '' },
      'what it prints can be applied',
    );
    t.match(await user.type('history hello --revision=2'), {
      stdout: /^task\.cloudtask\.dev\/hello with revision #2\nSpec:\n {2}\S/,
    });
    t.match(await user.type('history hello --revision=7'), {
      code: 5,
      stderr: /unable to find specified revision 7 in history/,
    });
    t.match(await user.type('history nope'), { code: 5 });
    t.match(await user.type('history hello --revision=x'), { code: 2 });
  });

  await t.test('C-28: undo makes a new revision', async (t) => {
    t.same(await user.type('rollout undo task/hello --dry-run=server'), {
      ...{ code: 0, stdout: 'task.cloudtask.dev/hello rolled back (server dry run)\n', stderr: '' },
    });
    t.same(await commands(), ['two']);
    const line = { code: 0, stdout: 'task.cloudtask.dev/hello rolled back\n', stderr: '' };
    t.same(await user.type('rollout undo task/hello'), line);
    t.same(await commands(), ['one']);
    t.match(ages((await user.type('rollout history task/hello')).stdout), /^REVISION.*\n3 +<none> .*\n2 +a better way/);
    t.same(await user.type('rollout undo task hello --to-revision=3'), {
      code: 0,
      stdout: 'task.cloudtask.dev/hello skipped rollback (current template already matches revision 3)\n',
      stderr: '',
    });
    t.same(await user.type('rollout undo hello --to-revision 2'), line);
    t.same((await center.task('hello')).metadata.annotations, { 'cloudtask.dev/change-cause': 'a better way' });
    t.match(await user.type('rollout undo hello --to-revision 99'), { code: 5 });
    t.match(await user.type('rollout undo hello --to-revision latest'), { code: 2 });
  });

  await t.test('G-25: a member of a set is only undone until its next apply', async (t) => {
    for (const command of ['a', 'b']) {
      await user.type('apply --applyset prod -f -', { input: manifest(command).replace('hello', 'member') });
    }
    t.same(await user.type('rollout undo member'), {
      ...{ code: 0, stdout: 'task.cloudtask.dev/member rolled back\n' },
      stderr:
        'Warning: task.cloudtask.dev/member belongs to applyset "prod"; the next apply of the set takes this back\n',
    });
  });

  await t.test('a task that was suspended for its harm is not started by the undo', async (t) => {
    await apply('bad');
    t.match(await user.type('rollout pause hello'), { stdout: 'task.cloudtask.dev/hello suspended\n' });
    t.match(await user.type('rollout undo hello'), { stdout: 'task.cloudtask.dev/hello rolled back\n' });
    t.match((await center.task('hello')).spec, { suspend: true, run: { command: ['two'] } });
    t.match(await user.type('rollout resume task/hello'), { stdout: 'task.cloudtask.dev/hello resumed\n' });
    t.match(await user.type('create task fresh --schedule @daily -- x'), { code: 0 });
    t.match(await user.type('rollout undo fresh'), { code: 5, stderr: /no last revision to roll back to/ });
  });

  await t.test('C-29: status waits until the latest generation is in force', async (t) => {
    t.same(await user.type('rollout status task/hello --watch=false'), {
      ...{ code: 1, stdout: 'task "hello" is not ready: the center has not looked at it yet\n', stderr: '' },
    });
    const key = { kind: 'Task', namespace: 'default', name: 'hello' } as const;
    const { generation } = (await center.task('hello')).metadata;
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Allocated' };
    const conditions = [{ ...ready, message: 'an agent runs the task' }] as const;
    const old = { observedGeneration: generation! - 1, conditions: [...conditions] };
    await center.store.updateStatus(key, old);
    const watch = user.start(['rollout', 'status', 'hello', '--timeout', '1m']);
    await watch.until(({ stdout }) => stdout.includes('the latest generation is not in force yet'));
    const soon = new Date(Date.now() + 3_630_000).toISOString();
    await center.store.updateStatus(key, { ...old, observedGeneration: generation!, nextTime: soon });
    t.match(await watch.done, { code: 0, stdout: /\ntask "hello" is active: next run \S+Z \(in \d+m\)\n$/ });
    t.match(await user.type('rollout status nope'), { code: 5 });
    t.match(await user.type('rollout status fresh --timeout 50ms'), { code: 8 });
  });
});

t.test('C-12: apply --wait=ready', async (t) => {
  const { center, user } = await startCliWorld(t);
  const key = (name: string) => ({ kind: 'Task', namespace: 'default', name }) as const;
  const inForce = async (name: string, reason = 'Allocated') => {
    const observedGeneration = (await center.task(name)).metadata.generation!;
    const status = reason === 'Allocated' ? 'True' : 'False';
    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const ready = {
      type: 'Ready',
      status,
      lastTransitionTime,
      reason,
      message: 'as it is',
      observedGeneration,
    } as const;
    await center.store.updateStatus(key(name), { observedGeneration, conditions: [ready] });
  };
  const input = `${manifest('one')}---\n${manifest('one').replace('hello', 'other')}`;
  const apply = (more: readonly string[] = []) =>
    user.start(['apply', '--wait=ready', '-v', '6', '-f', '-', ...more], { input });
  const waits = (count: number) => (session: { stderr: string }) => session.stderr.split('watch=1').length > count;

  const first = apply();
  await first.until(waits(1));
  for (const name of ['hello', 'other']) await inForce(name);
  t.match(await first.done, { code: 0, stdout: /hello created\n.*other created\n$/s });
  t.match(await apply().done, { code: 0, stdout: /other unchanged\n$/ }, 'what is in force is not waited for');

  await user.type('apply -f -', { input: manifest('two') });
  const late = await apply(['--timeout', '100ms', '--force-conflicts']).done;
  t.match(late, {
    code: 8,
    stdout: /hello configured\n/,
    stderr: /timed out waiting for the condition on tasks\/hello/,
  });
  const refused = apply();
  await refused.until(waits(1));
  await inForce('hello', 'TaskRefused');
  t.match(await refused.done, { code: 1, stderr: /error: task "hello" is not ready: as it is/ });
  t.match(await user.type('apply --wait=never -f -', { input }), { code: 2 });
});
