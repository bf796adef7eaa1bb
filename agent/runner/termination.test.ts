import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { platform } from '../platform/index.js';
import { limitMark } from '../platform/limits/limit-mark.js';
import { readEnvironment, readLimitMark } from '../platform/process-table.js';
import { readStarted } from './attempt-files.js';
import { createRig, exitOf, fixture, until } from './fixtures/rig.js';
import type { LaunchRequest } from './runner.js';

t.setTimeout(120_000);
const linux = process.platform !== 'linux' && 'only Linux shows the limits of others';
const rig = createRig(t);
const client = await rig.client();
const PROCESSES = 6;

/** The processes that daemon.sh left behind have all said who they are. */
async function pidsOf(name: string): Promise<number[]> {
  const directory = join(rig.dataDir, 'pids', name);
  const read = () => readdirSync(directory).map((file) => readFileSync(join(directory, file), 'utf8'));
  await until(() => {
    try {
      return read().filter((text) => text.endsWith('\n')).length === PROCESSES;
    } catch {
      return false; // the directory is not there yet
    }
  });
  return read().map(Number);
}

const alive = (pids: readonly number[]) => pids.filter((pid) => platform.processAlive(pid, undefined));
const daemons = (name: string) => [fixture('daemon.sh'), join(rig.dataDir, 'pids', name)];

t.test('a timeout ends the whole tree, daemons and those that ignore SIGTERM too', async (t) => {
  const request = rig.attempt('timeout', daemons('timeout'), { timeoutMs: 1000, gracePeriodMs: 300 });
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  const pids = await pidsOf('timeout');
  t.equal(alive(pids).length, PROCESSES);
  t.match(await ended, { timedOut: true, cancelled: undefined, signal: 'SIGTERM' });
  t.same(alive(pids), [], 'nothing is left when the end is told');
});

t.test('so does a cancel', async (t) => {
  const request = rig.attempt('cancel', daemons('cancel'));
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  const pids = await pidsOf('cancel');
  client.cancel(request.directory, 300);
  client.cancel(request.directory, 300);
  t.match(await ended, { cancelled: true, timedOut: undefined });
  t.same(alive(pids), []);
  client.cancel(request.directory, 0);
});

t.test('the tree has its grace period for an orderly end', async (t) => {
  const script = 'trap "echo cleaned; exit 7" TERM; echo ready; while :; do sleep 0.05; done';
  const request = rig.attempt('orderly', ['/bin/sh', '-c', script]);
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  await until(() => rig.read('orderly', 'stdout') !== '');
  client.cancel(request.directory, 60_000);
  t.match(await ended, { cancelled: true, exitCode: 7 });
  t.equal(rig.read('orderly', 'stdout'), 'ready\ncleaned\n');
});

t.test('two trees side by side: only the one that is meant is ended', async (t) => {
  const one = rig.attempt('one', daemons('one'));
  const other = rig.attempt('other', daemons('other'));
  const ended = exitOf(client, one.directory);
  await Promise.all([client.launch(one), client.launch(other)]);
  const [pids, others] = [await pidsOf('one'), await pidsOf('other')];
  client.cancel(one.directory, 100);
  await ended;
  t.same(alive(pids), []);
  t.equal(alive(others).length, PROCESSES);
  const otherEnded = exitOf(client, other.directory);
  client.cancel(other.directory, 0);
  t.match(await otherEnded, { signal: 'SIGKILL' });
  t.same(alive(others), []);
});

t.test('a bomb that forks faster than one can look is ended', async (t) => {
  const script = 'bomb() { sleep 0.01; bomb & }; bomb & bomb & bomb & wait; sleep 1000';
  const request = rig.attempt('bomb', ['/bin/sh', '-c', script]);
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  client.cancel(request.directory, 100);
  t.match(await ended, { cancelled: true });
  t.same(platform.findMarked(['CTASK_RUN_ID=run-bomb']), []);
});

t.test('a second cancel may shorten the grace period of the first one, and never lengthens it', async (t) => {
  const request = rig.attempt('shorter', ['/bin/sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done']);
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  await until(() => rig.read('shorter', 'stdout') !== '');
  client.cancel(request.directory, 3_600_000);
  client.cancel(request.directory, 100);
  client.cancel(request.directory, 3_600_000);
  t.match(await ended, { cancelled: true, signal: 'SIGKILL' });
});

t.test('a daemon without environment is known by its limit', { skip: linux }, async (t) => {
  const [one, other] = ['hidden-one', 'hidden-other'].map((name) => {
    const directory = join(rig.dataDir, 'pids', name);
    return { directory, request: rig.attempt(name, [fixture('hidden-daemon.sh'), directory]) };
  }) as [Hidden, Hidden];
  const ended = exitOf(client, one.request.directory);
  await Promise.all([client.launch(one.request), client.launch(other.request)]);
  await until(() => [one, other].every(({ directory }) => existsSync(join(directory, 'ready'))));
  const [pid, otherPid] = [one, other].map(({ directory }) => Number(readFileSync(join(directory, 'hidden'), 'utf8')));
  t.same(readEnvironment(pid!), new Set(['']), 'it has none');
  t.equal(readLimitMark(pid!), limitMark(['CTASK_RUN_ID=run-hidden-one', 'CTASK_ATTEMPT=1']));
  client.cancel(one.request.directory, 100);
  t.match(await ended, { cancelled: true });
  t.same(alive([pid!]), []);
  t.same(alive([otherPid!]), [otherPid], 'that of another run lives');

  // The runner that marked it is gone; the next one knows it as well.
  const runner = readStarted(other.request.directory)?.runnerPid;
  t.equal(readLimitMark(runner!), undefined, 'the runner does not carry what it lends');
  const otherEnded = exitOf(client, other.request.directory);
  process.kill(runner!, 'SIGKILL');
  client.cancel(other.request.directory, 100);
  t.match(await otherEnded, { cancelled: true });
  t.same(alive([otherPid!]), []);
});

interface Hidden {
  readonly directory: string;
  readonly request: LaunchRequest;
}
