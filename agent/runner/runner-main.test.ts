import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { createRig } from './fixtures/rig.js';
import { createRunnerClient } from './runner-client.js';

t.setTimeout(120_000);
const rig = createRig(t);
const [node = '', script = ''] = rig.runnerEntry;
const runner = (...args: string[]) =>
  spawn(node, [script, rig.dataDir, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });

t.test('ends by itself when nobody needs it, and gives its lock back', async (t) => {
  t.same(await once(runner('7', '50'), 'exit'), [0, null]);
  t.same(
    readdirSync(join(rig.dataDir, 'runner')).filter((name) => name.endsWith('.lock')),
    [],
  );
});

t.test('ends by itself too when its last launch starts nothing after the agent has gone', async (t) => {
  const dataDir = t.testdir();
  const process = spawn(node, [script, dataDir, '0', '50'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = once(process, 'exit');
  const client = createRunnerClient({ dataDir, clock: systemClock, log: silentLogger, runnerEntry: rig.runnerEntry });
  await client.start();
  const request = rig.attempt('never', ['/bin/true'], { notBefore: Date.now() + 300 });
  const launch = client.launch({ ...request, directory: join(dataDir, 'removed meanwhile') });
  await Promise.all([t.rejects(launch, { code: 'CT_RUNNER' }), client.detach()]);
  t.same(await exit, [0, null]);
});

t.test('a second one for the same directory and index leaves at once', async (t) => {
  const first = runner('8', '60000');
  await once(first.stderr, 'data');
  t.same(await once(runner('8', '60000'), 'exit'), [0, null]);
  first.kill('SIGTERM');
  await once(first.stderr, 'data');
  t.equal(first.exitCode, null, 'a stop signal does not end it: processes depend on it');
  first.kill('SIGKILL');
  await once(first, 'exit');
});

t.test('a runner that cannot start is an error with what it said', async (t) => {
  const runnerEntry = [process.execPath, '-e', 'throw new Error("no such luck")'];
  const client = createRunnerClient({ dataDir: t.testdir(), clock: systemClock, log: silentLogger, runnerEntry });
  await t.rejects(client.start(), { code: 'CT_RUNNER', message: /no such luck/ });
  await client.detach();
});

t.test('a data directory with a long path works too', async (t) => {
  const dataDir = join(t.testdir(), 'x'.repeat(100));
  const client = createRunnerClient({ dataDir, clock: systemClock, log: silentLogger, runnerEntry: rig.runnerEntry });
  await client.start();
  t.ok(existsSync(join(dataDir, 'runner')));
  t.notOk(readdirSync(join(dataDir, 'runner')).some((name) => name.endsWith('.sock')));
  await client.shutdown({ force: false });
});
