// What tests of backups do to an installation, and what they hold it to.
import { cpSync, mkdirSync } from 'node:fs';
import type { Test } from 'tap';
import { BackupWorld, type BackupWorldOptions } from './backup-world.js';

export const TASKS = ['w', 'x', 'y', 'z'];

/** Keys are kept apart, as docs/backup.md has it; agents read theirs there. */
export async function begun(t: Test, options: BackupWorldOptions = {}): Promise<BackupWorld> {
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
export async function backUp(world: BackupWorld, ...places: string[]): Promise<void> {
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

export function restoreKeys(world: BackupWorld, dir: string): void {
  cpSync(world.path('keys'), world.path(dir), { recursive: true });
}

export async function nothingTwice(t: Test, world: BackupWorld): Promise<void> {
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
