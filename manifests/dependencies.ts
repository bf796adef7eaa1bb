// Dependencies between tasks, as far as they can be told from names and states alone.
import type { RunState } from './kinds/run-states.js';
import type { AfterResult } from './kinds/task-after.js';

const RESULTS: Readonly<Record<AfterResult, readonly RunState[]>> = {
  Succeeded: ['Succeeded'],
  Failed: ['Failed', 'TimedOut', 'Lost'],
  Finished: ['Succeeded', 'Failed', 'TimedOut', 'Lost', 'Cancelled'],
};

/** Whether a run that ended so is what was asked for; Succeeded unless told. */
export function isAsked(on: AfterResult | undefined, state: RunState): boolean {
  return RESULTS[on ?? 'Succeeded'].includes(state);
}

/** Whether a run that ended so is a result for anybody. */
export function isResult(state: RunState): boolean {
  return RESULTS.Finished.includes(state);
}

/**
 * The first circle that can be reached from one of `starts`, with its first name again at its end: `[a, b, a]`; undefined when
 * there is none. `next` tells what a name waits for. No recursion: a chain may be as long as there are tasks.
 */
export function findCircle(
  starts: Iterable<string>,
  next: (name: string) => readonly string[],
): readonly string[] | undefined {
  const finished = new Set<string>();
  for (const start of starts) {
    if (finished.has(start)) continue;
    const path: string[] = [];
    const onPath = new Set<string>();
    const turns: { readonly name: string; readonly rest: string[] }[] = [];
    const enter = (name: string) => {
      path.push(name);
      onPath.add(name);
      turns.push({ name, rest: [...next(name)] });
    };
    enter(start);
    for (let turn = turns.at(-1); turn !== undefined; turn = turns.at(-1)) {
      const name = turn.rest.shift();
      if (name === undefined) {
        turns.pop();
        path.pop();
        onPath.delete(turn.name);
        finished.add(turn.name);
      } else if (onPath.has(name)) {
        return [...path.slice(path.indexOf(name)), name];
      } else if (!finished.has(name)) {
        enter(name);
      }
    }
  }
  return undefined;
}

/** `a -> b -> c -> a` */
export function circleText(circle: readonly string[]): string {
  return circle.join(' -> ');
}

/** The sentence about `spec.after` of a task of a circle. */
export function circleMessage(circle: readonly string[]): string {
  return `spec.after: Invalid value: the tasks wait for one another in a circle: ${circleText(circle)}`;
}
