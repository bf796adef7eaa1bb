// How the end of a run is told: by an event about its task, and by a condition of the run itself.
import type { ConditionType, EventReason, RunState } from '../../manifests/index.js';

export interface RunEnd {
  /** Of the event. */
  readonly reason: EventReason;
  /** Behind the name of the run, in the event. */
  readonly words: string;
  /** The one that holds from then on. */
  readonly condition: ConditionType<'Run'>;
  readonly message: string;
}

const end = (reason: EventReason, words: string, condition: ConditionType<'Run'>, message: string): RunEnd => ({
  ...{ reason, words, condition, message },
});

export const runEnds: Readonly<Partial<Record<RunState, RunEnd>>> = {
  Succeeded: end('Completed', 'succeeded', 'Complete', 'the run succeeded'),
  Failed: end('Failed', 'failed', 'Failed', 'the run failed'),
  TimedOut: end('TimedOut', 'timed out', 'Failed', 'the run took too long'),
  Missed: end('Missed', 'was missed', 'Failed', 'the run was not started in time'),
  Lost: end('Lost', 'was lost', 'Failed', 'nobody knows how the run ended'),
  Cancelled: end('Cancelled', 'was cancelled', 'Cancelled', 'somebody ended the run'),
  Skipped: end('Skipped', 'was skipped', 'Cancelled', 'the run was not to be started'),
};
