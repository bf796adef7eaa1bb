// What a result comes to for a task that waits for it (decision 0021). Pure.
import { type Instant, parseDuration } from '../../../base/index.js';
import { isAsked, isSuspended, type RunState, suspensionWords, type TaskAfter } from '../../../manifests/index.js';
import type { Cause, DependencyStep, Dependent } from '../../store/dependencies/dependency-book.js';

/** `slots`: those of the dependent; a run for each. undefined: the result means nothing to it. */
export function decideStep(
  dependent: Dependent,
  cause: Cause,
  slots: readonly string[],
  now: Instant,
): DependencyStep | undefined {
  const { taskUid, spec, going, used } = dependent;
  const { after } = spec;
  const asked = after?.tasks.find(({ name }) => name === cause.task);
  if (after === undefined || asked === undefined || going || used) return undefined;
  const causes =
    after.match === 'Any' ? anyOf(cause, asked.on) : allOf(after, { ...dependent.arrived, [cause.task]: cause });
  if (causes === undefined) {
    // With Any nothing is remembered. With All also what is not as asked: the latest result of each task counts.
    return after.match === 'Any' ? undefined : { kind: 'Note', taskUid, cause };
  }
  const start = { kind: 'Start', taskUid, cause, causes, slots } as const;
  if (!isSuspended(spec, now)) return start;
  return {
    ...start,
    skipped: { reason: 'Suspended', message: `the task was ${suspensionWords(spec, now) ?? 'suspended'} then` },
  };
}

function anyOf(cause: Cause, on: TaskAfter['tasks'][number]['on']): readonly Cause[] | undefined {
  return isAsked(on, cause.state) ? [cause] : undefined;
}

/** The latest results of all, in the order of the manifest, when each is as asked and they ended near enough to one another. */
function allOf({ tasks, within }: TaskAfter, arrived: Dependent['arrived']): readonly Cause[] | undefined {
  const causes: Cause[] = [];
  for (const { name, on } of tasks) {
    const cause = arrived[name];
    if (cause === undefined || !isAsked(on, cause.state)) return undefined;
    causes.push(cause);
  }
  const bound = parseDuration(within ?? '') ?? Number.POSITIVE_INFINITY;
  const ends = causes.map(({ endTime }) => endTime);
  return Math.max(...ends) - Math.min(...ends) <= bound ? causes : undefined;
}

/** What the runs of all slots of one time point, or of one request, come to together; undefined when none of them ran. */
export function stateOfAll(states: readonly RunState[]): RunState | undefined {
  const all = new Set(states);
  if (all.size === 1 && all.has('Succeeded')) return 'Succeeded';
  if (all.has('Failed') || all.has('TimedOut') || all.has('Lost')) return 'Failed';
  if (all.has('Cancelled')) return 'Cancelled';
  // Some ran and some did not: as a whole it has not succeeded.
  return all.has('Succeeded') ? 'Failed' : undefined;
}
