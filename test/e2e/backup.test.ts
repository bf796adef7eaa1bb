// A backup of an installation that works, its destruction, and its restore in new places: processes testify that no time point is
// started twice, and the audit is whole. Time passes here because time points are what is tested.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { backUp, begun, nothingTwice, restoreKeys, TASKS } from '../support/backup-checks.js';

t.test('the machine of the center is gone, the agent lives on', { timeout: 240_000 }, async (t) => {
  const world = await begun(t);
  const [old, fresh, archive, half] = [
    world.path('center'),
    world.path('center-2'),
    world.path('all.tar'),
    world.path('half.tar'),
  ];
  await backUp(world, '--data-dir', old);
  await world.more(TASKS, 3); // what the backup does not know
  const refused = async (code: number, why: RegExp, ...args: string[]) => {
    const outcome = await world.user.ctask(['restore', ...args]);
    t.match(outcome, { code, stdout: '', stderr: why }, `restore ${args.join(' ')}`);
    t.notMatch(outcome.stderr, /\n +at /, 'in words');
  };
  await refused(6, /there is a store in .* already\nhint: move it away/, '--data-dir', old, '-f', archive);
  const living = [
    '--zookeeper',
    world.embedded,
    '--coordination-secret-file',
    world.path('keys', 'coordination.secret'),
  ];
  await refused(
    1,
    /a center runs on the root \/cloudtask of coordination/,
    '--data-dir',
    fresh,
    ...living,
    '-f',
    archive,
  );
  writeFileSync(half, readFileSync(archive).subarray(0, 20_000));
  await refused(1, /the archive is cut off/, '--data-dir', fresh, '-f', half);
  t.notOk(existsSync(fresh), 'nothing was made');

  await world.destroyCenter('center');
  restoreKeys(world, 'center-2');
  await world.user.ok(['restore', '--data-dir', fresh, '-f', archive]);
  await world.startCenter('center-2');
  t.match(await world.settled(), 'all agents have said what they know');
  await world.more(TASKS, 3);
  await nothingTwice(t, world);

  await world.killCenter();
  for (const name of readdirSync(fresh)) if (/^store/.test(name)) rmSync(join(fresh, name));
  await refused(6, /is in use: it has .*\nhint: give --keep-coordination/, '--data-dir', fresh, '-f', archive);
  await world.user.ok(['restore', '--data-dir', fresh, '--keep-coordination', '-f', archive]);
  await world.startCenter('center-2');
  await world.more(TASKS, 3);
  await nothingTwice(t, world);
});

t.test('everything is gone, and set up anew under the same names', { timeout: 240_000 }, async (t) => {
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
});
