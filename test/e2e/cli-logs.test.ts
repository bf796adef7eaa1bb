// Output of runs against the real API; the test plays the agent.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { Run } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import type { CliUser } from '../support/cli-terminal.js';
import { startCliWorld } from '../support/cli-world.js';

const HELLO =
  'apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: hello}\nspec: {run: {command: [/bin/true]}}\n';

async function setUp(t: Test): Promise<{ center: CliCenter; user: CliUser }> {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: HELLO });
  return { center, user };
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

  await t.test('what has not arrived yet is told of, and only then', async (t) => {
    const startTime = now + 180_000;
    const run = await center.scheduled('hello', startTime, { state: 'Running', startTime });
    await center.output(run, 'one\n');
    const { name } = run.metadata;
    const head = `# run ${name} (attempt 1, agent a1)\n`;
    const note = `# run ${name} has ended, but not all of its output has arrived; -f waits for the rest\n`;
    t.same(await user.type(`logs run/${name}`), { code: 0, stdout: 'one\n', stderr: head }, 'it runs');
    await center.progress(run, { state: 'Succeeded', exitCode: 0, startTime, endTime: startTime + 1000 });
    t.same(await user.type(`logs run/${name} --tail 1`), { code: 0, stdout: 'one\n', stderr: head + note });
    await center.output(run, 'two\n', { end: true });
    t.same(await user.type(`logs run/${name} --tail 1`), { code: 0, stdout: 'two\n', stderr: head });
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

  await t.test('one log that cannot be read (C-67)', async (t) => {
    const server = await withoutLogOf(t, center.url, name);
    const line = `logs -s ${server} -l team=fin --tail=1`;
    const gone = `run ${name}: runs.cloudtask.dev "${name}" not found`;
    t.match(await user.type(line), { code: 5, stdout: '', stderr: /not found/ }, 'ends it');
    const ignoring = await user.type(`${line} --ignore-errors`);
    t.same(ignoring, { code: 0, stdout: 'joined\n', stderr: `error: ${gone}\n` }, 'the others are shown');

    const joined = await center.scheduled('two', now + 120_000, running);
    await center.output(joined, 'begun\n');
    t.match(await user.type(`${line} -f`), { code: 5 });
    const session = user.start(`${line} -f --ignore-errors`.split(' '));
    await session.until(({ stdout, stderr }) => stderr.includes(gone) && stdout.includes('begun\n'));
    await center.output(joined, 'goes on\n');
    await session.until(({ stdout }) => stdout.includes('goes on\n'));
    session.signal('SIGINT');
    t.match(await session.done, { code: 130 });
  });

  await t.test('beyond --max-log-requests a run that begins waits for the end of another', async (t) => {
    const solo = HELLO.replace('{name: hello}', '{name: solo, labels: {team: ops}}');
    t.match(await user.type('apply -f -', { input: solo }), { code: 0 });
    const first = await center.scheduled('solo', now, running);
    await center.output(first, 'first\n');
    const session = user.start('logs -f -l team=ops --max-log-requests 1'.split(' '));
    await session.until(({ stdout }) => stdout === 'first\n');
    const second = await center.scheduled('solo', now + 60_000, running);
    await center.output(second, 'second\n');
    await center.output(first, 'still first\n', { end: true });
    await session.until(({ stdout }) => stdout === 'first\nstill first\n');
    await center.scheduled('solo', now, ended);
    await session.until(({ stdout }) => stdout === 'first\nstill first\nsecond\n');
    session.signal('SIGINT');
    t.match(await session.done, { code: 130, stderr: '' });
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
    const none = await user.type('logs -l team=fin --attempt 2');
    t.match(none, { code: 5, stdout: '' });
    t.match(none.stderr, /^(# run "\S+" has no attempt 2; it has 1\n)+error: none of these runs has an attempt 2\n$/);
    const again = await center.scheduled('two', now + 600_000, { ...ended, attempt: 2 });
    await center.output(again, 'try 1\n', { attempt: 1, end: true });
    await center.output(again, 'try 2\n', { attempt: 2, end: true });
    t.match(await user.type('logs -l team=fin --all-runs --attempt 2'), {
      ...{ code: 0, stdout: 'try 2\n' },
      stderr: /^(# run "\S+" has no attempt 2; it has 1\n)+$/,
    });
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

/** An address at which everything of the center is found but the log of one run. */
async function withoutLogOf(t: Test, center: string, run: string): Promise<string> {
  const message = `runs.cloudtask.dev "${run}" not found`;
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404, reason: 'NotFound', message };
  const front = createServer((asked, answer) => {
    if (asked.url?.includes(`/runs/${run}/log`)) {
      answer.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(status));
      return;
    }
    const { method, headers } = asked;
    const passed = request(center + asked.url, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    front.closeAllConnections();
    front.close();
  });
  return `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
}
