// Runs on demand against the real API; the test plays the agent.
import t from 'tap';
import type { Run, RunReason } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import type { CliSession } from '../support/cli-terminal.js';
import { startCliWorld } from '../support/cli-world.js';

const HELLO =
  'apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: hello}\nspec: {run: {command: [/bin/true]}}\n';

/** The run that a session has announced. */
async function announced(session: CliSession, center: CliCenter): Promise<Run> {
  const pattern = /run\.cloudtask\.dev\/(\S+) created/;
  await session.until(({ stdout, stderr }) => pattern.test(stdout + stderr));
  const name = pattern.exec(session.stdout + session.stderr)![1]!;
  return (await center.store.get<Run>({ kind: 'Run', namespace: 'default', name }))!;
}

t.test('run', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: HELLO });
  const now = Date.now();
  const finish = async (
    run: Run,
    text: string,
    words: { state: 'Succeeded' | 'Failed'; exitCode?: number; signal?: string; reason?: RunReason },
  ) => {
    await center.progress(run, { state: 'Running', startTime: now });
    if (text !== '') await center.output(run, text);
    await center.output(run, '', { end: true });
    await center.progress(run, { ...words, startTime: now, endTime: now + 1000 });
  };

  await t.test('starts and goes on', async (t) => {
    t.match(await user.type('run hello'), {
      code: 0,
      stdout: /^run\.cloudtask\.dev\/hello-\w{10} created\n$/,
      stderr: '',
    });
    t.match(JSON.parse((await user.type('run hello -o json')).stdout), { kind: 'Run', spec: { trigger: 'Manual' } });
    t.match(await user.type('run nope'), { code: 5 });
  });

  await t.test('with arguments and variables', async (t) => {
    const { stdout } = await user.run([
      'run',
      'hello',
      '--env',
      'A=1',
      '--env=B=x=y',
      '-o',
      'json',
      '--',
      '--flag',
      '-n',
      'v',
    ]);
    t.match(JSON.parse(stdout), {
      spec: {
        args: ['--flag', '-n', 'v'],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: 'x=y' },
        ],
      },
    });
  });

  await t.test('-f shows the output and ends as the run does (C-69)', async (t) => {
    const fine = user.start(['run', 'hello', '-f']);
    await finish(await announced(fine, center), 'hi\n', { state: 'Succeeded', exitCode: 0 });
    t.match(await fine.done, { code: 0, stdout: 'hi\n', stderr: /^run\.cloudtask\.dev\/hello-\w+ created\n$/ });
    for (const [flags, end, code] of [
      [[], { exitCode: 42 }, 1],
      [['--propagate-exit-code'], { exitCode: 42 }, 42],
      [['--propagate-exit-code'], { signal: 'SIGTERM' }, 143],
    ] as const) {
      const failed = user.start(['run', 'hello', '--follow', ...flags]);
      await finish(await announced(failed, center), 'oh\n', { state: 'Failed', ...end });
      t.match(await failed.done, {
        code,
        stdout: 'oh\n',
        stderr: /run hello-\w+: Failed \((exit code 42|signal SIGTERM)\)/,
      });
    }
  });

  await t.test('--wait ends as the run does, without its output', async (t) => {
    const waiting = user.start(['run', 'hello', '--wait']);
    await finish(await announced(waiting, center), 'quiet\n', { state: 'Succeeded', exitCode: 0 });
    t.match(await waiting.done, { code: 0, stdout: /^run\S+ created\n$/, stderr: /^run hello-\w+: Succeeded/ });
    t.match(await user.type('run hello --wait --timeout 50ms'), {
      code: 8,
      stderr: /has not ended in time; it goes on/,
    });
  });

  await t.test('Ctrl-C leaves the run, or cancels it when asked to (C-69)', async (t) => {
    const left = user.start(['run', 'hello', '-f']);
    const first = await announced(left, center);
    await center.progress(first, { state: 'Running', startTime: now });
    left.signal('SIGINT');
    const { name } = first.metadata;
    t.match(await left.done, {
      code: 130,
      stderr: `detached from run ${name}, which goes on; to end it: ctask cancel run/${name}`,
    });
    t.equal((await center.store.getByUid<Run>('Run', first.metadata.uid!))?.spec.cancelRequestedTime, undefined);

    const cancelling = user.start(['run', 'hello', '--wait', '--cancel-on-interrupt']);
    const second = await announced(cancelling, center);
    await center.progress(second, { state: 'Running', startTime: now });
    cancelling.signal('SIGTERM');
    t.match(await cancelling.done, { code: 143, stderr: `run.cloudtask.dev/${second.metadata.name} cancel requested` });
    t.ok((await center.store.getByUid<Run>('Run', second.metadata.uid!))?.spec.cancelRequestedTime);
  });
});
