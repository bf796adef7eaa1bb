import t from 'tap';
import { systemClock } from '../../base/index.js';
import { TimerQueue } from '../schedule-loop/timer-queue.js';
import { ownerChangedReport, UnownedRuns } from './unowned-runs.js';

t.test(
  'a run whose slot is not ours is given up after its time, once, without another change of the list',
  async (t) => {
    const timers = new TimerQueue(systemClock);
    t.teardown(() => timers.stop());
    const waiting = new Set(['first', 'forgotten']);
    let begin = 0;
    const inVain = new Promise<number>((resolve) => {
      const unowned = new UnownedRuns({ clock: systemClock, timers, patienceMs: 60, retry: () => offer() });
      const offer = () => {
        for (const uid of waiting) {
          if (!unowned.waitedInVain(uid)) continue;
          waiting.delete(uid);
          resolve(systemClock.now());
        }
      };
      begin = systemClock.now();
      offer();
      unowned.forget('forgotten');
      waiting.delete('forgotten');
      waiting.add('cancelled');
      offer();
      waiting.delete('cancelled');
    });
    t.ok((await inVain) - begin >= 60);
    t.same([...waiting], []);
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
