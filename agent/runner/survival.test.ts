import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { CloudTaskError } from '../../base/index.js';
import { platform } from '../platform/index.js';
import { createMarker, readExit, readStarted, writeExit } from './attempt-files.js';
import { createRig, exitOf, fixture, until } from './fixtures/rig.js';
import type { LaunchRequest, RunnerClient } from './runner.js';

t.setTimeout(120_000);
const rig = createRig(t);

/** An agent in a process of its own, which has launched the attempt. */
async function startAgent(request: LaunchRequest): Promise<ChildProcess> {
  const args = [rig.dataDir, JSON.stringify(rig.runnerEntry), JSON.stringify(request)];
  const agent = spawn(process.execPath, ['--import=tsx', fixture('agent.ts'), ...args], {
    stdio: ['ignore', 'pipe', 2],
  });
  t.teardown(() => agent.kill('SIGKILL'));
  await once(agent.stdout!, 'data');
  return agent;
}

async function kill(agent: ChildProcess): Promise<void> {
  agent.kill('SIGKILL');
  await once(agent, 'exit');
}

function killRunnerOf(directory: string): void {
  process.kill(readStarted(directory)!.runnerPid!, 'SIGKILL');
}

function ended(client: RunnerClient, directory: string) {
  const exit = exitOf(client, directory);
  client.watch(directory);
  return exit;
}

/** A command that goes on until the file `go` appears beside its output. */
const untilTold = (name: string) =>
  rig.attempt(name, [
    '/bin/sh',
    '-c',
    'echo begin; while [ ! -e "$0/go" ]; do sleep 0.02; done; echo end; exit 4',
    join(rig.dataDir, 'attempts', name),
  ]);
const tell = (name: string) => writeFileSync(join(rig.dataDir, 'attempts', name, 'go'), '');

t.test('a process survives kill -9 of its agent; the next agent learns the exact end', async (t) => {
  const running = untilTold('agent-killed');
  const agent = await startAgent(running);
  await kill(agent);
  const client = await rig.client();
  const exit = ended(client, running.directory);
  tell('agent-killed');
  t.match(await exit, { exitCode: 4 });
  t.equal(rig.read('agent-killed', 'stdout'), 'begin\nend\n');
});

t.test('an end while no agent is there is told to the next one', async (t) => {
  const running = untilTold('nobody-there');
  const agent = await startAgent(running);
  await kill(agent);
  tell('nobody-there');
  await until(() => readExit(running.directory) !== undefined);
  const client = await rig.client();
  t.match(await ended(client, running.directory), { exitCode: 4 });
});

t.test('a process survives kill -9 of its runner; its end is noticed, its status is not known', async (t) => {
  const client = await rig.client();
  const running = untilTold('runner-killed');
  const exit = exitOf(client, running.directory);
  await client.launch(running);
  await until(() => readStarted(running.directory)?.processStart !== undefined);
  const { pid, processStart } = readStarted(running.directory)!;
  killRunnerOf(running.directory);
  // Launches that meet the dying runner are rejected; then there is a new one, started by itself.
  for (let i = 0; ; i++) {
    const next = rig.attempt(`after-runner-${i}`, ['/bin/true']);
    const nextExit = exitOf(client, next.directory);
    const outcome = await client.launch(next).catch((error: CloudTaskError) => error.code);
    if (outcome === 'CT_RUNNER') continue;
    t.match(outcome, { kind: 'started' });
    t.match(await nextExit, { exitCode: 0 });
    break;
  }
  t.ok(platform.processAlive(pid!, processStart));
  tell('runner-killed');
  t.match(await exit, { statusUnknown: true, exitCode: undefined, signal: undefined });
  t.equal(rig.read('runner-killed', 'stdout'), 'begin\nend\n');
  t.match(readExit(running.directory), { statusUnknown: true });
});

t.test('a runner killed right after a start, before it could write down the pid', async (t) => {
  const client = await rig.client();
  const running = untilTold('just-started');
  const exit = exitOf(client, running.directory);
  await client.launch(running);
  killRunnerOf(running.directory);
  tell('just-started');
  const { statusUnknown, exitCode } = await exit;
  t.ok(statusUnknown === true || exitCode === 4);
  t.equal(rig.read('just-started', 'stdout'), 'begin\nend\n', 'told only after the process had ended');
});

t.test('agent and runner killed: timeout and cancel still reach the whole tree', async (t) => {
  const timed = rig.attempt('timed', ['/bin/sh', '-c', 'sleep 1000 & wait'], { timeoutMs: 2500 });
  const agent = await startAgent(timed);
  await kill(agent);
  killRunnerOf(timed.directory);
  const client = await rig.client();
  t.match(await ended(client, timed.directory), { timedOut: true, statusUnknown: true });
  t.same(platform.findMarked(['CTASK_RUN_ID=run-timed']), []);
});

t.test('a marker without pid whose runner is dead', async (t) => {
  const client = await rig.client();
  const dead = { runnerPid: 2 ** 22, runnerStart: '1', bootId: platform.bootId(), startTime: Date.now() };
  const mark = (name: string, more = {}) => {
    const { directory } = rig.attempt(name, []);
    closeSync(createMarker(directory, { ...dead, marks: [`CTASK_RUN_ID=run-${name}`], ...more })!);
    return directory;
  };
  t.match(await ended(client, mark('no-process')), { statusUnknown: true }, 'no process: Lost');

  const orphan = spawn('/bin/sleep', ['1000'], { env: { CTASK_RUN_ID: 'run-orphan' }, stdio: 'ignore' });
  const exit = ended(client, mark('orphan'));
  const told = { yet: false };
  void exit.then(() => {
    told.yet = true;
  });
  await ended(client, mark('another'));
  t.notOk(told.yet, 'a process with its marks is adopted');
  orphan.kill('SIGKILL');
  t.match(await exit, { statusUnknown: true });

  t.match(await ended(client, mark('other-boot', { bootId: 'another', pid: process.pid })), { statusUnknown: true });
  const { directory: empty } = rig.attempt('empty-marker', []);
  writeFileSync(join(empty, 'started'), '');
  t.match(await ended(client, empty), { statusUnknown: true }, 'killed between creating and writing it');
  const { directory: none } = rig.attempt('no-marker', []);
  t.match(await ended(client, none), { neverStarted: true });
});

t.test('a pid that was given to another process is not adopted', async (t) => {
  const client = await rig.client();
  const { directory } = rig.attempt('reused', []);
  const record = {
    pid: process.pid,
    processStart: '1',
    bootId: platform.bootId(),
    runnerPid: 2 ** 22,
    runnerStart: '1',
  };
  closeSync(createMarker(directory, record)!);
  t.match(await ended(client, directory), { statusUnknown: true });
  t.equal(process.exitCode ?? 0, 0, 'and not killed');
});

t.test('ends that a power cut took from the directories are restored from the log', async (t) => {
  const client = await rig.client();
  const request = rig.attempt('restored', ['/bin/sh', '-c', 'exit 9']);
  const exit = exitOf(client, request.directory);
  await client.launch(request);
  await exit;
  const { runnerPid, ...rest } = readStarted(request.directory)!;
  writeFileSync(join(request.directory, 'started'), JSON.stringify({ ...rest, bootId: 'before' }).padEnd(2048));
  t.equal(readExit(request.directory), undefined);
  await client.detach();
  process.kill(runnerPid!, 'SIGKILL');
  await until(() => !platform.processAlive(runnerPid!, undefined));
  const next = await rig.client();
  t.match(readExit(request.directory), { exitCode: 9 });
  t.match(await ended(next, request.directory), { exitCode: 9 });
});

t.test('an exit record can be written where the marker is missing', (t) => {
  const directory = join(rig.dataDir, 'attempts', 'bare');
  mkdirSync(directory, { recursive: true });
  writeExit(directory, { exitCode: 1, endTime: 5 });
  t.same(readExit(directory), { exitCode: 1, endTime: 5 });
  t.same(readStarted(directory), {});
  t.end();
});

t.test('a cancel that a dying runner takes with it is asked again of the next one', async (t) => {
  const client = await rig.client();
  const both = [untilTold('cancel-lost'), untilTold('cancel-between')] as const;
  const exits = Promise.all(both.map(({ directory }) => exitOf(client, directory)));
  for (const request of both) t.equal((await client.launch(request)).kind, 'started');
  await until(() => both.every(({ directory }) => readStarted(directory)?.processStart !== undefined));
  killRunnerOf(both[0].directory);
  client.cancel(both[0].directory, 5000); // into a connection that is dead already
  await rig.client(); // another client waits for the next runner here, or starts it
  client.cancel(both[1].directory, 5000);
  t.match(await exits, [{ cancelled: true }, { cancelled: true }]);
});
