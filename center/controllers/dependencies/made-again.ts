// A run that is Lost is no result while another attempt of it is wanted (onLost: Rerun): its end will be.
import type { Instant } from '../../../base/index.js';
import { isFinal, type Run } from '../../../manifests/index.js';
import type { RunResult } from '../../store/dependencies/dependency-book.js';
import type { Stored } from '../../store/store-types.js';
import { nextAttempt, wantsRerun } from '../bookkeeping/decide-continuation.js';
import type { TaskView } from '../task-view.js';

/** Goes on: it is open again, and ends once more. Waits: it may be given on. No: it stays as it is. */
export type MadeAgain = 'GoesOn' | 'Waits' | 'No';

/** `run`: as it is stored now; undefined when it was pruned. */
export function madeAgain(
  { state }: Pick<RunResult, 'state'>,
  run: Stored<Run> | undefined,
  task: TaskView | undefined,
  now: Instant,
): MadeAgain {
  if (state !== 'Lost' || run?.status === undefined) return 'No';
  // Anything else than Lost was written after it, and is a result of its own if it is one.
  if (!isFinal(run.status.state) || run.status.state !== 'Lost') return 'GoesOn';
  if (task?.rerun === undefined || nextAttempt(run) > task.rerun.attemptsMax) return 'No';
  return wantsRerun(run, task, now) ? 'Waits' : 'No';
}
