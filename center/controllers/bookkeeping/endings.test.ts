import t from 'tap';
import type { Run } from '../../../manifests/index.js';
import {
  agent,
  apply,
  center,
  eventually,
  report,
  task,
  taskWith,
  world,
} from '../../../test/support/leading-center.js';

t.test('A-12: a deletion in the foreground cancels what runs, and ends when that has ended', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  const eu1 = await agent(w, 'eu-1');
  const [stored] = await apply(w, task('going'), task('staying'));
  await eu1.owns(2);
  const point = Date.now();
  await w.store.acceptReports('eu-1', [report(stored!, point, 'Running')]);
  const key = { kind: 'Task', namespace: 'default', name: 'going' } as const;
  await w.store.delete(key, { user: 'test', policy: 'Foreground' });
  const run = await eventually(w, async () => {
    const [found] = (await w.store.list<Run>('Run')).items;
    return found?.spec.cancelRequestedTime === undefined ? undefined : found;
  });
  t.ok(run.spec.cancelRequestedTime);
  await taskWith(w, 'going', ({ status }) => status?.state === 'Terminating');
  await eu1.owns(2);
  t.match(
    eu1.allocation.entries.find(({ taskUid }) => taskUid === stored!.metadata.uid),
    { suspended: true, revision: 2 },
    'nothing fires any more',
  );
  await w.store.acceptReports('eu-1', [report(stored!, point, 'Cancelled')]);
  await eventually(w, async () => ((await w.store.get(key)) === undefined ? true : undefined));
  await eu1.owns(1);
  t.ok(await w.store.get({ ...key, name: 'staying' }));
});
