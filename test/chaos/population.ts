// The tasks of a chaos run: all periods from 1 to 10 s, all policies, and what the checker must know about each.
import { witnessScript } from '../support/witness.js';
import type { Rule } from './history.js';

export interface Declaration {
  readonly name: string;
  readonly rule: Rule;
  readonly concurrency: 'Allow' | 'Forbid';
  readonly missedRunPolicy: 'Skip' | 'RunOnce' | 'RunAll';
  readonly retries: number;
  /** Shell: what it does between its first and its last word, and how it ends. */
  readonly work: string;
  readonly exitCode: string;
}

const STARTING_DEADLINE_MS = 20_000;
const CATCH_UP_WINDOW_MS = 60_000;
/** From the decision to catch up until the process says its first word, on a machine that is busy or was stopped. */
const START_MAX_MS = STARTING_DEADLINE_MS + 10_000;

/** How late a run may start: the oldest that is caught up, and then its own deadline. */
export const LATEST_START_MS = CATCH_UP_WINDOW_MS + START_MAX_MS;

const PERIODS_S = [1, 2, 2, 3, 5, 4, 10, 7];

export function declarations(count: number): Declaration[] {
  return Array.from({ length: count }, (_, i) => {
    const seconds = PERIODS_S[i % PERIODS_S.length]!;
    const kind = (['quick', 'cron', 'forbid', 'quick', 'retry', 'long'] as const)[i % 6]!;
    return {
      name: `task-${String(i).padStart(2, '0')}`,
      rule: kind === 'cron' ? { secondsStep: seconds } : { everyMs: seconds * 1000 },
      concurrency: kind === 'forbid' || kind === 'long' ? 'Forbid' : 'Allow',
      missedRunPolicy: (['RunOnce', 'RunAll', 'Skip'] as const)[Math.floor(i / 2) % 3]!,
      retries: kind === 'retry' ? 1 : 0,
      // Longer than its period: every second time point is skipped because the one before still runs.
      work: kind === 'long' ? `sleep ${seconds * 1.3}` : kind === 'forbid' ? 'sleep 0.3' : ':',
      exitCode: kind === 'retry' ? '$(( $CTASK_ATTEMPT == 1 ? 3 : 0 ))' : '0',
    };
  });
}

/** The manifest; `as` is who the processes say they are. */
export function manifest(
  declaration: Declaration,
  as: string,
  witness: string,
  suspended: boolean | number = false,
): unknown {
  const { name, rule, work, exitCode } = declaration;
  const schedule =
    'everyMs' in rule ? { every: `${rule.everyMs / 1000}s` } : { cron: `*/${rule.secondsStep} * * * * *` };
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name },
    spec: {
      schedules: [schedule],
      suspend: suspended === true,
      ...(typeof suspended === 'number' ? { suspendUntil: new Date(suspended).toISOString() } : {}),
      run: {
        command: ['/bin/sh', '-c', witnessScript(work, exitCode)],
        env: [
          { name: 'WITNESS', value: witness },
          { name: 'WITNESS_AS', value: as },
        ],
      },
      retry: { limit: declaration.retries, backoff: { initial: '1s', max: '1s' } },
      concurrencyPolicy: declaration.concurrency,
      missedRunPolicy: declaration.missedRunPolicy,
      startingDeadline: `${STARTING_DEADLINE_MS / 1000}s`,
      catchUpWindow: `${CATCH_UP_WINDOW_MS / 1000}s`,
      history: { runs: 100_000 },
    },
  };
}
