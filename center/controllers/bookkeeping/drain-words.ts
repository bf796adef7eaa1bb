import type { WantedCondition } from '../../../manifests/index.js';
import type { DrainProgress } from '../allocation/drains.js';

/** The condition Drained in words. `cancelRunsTime`: until when the drain waits for runs. */
export function drainWords(progress: DrainProgress, cancelRunsTime?: string): WantedCondition<'Agent'> {
  const { owned, waiting, stuck, stuckCount, openRuns, drained } = progress;
  const type = 'Drained';
  if (drained) return { type, status: 'True', reason: 'Drained', message: 'the agent owns no task any more' };
  const wait = { type, status: 'False' } as const;
  const bound = cancelRunsTime === undefined ? [] : [`runs still open at ${cancelRunsTime} are cancelled`];
  if (owned === 0) {
    const what = openRuns === 0 ? 'runs that were claimed ahead' : `${counted(openRuns, 'run')}`;
    const message = ['no task left', `waits for ${what} to end`, ...bound].join('; ');
    return { ...wait, reason: 'RunsOpen', message };
  }
  const nowhere = `no other agent may have ${stuck.join(', ')}${stuckCount > stuck.length ? ', …' : ''}`;
  if (stuckCount === owned) {
    return { ...wait, reason: 'NoEligibleAgent', message: `${counted(owned, 'task')} left; ${nowhere}` };
  }
  const waits = waiting === 0 ? [] : [`${waiting} of them wait for a run to end`];
  const words = [`${counted(owned, 'task')} left`, ...waits, ...(stuckCount === 0 ? [] : [nowhere])];
  const message = [...words, ...(waiting === 0 ? [] : bound)].join('; ');
  return { ...wait, reason: waiting === 0 ? 'HandingOver' : 'WaitingForRuns', message };
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
