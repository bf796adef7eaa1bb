// A backup of an installation that works, its destruction, and its restore in new places: processes testify that no time point is
// started twice, and the audit is whole. Time passes here because time points are what is tested.
import { cpSync, mkdirSync } from 'node:fs';
import t, { type Test } from 'tap';
import { BackupWorld, type BackupWorldOptions } from '../support/backup-world.js';
import { requirePostgres, startPostgres } from '../support/postgres.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const TASKS = ['w', 'x', 'y', 'z'];

/** Keys are kept apart, as docs/backup.md has it; agents read theirs there. */
async function begun(t: Test, options: BackupWorldOptions = {}): Promise<BackupWorld> {
  const world = await BackupWorld.open(t, options);
  await world.startCenter('center');
  mkdirSync(world.path('keys'));
  for (const name of ['admin.token', 'agent.token', 'coordination.secret'])
    cpSync(world.path('center', name), world.path('keys', name));
  world.startAgent('a1');
  await world.apply(...TASKS);
  await world.more(TASKS, 3);
  return world;
}

/** While tasks run, and people write. */
async function backUp(world: BackupWorld, ...places: string[]): Promise<void> {
  let done = false;
  const writes = (async () => {
    for (let round = 0; !done; round++) await world.user.ok(['label', 'task', 'x', `round=r${round}`, '--overwrite']);
  })();
  const archive = world.path('all.tar');
  await world.user.ok(['backup', ...places, '-f', archive]);
  done = true;
  await writes;
  await world.user.ok(['backup', 'verify', '-f', archive]);
}

function restoreKeys(world: BackupWorld, dir: string): void {
  cpSync(world.path('keys'), world.path(dir), { recursive: true });
}

async function nothingTwice(t: Test, world: BackupWorld): Promise<void> {
  for (const name of TASKS) {
    const starts = world.starts(name);
    t.equal(new Set(starts).size, starts.length, `no time point of ${name} started twice (of ${starts.length})`);
  }
  const writes = await world.user.ctask(['audit', 'writes', '--verify']);
  t.equal(writes.code, 0, `the audit of writes is whole: ${writes.stdout}${writes.stderr}`);
  t.match(
    await world.user.ok(['audit', 'writes', '--since', '0', '-o', 'ndjson']),
    /"user":"local:\w+".*"verb":"restore"/,
  );
  await everySecond(world);
  const points = await world.user.ctask(['audit', '--since', '1h']);
  t.equal(points.code, 0, `none is missing, none ran twice: ${points.stdout}${points.stderr}`);
}

/** Of every time point between the first and the last there is a record. */
async function everySecond(world: BackupWorld): Promise<void> {
  const runs = async () => (await world.runs()).filter(({ spec }) => spec.task === 'x' && spec.scheduledTime);
  const upTo = Math.max(...world.starts('x').map(Date.parse));
  await world.eventually('every time point has its record', async () => {
    const points = new Set((await runs()).map(({ spec }) => Date.parse(spec.scheduledTime!)));
    for (let point = Math.min(...points); point <= upTo; point += 1000) if (!points.has(point)) return false;
    return true;
  });
}

t.test(
  'embedded and SQLite: the machine of the center is gone, the agent lives on',
  { timeout: 240_000 },
  async (t) => {
    const world = await begun(t);
    const [old, fresh] = [world.path('center'), world.path('center-2')];
    await backUp(world, '--data-dir', old);
    await world.more(TASKS, 3); // what the backup does not know
    await world.destroyCenter('center');
    restoreKeys(world, 'center-2');
    await world.user.ok(['restore', '--data-dir', fresh, '-f', world.path('all.tar')]);
    await world.startCenter('center-2');
    t.match(await world.settled(), 'all agents have said what they know');
    await world.more(TASKS, 3);
    await nothingTwice(t, world);
  },
);

t.test(
  'embedded and SQLite: everything is gone, and set up anew under the same names',
  { timeout: 240_000 },
  async (t) => {
    const world = await begun(t);
    await backUp(world, '--data-dir', world.path('center'));
    await world.more(TASKS, 3);
    await world.destroyCenter('center');
    await world.destroyAgent('a1');
    restoreKeys(world, 'center-2');
    await world.user.ok(['restore', '--data-dir', world.path('center-2'), '-f', world.path('all.tar')]);
    await world.startCenter('center-2');
    world.startAgent('a1');
    t.match(await world.settled(), 'only from now on: nobody could say what ran on a1');
    await world.more(TASKS, 3);
    await nothingTwice(t, world);
    const forgotten = (await world.runs()).filter(
      ({ status }) => status?.state === 'Lost' && status.reason === 'Restored',
    );
    t.ok(forgotten.length > 0, 'what became of the others is not known, and on record');
  },
);

t.test('ZooKeeper and PostgreSQL: both are lost, the agent lives on', { timeout: 240_000 }, async (t) => {
  if (!requireZooKeeper(t) || !requirePostgres(t)) return;
  const first = await startZooKeeper({ tickMs: 500 });
  t.teardown(() => first.stop());
  const postgres = await startPostgres();
  t.teardown(() => postgres.stop());
  const places = (url: string) => ['--store', url, '--zookeeper', first.connectString];
  const lost = places(await postgres.createDatabase());
  const found = places(await postgres.createDatabase());
  const world = await begun(t, { places: lost, zookeeper: first.connectString });
  await backUp(world, ...lost, '--data-dir', world.path('center'));
  await world.more(TASKS, 3);
  await first.kill();
  await world.destroyCenter('center');
  const second = await startZooKeeper({ tickMs: 500, port: first.port });
  t.teardown(() => second.stop());
  restoreKeys(world, 'center-2');
  await world.user.ok(['restore', ...found, '--data-dir', world.path('center-2'), '-f', world.path('all.tar')]);
  await world.startCenter('center-2', found);
  await world.settled();
  await world.more(TASKS, 3);
  await nothingTwice(t, world);
});
