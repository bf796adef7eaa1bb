import t from 'tap';
import type { DrainProgress } from '../allocation/drains.js';
import { drainWords } from './drain-words.js';

const nothing: DrainProgress = {
  owned: 0,
  waiting: 0,
  stuck: [],
  stuckCount: 0,
  stuckTasks: new Set(),
  openRuns: 0,
  drained: false,
};
const words = (progress: Partial<DrainProgress>, cancelRunsTime?: string) => {
  const { status, reason, message } = drainWords({ ...nothing, ...progress }, cancelRunsTime);
  return `${status} ${reason}: ${message}`;
};

t.test('the condition Drained says what a drain waits for', (t) => {
  t.equal(words({ drained: true }), 'True Drained: the agent owns no task any more');
  t.equal(words({ owned: 2 }), 'False HandingOver: 2 tasks left');
  t.equal(
    words({ owned: 3, waiting: 1, openRuns: 1 }),
    'False WaitingForRuns: 3 tasks left; 1 of them wait for a run to end',
  );
  t.equal(
    words({ owned: 1, stuck: ['default/tape'], stuckCount: 1 }),
    'False NoEligibleAgent: 1 task left; no other agent may have default/tape',
  );
  t.equal(
    words({ owned: 9, waiting: 1, stuck: ['a/b', 'a/c'], stuckCount: 7 }),
    'False WaitingForRuns: 9 tasks left; 1 of them wait for a run to end; no other agent may have a/b, a/c, …',
  );
  t.equal(words({ openRuns: 1 }), 'False RunsOpen: no task left; waits for 1 run to end');
  t.equal(words({}), 'False RunsOpen: no task left; waits for runs that were claimed ahead to end');
  const time = '2026-11-22T10:00:00.000Z';
  t.equal(
    words({ owned: 1, waiting: 1, openRuns: 1 }, time),
    `False WaitingForRuns: 1 task left; 1 of them wait for a run to end; runs still open at ${time} are cancelled`,
  );
  t.equal(
    words({ openRuns: 2 }, time),
    `False RunsOpen: no task left; waits for 2 runs to end; runs still open at ${time} are cancelled`,
  );
  t.equal(words({ owned: 2 }, time), 'False HandingOver: 2 tasks left', 'there is none to wait for');
  t.equal(words({ drained: true }, time), 'True Drained: the agent owns no task any more');
  t.end();
});
