import { spawn } from 'node:child_process';
import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { platform } from '../platform/index.js';
import type { RunningAttempt } from './attempt.js';
import { createRig, exitOf, until } from './fixtures/rig.js';
import { UsageMeter } from './usage-meter.js';

const linux = process.platform === 'linux' ? {} : { skip: 'only Linux tells' };

t.test('the end of an attempt says what it took', linux, async (t) => {
  const rig = createRig(t);
  const client = await rig.client();
  const request = rig.attempt('busy', ['/bin/sh', '-c', 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done']);
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  const { usage } = await ended;
  t.ok((usage?.cpuMs ?? 0) >= 20, `${usage?.cpuMs} ms`);
});

t.test('looks see memory, again and again while something runs', linux, async (t) => {
  const child = spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  const attempt: RunningAttempt = {
    directory: '/nowhere',
    started: {},
    root: { pid, marks: [], known: new Map() },
    watchers: new Set(),
    child,
  };
  const running = new Set([attempt]);
  const clock = new FakeClock();
  const meter = new UsageMeter({ clock, platform, running: () => running, exceeded: () => undefined });
  meter.watch(attempt);
  t.equal(attempt.usage, undefined);
  for (const turn of [1, 2]) {
    await clock.advance(60_000);
    await until(() => attempt.usage !== undefined);
    t.ok((attempt.usage?.peakBytes ?? 0) > 10_000, `look ${turn}`);
    delete attempt.usage; // the next look was planned in the same turn in which this one ended
  }
  running.clear();
  await clock.advance(60_000);
  running.add(attempt);
  await clock.advance(60_000);
  t.equal(attempt.usage, undefined, 'nothing ran: no more looks');
});

t.test('of what ends in the same moment nobody knows whose time it was', async (t) => {
  let reaped = 100;
  const { usage: _, ...rest } = platform;
  const meter = new UsageMeter({
    clock: new FakeClock(),
    platform: { ...rest, reapedCpuMs: () => reaped },
    running: () => [],
    exceeded: () => undefined,
  });
  const attempt = (name: string): RunningAttempt => ({
    directory: name,
    started: {},
    root: { pid: 1, marks: [], known: new Map() },
    watchers: new Set(),
  });
  const end = (one: RunningAttempt) => new Promise<void>((resolve) => meter.childEnded(one, resolve));
  const [alone, twin, other] = [attempt('alone'), attempt('twin'), attempt('other')];
  reaped += 40;
  await end(alone);
  t.same(alone.usage, { cpuMs: 40 });
  reaped += 70;
  await Promise.all([end(twin), end(other)]);
  t.same([twin.usage, other.usage], [undefined, undefined]);
  reaped += 10;
  await end(twin);
  t.same(twin.usage, { cpuMs: 10 }, 'theirs is nobody else’s');
});
