// Runs and their output against the real API; the test plays the agent.
import t, { type Test } from 'tap';
import type { Run } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import type { CliSession, CliUser } from '../support/cli-terminal.js';
import { startCliWorld } from '../support/cli-world.js';

const HELLO =
  'apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: hello}\nspec: {run: {command: [/bin/true]}}\n';

async function setUp(t: Test): Promise<{ center: CliCenter; user: CliUser }> {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: HELLO });
  return { center, user };
}

/** The run that a session has announced. */
async function announced(session: CliSession, center: CliCenter): Promise<Run> {
  const pattern = /run\.cloudtask\.dev\/(\S+) created/;
  await session.until(({ stdout, stderr }) => pattern.test(stdout + stderr));
  const name = pattern.exec(session.stdout + session.stderr)![1]!;
  return (await center.store.get<Run>({ kind: 'Run', namespace: 'default', name }))!;
}

t.test('logs', async (t) => {
  const { center, user } = await setUp(t);
  const now = Date.parse('2026-11-22T12:00:00Z');

  await t.test('of a task that has not run', async (t) => {
    t.match(await user.type('logs task/hello'), { code: 5, stderr: 'error: task "hello" has not run yet\n' });
    t.match(await user.type('logs task/nope'), { code: 5 });
    t.match(await user.type('logs nope'), { code: 5 });
    const follow = user.start(['logs', '-f', 'task/hello']);
    await follow.until(({ stderr }) => stderr.includes('waiting for its first run'));
    const run = await center.scheduled('hello', now, { state: 'Running', startTime: now });
    await center.output(run, 'one\n');
    await follow.until(({ stdout }) => stdout === 'one\n');
    await center.output(run, 'two', { end: true });
    await center.scheduled('hello', now, { state: 'Succeeded', exitCode: 0, startTime: now, endTime: now + 1000 });
    const { code, stdout, stderr } = await follow.done;
    t.match({ code, stdout }, { code: 0, stdout: 'one\ntwo' });
    t.match(stderr, `# run ${run.metadata.name} (attempt 1, agent a1)\n`);
  });

  await t.test('of the latest run, of the one before, of a run by name (C-62)', async (t) => {
    const later = await center.scheduled('hello', now + 60_000, {
      state: 'Failed',
      exitCode: 3,
      startTime: now + 60_000,
      endTime: now + 61_000,
    });
    await center.output(later, 'out 1\n', { time: now + 60_000 });
    await center.output(later, 'err 1\nerr', { stream: 'stderr', time: now + 60_500 });
    await center.output(later, 'out 2\n', { time: now + 60_600 });
    await center.output(later, ' 2\n', { stream: 'stderr', time: now + 60_900, end: true });
    const { name } = later.metadata;
    const stdout = async (line: string) => (await user.type(line)).stdout;
    t.equal(await stdout('logs task/hello'), 'out 1\nerr 1\nerrout 2\n 2\n');
    t.equal(await stdout('logs hello'), 'out 1\nerr 1\nerrout 2\n 2\n', 'a bare name that is no run is a task');
    t.equal(await stdout('logs -p task/hello'), 'one\ntwo');
    t.equal(await stdout(`logs ${name} --stream stdout`), 'out 1\nout 2\n');
    t.equal(await stdout(`logs ${name} --tail 1`), ' 2\n');
    t.equal(await stdout(`logs ${name} --since-time 2026-11-22T12:01:00.600Z`), 'out 2\n 2\n');
    t.equal(
      await stdout(`logs run/${name} --prefix --timestamps`),
      [
        `[run/${name}/stdout] 2026-11-22T12:01:00.000Z out 1`,
        `[run/${name}/stderr] 2026-11-22T12:01:00.500Z err 1`,
        `[run/${name}/stdout] 2026-11-22T12:01:00.600Z out 2`,
        `[run/${name}/stderr] 2026-11-22T12:01:00.500Z err 2`,
        '',
      ].join('\n'),
    );
    t.match(await user.type(`logs ${name} --propagate-exit-code`), { code: 3 });
    t.match(await user.type(`logs ${name} --attempt 2`), { code: 5, stderr: /has no attempt 2; it has 1/ });
    t.match(await user.type(`logs -p run/${name}`), { code: 5, stderr: /has no previous attempt/ });
  });

  await t.test('bytes pass through a pipe, a terminal is not commanded', async (t) => {
    const run = await center.scheduled('hello', now + 120_000, { state: 'Succeeded', startTime: now + 120_000 });
    await center.output(run, '\u001b[31mred\u001b[0m\u001b]0;title\u0007\n', { end: true });
    t.equal((await user.type('logs hello')).stdout, '\u001b[31mred\u001b[0m\u001b]0;title\u0007\n');
    t.equal((await user.type('logs hello', { tty: true })).stdout, '\u001b[31mred\u001b[0m^[]0;title^G\n');
    t.equal(
      (await user.type('logs hello --raw', { tty: true })).stdout,
      '\u001b[31mred\u001b[0m\u001b]0;title\u0007\n',
    );
  });
});

/** Lines, whatever their order. */
const sorted = (text: string): string[] => text.split('\n').filter(Boolean).sort();

t.test('logs of many runs (C-66), of following ones (C-63), and in part', async (t) => {
  const { center, user } = await startCliWorld(t);
  const labelled = (name: string) => HELLO.replace('{name: hello}', `{name: ${name}, labels: {team: fin}}`);
  await user.type('apply -f -', { input: `${labelled('one')}---\n${labelled('two')}---\n${HELLO}` });
  const now = Date.parse('2026-11-22T12:00:00Z');
  const running = { state: 'Running', startTime: now } as const;
  const ended = { state: 'Succeeded', exitCode: 0, startTime: now, endTime: now + 1000 } as const;
  const old = await center.scheduled('one', now - 60_000, ended);
  await center.output(old, 'old\n', { end: true });
  const one = await center.scheduled('one', now, running);
  const two = await center.scheduled('two', now, ended);
  await center.output(two, Array.from({ length: 12 }, (_, i) => `two ${i + 1}\n`).join(''), { end: true });
  await center.output(one, 'first\nhal');
  const name = one.metadata.name;

  await t.test('of each task the open run, or else the latest; ten lines of each', async (t) => {
    const { stdout } = await user.type('logs -l team=fin --prefix');
    const prefix = `[run/${two.metadata.name}/stdout]`;
    const lines = stdout.split('\n');
    t.equal(lines.length, 13);
    t.ok(lines.includes(`[run/${name}/stdout] first`) && lines.includes(`[run/${name}/stdout] hal`));
    t.ok(lines.includes(`${prefix} two 3`) && !lines.includes(`${prefix} two 2`));
    t.same(sorted((await user.type('logs -l team=fin --tail=1')).stdout), ['hal', 'two 12']);
    const painted = new RegExp(`^\u001b\\[3\\dm\\[run/${name}/stdout\\]\u001b\\[0m first$`, 'm');
    t.match((await user.type('logs -l team=fin --prefix', { tty: true })).stdout, painted, 'a colour for each run');
    t.match((await user.type('logs -l team=fin --all-runs')).stdout, 'old');
    t.match((await user.type('logs task/one --all-runs')).stdout, /^old\nfirst\n/);
    t.same(await user.type('logs -l team=none'), { code: 0, stdout: '', stderr: 'No resources found\n' });
    t.same(await user.type('logs -f -l team=fin --max-log-requests 1'), {
      code: 2,
      stdout: '',
      stderr:
        'error: you are attempting to follow 2 log streams, but maximum allowed concurrency is 1, use --max-log-requests to increase the limit\n',
    });
  });

  await t.test('runs that begin while one follows join; lines stay whole', async (t) => {
    const session = user.start('logs -v=6 -f -l team=fin --prefix --tail=0'.split(' '));
    await session.until(
      ({ stderr }) => new RegExp(`${name}/log\\S* 200`).test(stderr) && /runs\S+watch=1\S* 200/.test(stderr),
    );
    const line = (run: Run, text: string) => `[run/${run.metadata.name}/stdout] ${text}\n`;
    await center.output(one, 'f\nopen');
    await session.until(({ stdout }) => stdout.includes(line(one, 'f')));
    const joined = await center.scheduled('two', now + 60_000, running);
    await center.output(joined, 'joined\n');
    await session.until(({ stdout }) => stdout.includes(line(joined, 'joined')));
    await center.output(one, ' no more\n');
    await session.until(({ stdout }) => stdout.includes(line(one, 'open no more')));
    session.signal('SIGINT');
    t.match(await session.done, { code: 130 });
  });

  await t.test('--follow-next', async (t) => {
    const session = user.start(['logs', '-f', 'task/hello', '--follow-next']);
    await session.until(({ stderr }) => stderr.includes('waiting for its first run'));
    for (const step of [1, 2, 3]) {
      const run = await center.scheduled('hello', now + step, running);
      await center.output(run, `run ${step}\n`, { end: true });
      await center.scheduled('hello', now + step, { ...ended, state: step === 2 ? 'Failed' : 'Succeeded' });
      await session.until(({ stdout }) => stdout.endsWith(`run ${step}\n`));
    }
    session.signal('SIGINT');
    const { stdout, stderr } = await session.done;
    t.equal(stdout, 'run 1\nrun 2\nrun 3\n');
    t.equal(stderr.match(/^# run hello-\w+ \(attempt 1, agent a1\)$/gm)?.length, 3);
    t.match(await user.type('logs task/hello --follow-next'), { code: 2 });
    t.match(await user.type('logs -f run/x --follow-next'), { code: 2 });
  });

  await t.test('-o ndjson, --limit-bytes, an attempt that is not there (C-64, C-68)', async (t) => {
    const { stdout } = await user.type(`logs ${two.metadata.name} -o ndjson --tail 2`);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    const common = { stream: 'stdout', run: two.metadata.name, attempt: 1 };
    t.match(lines, [
      { ...common, seq: 1, line: 'two 11' },
      { ...common, seq: 2, line: 'two 12', time: /Z$/ },
    ]);
    t.equal((await user.type(`logs ${two.metadata.name} --limit-bytes 10`)).stdout, 'two 1\ntwo ');
    t.match(await user.type(`logs -f ${two.metadata.name} --attempt 3`), {
      code: 5,
      stderr: /has no attempt 3; it has 1/,
    });
    t.match(await user.type('logs'), { code: 2, stderr: /name a run or a task, or give -l/ });
    t.match(await user.type('logs task/two -l a=b'), { code: 2 });
  });

  await t.test('--grep, where the center looks; through a restart, neither twice nor lost', async (t) => {
    t.equal(
      (await user.type(`logs ${two.metadata.name} --grep '^two 1[0-2]?$'`)).stdout,
      'two 1\ntwo 10\ntwo 11\ntwo 12\n',
    );
    t.match(await user.type(`logs ${two.metadata.name} --grep '(a)\\1'`), { code: 2, stderr: /regular expression/ });
    const run = await center.scheduled('hello', now + 10, running);
    const session = user.start(['logs', '-f', run.metadata.name, '--grep', '(?i)^ERROR|end']);
    await center.output(run, 'error 1 be');
    await center.output(run, 'gins\nno error\nerror 2 on stderr\nerr', { stream: 'stderr' });
    await session.until(({ stdout }) => stdout === 'error 2 on stderr\n');
    await center.hangUp();
    await center.output(run, 'or 3\n', { stream: 'stderr' });
    await center.output(run, 'gun\nthe end');
    await center.listen();
    await center.output(run, '', { end: true });
    await center.scheduled('hello', now + 10, ended);
    const { code, stdout } = await session.done;
    t.same({ code, stdout }, { code: 0, stdout: 'error 2 on stderr\nerror 3\nerror 1 begun\nthe end\n' });
  });
});

t.test('followers go on through restarts of the center, without a gap or repetition (C-63)', async (t) => {
  const { center, user } = await setUp(t);
  const now = Date.now();
  const run = await center.scheduled('hello', now, { state: 'Running', startTime: now });
  const follow = user.start(['logs', '-f', `run/${run.metadata.name}`]);
  let expected = '';
  for (let round = 0; round < 4; round++) {
    for (let line = 0; line < 50; line++) {
      const text = `round ${round} line ${line} ${'x'.repeat(line)}\n`;
      expected += text;
      await center.output(run, text);
    }
    await center.hangUp();
    await center.output(run, `while away ${round}\n`);
    expected += `while away ${round}\n`;
    await center.listen();
    await follow.until(({ stdout }) => stdout.length >= expected.length);
  }
  await center.output(run, '', { end: true });
  await center.scheduled('hello', now, { state: 'Succeeded', exitCode: 0, startTime: now, endTime: now + 1 });
  const { code, stdout } = await follow.done;
  t.equal(code, 0);
  t.ok(stdout === expected, 'every byte once, in order');
});

t.test('run', async (t) => {
  const { center, user } = await setUp(t);
  const now = Date.now();
  const finish = async (
    run: Run,
    text: string,
    words: { state: 'Succeeded' | 'Failed'; exitCode?: number; signal?: string; reason?: string },
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
    t.match(await waiting.done, { code: 0, stdout: /^run\S+ created\n$/ });
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
