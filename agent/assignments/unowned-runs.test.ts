import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { TimerQueue } from '../schedule-loop/timer-queue.js';
import { ownerChangedReport, UnownedRuns } from './unowned-runs.js';

t.test(
  'a run whose slot is not ours is given up after its time, once, without another change of the list',
  async (t) => {
    const clock = new FakeClock();
    const timers = new TimerQueue(clock);
    t.teardown(() => timers.stop());
    const waiting = new Set(['first', 'forgotten']);
    const inVain: { uid: string; afterMs: number }[] = [];
    const began = clock.now();
    const unowned = new UnownedRuns({ clock, timers, patienceMs: 60, retry: () => offer() });
    const offer = () => {
      for (const uid of waiting) {
        if (!unowned.waitedInVain(uid)) continue;
        waiting.delete(uid);
        inVain.push({ uid, afterMs: clock.now() - began });
      }
    };
    offer();
    unowned.forget('forgotten');
    waiting.delete('forgotten');
    await clock.advance(5);
    waiting.add('cancelled');
    offer();
    waiting.delete('cancelled');

    await clock.advance(54);
    t.same(inVain, []);
    await clock.advance(1);
    t.same(inVain, [{ uid: 'first', afterMs: 60 }]);
    t.equal(timers.size, 1, 'the one that came later has its own time');
    await clock.advance(1000);
    t.same(inVain, [{ uid: 'first', afterMs: 60 }]);
    t.equal(timers.size, 0, 'nothing is left to wait for');
  },
);

t.test('the report says that the owner changed', async (t) => {
  const run = {
    ...{ uid: 'u', name: 'n', namespace: 'default', task: 't', taskUid: 'tu', slot: '', revision: 2 },
    ...{ trigger: 'Manual' as const, manualId: 'm' },
  };
  t.match(ownerChangedReport(run, 5), { uid: 'u', revision: 2, state: 'Missed', reason: 'OwnerChanged', endTime: 5 });
});
