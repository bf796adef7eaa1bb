// An action on what is marked: some at a time, its progress at the bottom of the screen, and one sentence at the end (T-11).
import { isCloudTaskError, messageOf } from '../../../base/index.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import { countWords, plainWords } from './words.js';

/** Hides the time of the way; the center writes one after the other, and its other users are to notice nothing. */
const AT_ONCE = 8;
/** The first of those that failed tell why; so many lines nobody reads. */
const FAILURES_LOGGED = 100;

export interface ActionWords {
  /** `deleting`, before how many of how many. */
  readonly doing: string;
  /** `deleted`, behind how many. */
  readonly done: string;
}

interface Failure {
  readonly object: ApiObject;
  readonly error: unknown;
}

/**
 * Does it with each of the objects, and tells how that went; what fails does not keep the others from being done. Ends early with the
 * dashboard. Of one object alone the action's own words are told, and its error is thrown.
 * @param act returns its words.
 * @returns those it went wrong with, and those it has not come to.
 */
export async function each(
  dashboard: Dashboard,
  objects: readonly ApiObject[],
  { doing, done }: ActionWords,
  act: (object: ApiObject) => Promise<string>,
): Promise<readonly ApiObject[]> {
  const [only] = objects;
  if (only === undefined) return [];
  if (objects.length === 1) {
    const words = await act(only);
    if (words !== '') dashboard.say(plainWords(words));
    return [];
  }
  const begun = dashboard.begin(`${doing} ${countWords(objects.length)}`);
  if (begun === undefined) return objects;
  const left = new Set(objects);
  const failures: Failure[] = [];
  const tell = () => {
    const ended = objects.length - left.size + failures.length;
    const failed = failures.length === 0 ? '' : `, ${countWords(failures.length)} failed`;
    begun.progress(`${doing} ${countWords(ended)} of ${countWords(objects.length)}${failed}`);
  };
  try {
    tell();
    await someAtOnce(objects, dashboard.ended, async (object) => {
      try {
        await act(object);
        left.delete(object);
      } catch (error) {
        failures.push({ object, error });
      }
      tell();
    });
  } finally {
    begun.end();
  }
  conclude(dashboard, objects.length - left.size, failures, done);
  return objects.filter((object) => left.has(object));
}

/** Those it went wrong with stay marked, so that one may try again. */
export function keepMarked(screen: TableScreen, objects: readonly ApiObject[]): void {
  screen.marks.clear();
  for (const { metadata } of objects) screen.marks.add(metadata.uid);
}

async function someAtOnce<T>(items: readonly T[], ended: AbortSignal, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const take = async () => {
    for (const item of queue) {
      if (ended.aborted) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, take));
}

/** `1,187 deleted, 13 failed: …`: why, of the first one; of the others the log tells it. */
function conclude(dashboard: Dashboard, good: number, failures: readonly Failure[], done: string): void {
  const [first] = failures;
  if (first === undefined) {
    dashboard.say(`${countWords(good)} ${done}`);
    return;
  }
  const { context } = dashboard.parts.identity;
  for (const { object, error } of failures.slice(0, FAILURES_LOGGED)) {
    const { namespace, name } = object.metadata;
    dashboard.parts.log.warn(
      { context, kind: object.kind, namespace, name, error: messageOf(error) },
      'an action on one of several objects failed',
    );
  }
  if (failures.some(({ error }) => isCloudTaskError(error, 'CT_FORBIDDEN'))) dashboard.renewRights();
  const words = `${countWords(good)} ${done}, ${countWords(failures.length)} failed: ${plainWords(messageOf(first.error))}`;
  dashboard.say(words, 'error');
}
