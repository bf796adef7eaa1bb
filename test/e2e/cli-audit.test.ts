// ctask audit against the real API; the test plays agents and leader, well and badly.
import t, { type Test } from 'tap';
import type { CliCenter } from '../support/cli-center.js';
import type { CliUser } from '../support/cli-terminal.js';
import { startCliWorld } from '../support/cli-world.js';

const MINUTE = 60_000;

interface Audit {
  readonly ok: boolean;
  readonly tasks: readonly (Record<string, number> & { task: string; missing: string[]; duplicate: string[] })[];
}

async function setUp(t: Test): Promise<{ center: CliCenter; user: CliUser; audit: (line: string) => Promise<Audit> }> {
  const { center, user } = await startCliWorld(t);
  const audit = async (line: string) => JSON.parse((await user.type(`${line} -o json`)).stdout) as Audit;
  return { center, user, audit };
}

const manifest = (name: string, more = '') =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec:\n  schedules: [{every: 1m}]\n  run: {command: [/bin/true]}\n${more}`;

t.test('audit', async (t) => {
  const { center, user, audit } = await setUp(t);
  // Tasks are as old as their rows say; everything else of the store is real.
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const point = (minutesAgo: number) => now - minutesAgo * MINUTE;
  await user.type('apply -f -', {
    input: [manifest('good'), manifest('gappy'), manifest('wild'), manifest('fresh')].join('---\n'),
  });
  const ran = (task: string, at: number, more: object = {}) =>
    center.scheduled(task, at, { state: 'Succeeded', startTime: at + 20, endTime: at + 500, exitCode: 0, ...more });
  // An edit makes the first record of the new generation the beginning of what is judged.
  for (const name of ['good', 'gappy', 'wild']) {
    await user.type('apply -f -', { input: manifest(name, '  startingDeadline: 30s\n') });
  }
  for (let minute = 40; minute >= 1; minute--) {
    if (minute !== 10) await ran('good', point(minute));
    if (minute !== 20) await ran('gappy', point(minute));
    await ran('wild', point(minute));
  }
  await center.scheduled('good', point(10), { state: 'Missed', reason: 'RunOnce' });
  await ran('wild', point(15) + 7_000);

  await t.test('a task whose time points are all accounted for', async (t) => {
    const { code, stdout } = await user.type('audit good');
    t.equal(code, 0, stdout);
    t.match(
      stdout,
      /TASK +EXPECTED +RAN +SKIPPED +MISSED +LOST +PENDING +PRUNED +LATE +MISSING +DUPLICATE +LATENESS P99\n/,
    );
    const { ok, tasks } = await audit('audit good');
    t.equal(ok, true);
    t.match(tasks[0], { task: 'good', ran: 39, missed: 1, missing: [], duplicate: [], late: 0, latenessP99Ms: 20 });
  });

  await t.test('a time point without a record is named, and the exit code is 1', async (t) => {
    const gap = new Date(point(20)).toISOString();
    const { code, stderr } = await user.type('audit gappy');
    t.equal(code, 1);
    t.match(stderr, `missing: default/gappy: ${gap}`);
    t.match((await audit('audit gappy')).tasks[0], { missing: [gap], ran: 39 });
  });

  await t.test('a run that no time point explains is one too many', async (t) => {
    const { ok, tasks } = await audit('audit wild');
    t.equal(ok, false);
    t.same(tasks[0]?.duplicate, [new Date(point(15) + 7_000).toISOString()]);
  });

  await t.test('what is too recent, or too old, is not judged', async (t) => {
    const { tasks } = await audit('audit fresh');
    t.match(tasks[0], { task: 'fresh', ran: 0, missing: [], duplicate: [] });
    t.match((await audit('audit gappy --since 15m')).tasks[0], { missing: [] });
  });

  await t.test('all tasks, and all namespaces', async (t) => {
    t.same((await audit('audit')).tasks.map(({ task }) => task).sort(), ['fresh', 'gappy', 'good', 'wild']);
    const { code, stdout } = await user.type('audit -A');
    t.equal(code, 1);
    t.match(stdout, /^NAMESPACE +TASK/);
  });

  await t.test('more time points than are judged are refused, not judged in part', async (t) => {
    const dense = manifest('dense').replace('1m', '1s');
    await user.type('apply -f -', { input: dense });
    await user.type('apply -f -', { input: `${dense}  startingDeadline: 30s\n` });
    await ran('dense', now - 12 * 1440 * MINUTE);
    t.match(await user.type('audit dense --since 13d'), {
      ...{ code: 2, stdout: '' },
      stderr: /task default\/dense has more than 1000000 time points in that time\nhint: look back less far/,
    });
  });

  await t.test('wrong words', async (t) => {
    t.match(await user.type('audit nope'), { code: 5 });
    t.match(await user.type('audit --since soon'), { code: 2, stderr: /--since "soon" is not a duration/ });
    t.match(await user.type('audit --since 0'), { code: 2 });
    t.match(await user.type('audit good -A'), { code: 2 });
    t.match(await user.type('audit task good'), { code: 0 }, 'as people type it elsewhere');
  });
});

t.test('slots that a task has no more are judged up to their end', async (t) => {
  const { center, user, audit } = await setUp(t);
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const point = (minutesAgo: number) => now - minutesAgo * MINUTE;
  const shards = (count: number, every = '1m') =>
    manifest('s', `  placement: {mode: Shards, shards: ${count}}\n`).replace('1m', every);
  await user.type('apply -f -', { input: shards(3, '1h') });
  await user.type('apply -f -', { input: shards(3) });
  const { uid = '' } = (await center.task('s')).metadata;
  const ran = (slot: string, at: number) =>
    center.scheduled('s', at, { slot, state: 'Succeeded', startTime: at + 20, endTime: at + 500, exitCode: 0 });
  for (let minute = 40; minute > 20; minute--) {
    for (const slot of ['0', '1', '2']) if (slot !== '2' || minute !== 30) await ran(slot, point(minute));
  }
  // The shard ends; the two others go on under the next generation.
  await center.store.setAuditedUpTo([{ taskUid: uid, slot: '2', upTo: point(21) }], { epoch: 1 });
  await user.type('apply -f -', { input: shards(2) });
  for (let minute = 20; minute >= 1; minute--) for (const slot of ['0', '1']) await ran(slot, point(minute));
  const gap = `${new Date(point(30)).toISOString()} (slot 2)`;
  t.match(await audit('audit s'), { ok: false, tasks: [{ ran: 99, missing: [gap], duplicate: [] }] });
  t.match((await user.type('audit s')).stderr, `missing: default/s: ${gap}`);
  await center.scheduled('s', point(30), { slot: '2', state: 'Missed', reason: 'RunOnce' });
  const late = await audit('audit s');
  t.equal(late.ok, true, JSON.stringify(late));

  await t.test('also when it is an ordinary task by now', async (t) => {
    await user.type('apply -f -', { input: manifest('s') });
    const counted = { ran: 99, missed: 1, missing: [], duplicate: [] };
    t.match(await audit('audit s'), { ok: true, tasks: [counted] }, 'nothing is judged of what nobody vouches for');
    const ended = ['0', '1'].map((slot) => ({ taskUid: uid, slot, upTo: point(1) }));
    await center.store.setAuditedUpTo(ended, { epoch: 1 });
    t.match(await audit('audit s'), { ok: true, tasks: [counted] });
  });
});
