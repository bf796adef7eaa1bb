// Whether time points fire, as a center finds it: by a clock that the test moves, with a real store and real trigger records.
import t, { type Test } from 'tap';
import { FakeClock } from '../../../base/fake-clock.js';
import { encodeTriggerRecord, type TriggerRecord } from '../../../coordination/index.js';
import type { Task } from '../../../manifests/index.js';
import { apply, center, layout, report, task, world } from '../../../test/support/leading-center.js';
import type { Stored } from '../../store/store-types.js';
import { SelfWatch } from './self-watch.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MINUTELY = { schedules: [{ name: 'default', cron: '* * * * *' }] };
const HOURLY = { schedules: [{ name: 'default', cron: '0 * * * *' }] };

async function watched(t: Test, ...tasks: Task[]) {
  const w = await world(t);
  const { session } = await center(w, 'c1'); // it does not stand for election: nobody writes records but the test
  const stored = await apply(w, ...tasks);
  const clock = new FakeClock(Math.ceil(Date.now() / HOUR) * HOUR);
  const start = () => {
    const watch = new SelfWatch({ store: w.store, session, layout, clock, afterMs: MINUTE, silenceMs: 2 * MINUTE });
    t.teardown(w.store.onChange((changes) => watch.note(changes)));
    return watch;
  };
  const record = async ({ metadata: { uid, generation } }: Stored<Task>, changes: Partial<TriggerRecord>) => {
    const fixed = { owner: 'a1', ownerEpoch: 1, revision: generation, suspended: false, blockedBy: null };
    const data = encodeTriggerRecord({ ...fixed, cursor: 0, attempt: 1, claimId: 'claim', ...changes });
    const path = layout.trigger(uid, '');
    await session.current.ensurePath(path.slice(0, path.lastIndexOf('/')));
    const stat = await session.current.exists(path);
    if (stat === undefined) await session.current.create(path, data, 'persistent');
    else await session.current.setData(path, data, stat.version);
  };
  /** What is found while so much time goes by, a look every five seconds. */
  const states = async (watch: SelfWatch, ms: number) => {
    const found: string[] = [];
    for (const end = clock.now() + ms; clock.now() < end; await clock.advance(5_000)) {
      const { state } = await watch.look();
      if (found.at(-1) !== state) found.push(state);
    }
    return found;
  };
  const heard = (of: Stored<Task>, point = clock.now()) => w.store.acceptReports('a1', [report(of, point, 'Running')]);
  return { w, stored, clock, start, record, states, heard };
}

t.test('nothing fires: found for a minute before it is said, and over when records tell so', async (t) => {
  const { stored, clock, start, record, states, heard } = await watched(t, task('often', MINUTELY));
  const [often] = stored as [Stored<Task>];
  await record(often, { cursor: clock.now() });
  const watch = start();
  t.same(await states(watch, 3 * MINUTE), ['unknown']);
  t.same(await states(watch, 3 * MINUTE), ['unknown', 'silent']);
  const silent = await watch.look();
  t.match(silent, { state: 'silent', tasks: ['default/often'] });
  // One point is made up for, and no record says that it was taken.
  await heard(often, clock.now() - 5 * MINUTE);
  t.same(await states(watch, MINUTE), ['silent']);
  await record(often, { cursor: clock.now() });
  t.same(await states(watch, MINUTE), ['fires']);
  t.same(await states(watch, 10 * MINUTE), ['fires', 'unknown', 'silent'], 'taken by then, and not since');
  await heard(often);
  t.same(await watch.look(), { state: 'fires' }, 'a point that came later');
});

t.test('one task that cannot run is no news while another one fires, however rarely', async (t) => {
  const { stored, clock, start, record, states, heard } = await watched(
    t,
    task('hourly', HOURLY),
    task('stuck', MINUTELY),
  );
  const [hourly, stuck] = stored as [Stored<Task>, Stored<Task>];
  await record(stuck, { cursor: clock.now() });
  await record(hourly, { cursor: clock.now() });
  const watch = start();
  await clock.advance(HOUR);
  await heard(hourly);
  await record(hourly, { cursor: clock.now() });
  t.same(await states(watch, 55 * MINUTE), ['fires']);
  await clock.advance(5 * MINUTE);
  // Taken without a word.
  await record(hourly, { cursor: clock.now() });
  t.same(await states(watch, 50 * MINUTE), ['fires']);
  await clock.advance(10 * MINUTE);
  t.same(await states(watch, 10 * MINUTE), ['fires', 'unknown', 'silent'], 'the other one does not fire either');
});

t.test('a center that has just started neither raises it nor ends it', async (t) => {
  const { w, stored, clock, start, record, states, heard } = await watched(t, task('hourly', HOURLY));
  const [hourly] = stored as [Stored<Task>];
  await record(hourly, { cursor: clock.now() });
  const watch = start();
  t.same(await states(watch, 55 * MINUTE), ['unknown'], 'nothing was due');
  t.same(await states(watch, 10 * MINUTE), ['unknown', 'silent']);
  const next = start();
  await heard(hourly, clock.now() - 70 * MINUTE);
  t.same(await states(next, 10 * MINUTE), ['unknown'], 'news of old runs');
  await w.store.delete({ kind: 'Task', namespace: 'default', name: 'hourly' }, { user: 'test' });
  t.same(await states(watch, MINUTE), ['fires'], 'the task is gone');
});

t.test('time that passed unseen, tasks of nobody, and what the leader has yet to write', async (t) => {
  const { stored, clock, start, record, states } = await watched(t, task('often', MINUTELY));
  const [often] = stored as [Stored<Task>];
  await record(often, { cursor: clock.now() });
  const watch = start();
  t.same(await states(watch, MINUTE), ['unknown']);
  clock.stepWall(8 * HOUR);
  t.same(await states(watch, MINUTE / 2), ['unknown']);
  await record(often, { cursor: clock.now() });
  t.same(await states(watch, MINUTE), ['fires'], 'agents had a moment');
  await record(often, { cursor: clock.now(), revision: 0 });
  t.same(await states(watch, 10 * MINUTE), ['fires']);
  await record(often, { cursor: clock.now() - 10 * MINUTE, owner: null });
  t.same(await states(watch, 10 * MINUTE), ['fires']);
  await record(often, { cursor: clock.now() - 10 * MINUTE, blockedBy: 'run' });
  t.same(await states(watch, 10 * MINUTE), ['fires']);
});
