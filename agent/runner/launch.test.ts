import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { abortLaunch, createMarker, prepareMarker, readExit, readStarted, rewriteMarker } from './attempt-files.js';
import { createRig, exitOf } from './fixtures/rig.js';
import type { LaunchRequest, RunnerClient } from './runner.js';

const rig = createRig(t);
const client: RunnerClient = await rig.client();

async function run(request: LaunchRequest) {
  const ended = exitOf(client, request.directory);
  t.equal((await client.launch(request)).kind, 'started');
  return ended;
}

t.test('tells the exit code and keeps both streams apart', async (t) => {
  const request = rig.attempt('code', ['/bin/sh', '-c', 'echo out; echo err >&2; exit 3']);
  const exit = await run(request);
  t.match(exit, { exitCode: 3, signal: undefined, timedOut: undefined, cancelled: undefined });
  t.equal(rig.read('code', 'stdout'), 'out\n');
  t.equal(rig.read('code', 'stderr'), 'err\n');
  t.same(readExit(request.directory), exit, 'the same is on disk');
});

t.test('tells the signal, and exit 143 from SIGTERM', async (t) => {
  const killed = await run(rig.attempt('signal', ['/bin/sh', '-c', 'kill -TERM $$']));
  t.match(killed, { signal: 'SIGTERM', exitCode: undefined });
  t.equal((await run(rig.attempt('code143', ['/bin/sh', '-c', 'exit 143']))).exitCode, 143);
});

t.test('a program that cannot be started is a failure, not a run', async (t) => {
  const missing = rig.attempt('missing', ['/no/such/program']);
  t.match(await client.launch(missing), { kind: 'failed', code: 'ENOENT' });
  t.match(readStarted(missing.directory), { startError: { code: 'ENOENT' }, pid: undefined });
  writeFileSync(join(rig.dataDir, 'not-executable'), 'x', { mode: 0o644 });
  const denied = rig.attempt('denied', [join(rig.dataDir, 'not-executable')]);
  t.match(await client.launch(denied), { kind: 'failed', code: 'EACCES' });
  const nowhere = rig.attempt('nowhere', ['/bin/true'], { workingDir: '/no/such/directory' });
  t.match(await client.launch(nowhere), { kind: 'failed', code: 'ENOENT' });
  t.match(await client.launch(rig.attempt('empty', [])), { kind: 'failed', code: 'EINVAL' });
  const ended = exitOf(client, missing.directory);
  client.watch(missing.directory);
  t.match(
    await ended,
    { neverStarted: true, startError: { code: 'ENOENT' } },
    'who did not hear it can still learn it',
  );
});

t.test('gives the process exactly the environment, directory and input that were asked for', async (t) => {
  const stdinFile = join(rig.dataDir, 'input');
  writeFileSync(stdinFile, 'from the file\n');
  const workingDir = join(rig.dataDir, 'somewhere');
  mkdirSync(workingDir);
  await run(rig.attempt('surroundings', ['/usr/bin/env', '-0'], { env: { ONLY: 'this' } }));
  t.equal(rig.read('surroundings', 'stdout'), 'ONLY=this\0');
  await run(rig.attempt('input', ['/bin/sh', '-c', 'pwd; cat'], { stdinFile, workingDir }));
  t.equal(rig.read('input', 'stdout'), `${workingDir}\nfrom the file\n`);
  await run(rig.attempt('no-input', ['/bin/cat']));
  t.equal(rig.read('no-input', 'stdout'), '', 'the end of the input is there at once');
});

t.test('keeps every byte of a long output', async (t) => {
  const script = 'i=0; while [ $i -lt 10000 ]; do i=$((i+1)); echo "line $i of a long output"; done';
  await run(rig.attempt('long', ['/bin/sh', '-c', script]));
  const expected = Array.from({ length: 10_000 }, (_, i) => `line ${i + 1} of a long output\n`).join('');
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  t.equal(sha(rig.read('long', 'stdout')), sha(expected));
});

t.test('ends with its direct child, and leaves alone what that left behind', async (t) => {
  await run(rig.attempt('leftover', ['/bin/sh', '-c', 'sleep 30 & echo $!']));
  const pid = Number(rig.read('leftover', 'stdout'));
  t.doesNotThrow(() => process.kill(pid, 0), 'still alive');
  process.kill(pid, 'SIGKILL');
});

t.test('never starts early, and not at all after the deadline', async (t) => {
  const times: { asked: number; started: number }[] = [];
  await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      const notBefore = Date.now() + 20 + 7 * i;
      const request = rig.attempt(`ahead-${i}`, ['/bin/date', '+%s%N'], { notBefore, startBefore: notBefore + 60_000 });
      await run(request);
      times.push({ asked: notBefore, started: Number(rig.read(`ahead-${i}`, 'stdout')) / 1e6 });
    }),
  );
  t.same(
    times.filter(({ asked, started }) => started < asked),
    [],
  );
  const late = rig.attempt('late', ['/bin/true'], { startBefore: Date.now() - 1 });
  t.same(await client.launch(late), { kind: 'tooLate' });
  t.notOk(existsSync(join(late.directory, 'started')));
});

t.test('a recovering agent that wins the marker stops a launch that is still waiting', async (t) => {
  const request = rig.attempt('aborted', ['/bin/sh', '-c', 'touch ran'], { notBefore: Date.now() + 150 });
  const outcome = client.launch(request);
  t.equal(abortLaunch(request.directory), 'aborted');
  t.same(await outcome, { kind: 'aborted' });
  t.notOk(existsSync(join(rig.dataDir, 'ran')));
  t.equal(abortLaunch(request.directory), 'aborted', 'asking again gives the same answer');
  const ended = exitOf(client, request.directory);
  client.watch(request.directory);
  t.match(await ended, { neverStarted: true });
});

t.test('a marker that was prepared is made once, and who loses leaves no trace in it', async (t) => {
  const { directory } = rig.attempt('prepared', ['/bin/true']);
  prepareMarker(directory);
  const fd = createMarker(directory, { pid: 1, startTime: 2 })!;
  t.equal(createMarker(directory, { pid: 11111, startTime: 22222, bootId: 'another' }), undefined);
  t.same(readStarted(directory), { pid: 1, startTime: 2 });
  rewriteMarker(fd, { pid: 1, startTime: 2, processStart: '3' });
  closeSync(fd);
  t.same(readStarted(directory), { pid: 1, startTime: 2, processStart: '3' });
});

t.test('a launch that is cancelled before its time never starts', async (t) => {
  const request = rig.attempt('withdrawn', ['/bin/true'], { notBefore: Date.now() + 60_000 });
  const launched = client.launch(request);
  client.cancel(request.directory, 1000);
  t.same(await launched, { kind: 'aborted' });
  t.equal(existsSync(join(request.directory, 'started')), false);
});

t.test('a directory is launched once, however many ask', async (t) => {
  const second = await rig.client(2);
  const request = rig.attempt('once', ['/bin/sh', '-c', 'echo x; sleep 0.2']);
  const ended = Promise.race([exitOf(client, request.directory), exitOf(second, request.directory)]);
  const outcomes = await Promise.allSettled([
    client.launch(request),
    second.launch(request),
    second.launch(request),
    second.launch(request),
  ]);
  t.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
  t.match(
    outcomes.filter((o) => o.status === 'rejected').map((o) => o.reason.code),
    ['CT_RUNNER', 'CT_RUNNER', 'CT_RUNNER'],
  );
  await ended;
  t.equal(rig.read('once', 'stdout'), 'x\n');
  t.equal(abortLaunch(request.directory), 'taken');
});
