// The objects of a query at a real center: how many are kept, and what the user is told of the others.
import t, { type Test } from 'tap';
import { type Clock, systemClock } from '../../../base/index.js';
import { type RunReport, runName, runUid } from '../../../manifests/index.js';
import type { CliCenter } from '../../../test/support/cli-center.js';
import { startCliWorld } from '../../../test/support/cli-world.js';
import { openFed } from '../../../test/support/fed-dashboard.js';
import { run } from '../../../test/support/fed-objects.js';
import { Api } from '../../client/api.js';
import { PAGE_SIZE } from '../../client/watch.js';
import { KindFeed, LIMITS, SLACK } from './kind-feed.js';

t.setTimeout(300_000);

const LIMIT = LIMITS.runs ?? 0;
/** When the list is over the limit by so many; the pages that nobody asks for are these. */
const MORE = 3 * PAGE_SIZE;
const BATCH = 500;
const FIRST = Date.parse('2026-01-01T00:00:00Z');

async function centerWithTask(t: Test): Promise<CliCenter> {
  const { center, user } = await startCliWorld(t);
  const { code, stderr } = await user.type('create task nightly --schedule "0 2 * * *" -- /bin/true');
  if (code !== 0) throw new Error(stderr);
  return center;
}

/** Runs of the task, one a minute, reported in order. Returns the names. */
async function report(center: CliCenter, from: number, count: number): Promise<string[]> {
  const task = await center.task('nightly');
  const taskUid = task.metadata.uid!;
  const reports = Array.from({ length: count }, (_, i): RunReport => {
    const key = { taskUid, slot: '', point: FIRST + (from + i) * 60_000 };
    return {
      ...{ uid: runUid(key), name: runName('nightly', key), namespace: 'default', task: 'nightly', taskUid, slot: '' },
      ...{ revision: 1, trigger: 'Schedule', scheduledTime: key.point, schedule: 'default', state: 'Skipped' },
      ...{ attempts: [], attempt: 0 },
    };
  });
  for (let i = 0; i < count; i += BATCH) await center.store.acceptReports('a1', reports.slice(i, i + BATCH));
  return reports.map(({ name }) => name);
}

const ignore = () => undefined;
const RUNS = { name: 'runs', singularName: 'run', kind: 'Run', namespaced: true, verbs: ['list', 'watch'] };

/** A feed of the runs of that center, and the paths it has asked for. */
function follow(t: Test, { url, token }: CliCenter) {
  const asked: string[] = [];
  const watchers = new Set<() => void>();
  const clock: Clock = systemClock;
  const feed = new KindFeed(
    { resource: RUNS, namespace: 'default' },
    {
      clock,
      onChange: () => {
        for (const watcher of [...watchers]) watcher();
      },
      connect: async (signal) =>
        new Api({
          ...{ servers: [url], token, timeoutMs: 30_000, clock, signal, userAgent: 'test' },
          trace: { request: (_method, target) => void asked.push(target.search), response: ignore, body: ignore },
        }),
    },
  );
  t.teardown(() => feed.stop());
  const until = (accept: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!accept()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  const names = () => new Set([...feed.objects.values()].map(({ metadata }) => metadata.name));
  return { feed, asked, until, names };
}

t.test('of many runs the newest are kept, and no more are asked for', async (t) => {
  const center = await centerWithTask(t);
  const listed = await report(center, 0, LIMIT + MORE);
  const { feed, asked, until, names } = follow(t, center);
  feed.start();
  await until(() => feed.phase === 'live');
  t.equal(feed.objects.size, LIMIT);
  t.ok(feed.cut);
  const kept = names();
  t.ok(
    listed.slice(-LIMIT).every((name) => kept.has(name)),
    'the newest',
  );
  const pages = asked.filter((search) => !search.includes('watch='));
  t.ok(pages.length <= LIMIT / PAGE_SIZE + 1, `${pages.length} pages: at most one in vain`);

  await t.test('those that come push out the ones that changed the longest ago, together', async (t) => {
    const room = Math.floor(LIMIT * SLACK) - LIMIT;
    const come = await report(center, LIMIT + MORE, room);
    await until(() => names().has(come.at(-1) ?? ''));
    t.equal(feed.objects.size, LIMIT + room, 'within the slack nothing is dropped');
    const [last] = await report(center, LIMIT + MORE + room, 1);
    await until(() => names().has(last ?? ''));
    t.equal(feed.objects.size, LIMIT);
    const now = names();
    t.ok(
      come.every((name) => now.has(name)),
      'what came last is here',
    );
    t.notOk(now.has(listed.at(-LIMIT) ?? ''));
    t.ok(feed.cut);
  });

  await t.test('listed again it is the same', async (t) => {
    const version = feed.version;
    feed.refresh();
    await until(() => feed.version > version && feed.phase === 'live');
    t.equal(feed.objects.size, LIMIT);
    t.ok(feed.cut);
  });
});

t.test('fewer are all here, and nothing is said of others', async (t) => {
  const center = await centerWithTask(t);
  await report(center, 0, 3);
  const { feed, until } = follow(t, center);
  feed.start();
  await until(() => feed.phase === 'live');
  t.equal(feed.objects.size, 3);
  t.notOk(feed.cut);
});

t.test('exactly as many as the limit are not cut', async (t) => {
  const center = await centerWithTask(t);
  await report(center, 0, LIMIT);
  const { feed, until } = follow(t, center);
  feed.start();
  await until(() => feed.phase === 'live');
  t.equal(feed.objects.size, LIMIT);
  t.notOk(feed.cut);
});

t.test('what the user is told', async (t) => {
  const objects = [run('r1', 'nightly', { state: 'Running' }), run('r2', 'nightly', { state: 'Succeeded' })];
  const { terminal, source, dashboard } = await openFed(t, { columns: 120, rows: 30, objects, namespace: 'default' });
  await terminal.type(':ru');
  await terminal.press('enter');
  t.notMatch(terminal.text(), 'older ones');
  source.cut = true;
  source.put();
  dashboard.changed();
  await terminal.settle();
  t.match(terminal.text(), 'Runs(default)[2] older ones left out');
  t.match(terminal.text(), 'at least 1 running');
  await terminal.type('/nothing-like-it');
  await terminal.press('enter');
  t.match(terminal.text(), 'None of 2 runs match');
  t.match(terminal.text(), 'Older ones are not here: "ctask get runs" has them.');
});
