// Tests of notifiers that were asked for on this page, and what became of them: a toast is gone before the reason is read.
import { useSyncExternalStore } from 'react';
import type { NotifierTest } from '../../../manifests/index.js';
import type { NotifierObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { pause } from './pause.js';

export type TestOutcome =
  | { readonly phase: 'asking' }
  /** `words`: what is wrong in spite of it, or why it was not sent. */
  | { readonly phase: 'sent' | 'failed'; readonly at: number; readonly words: string | undefined };

/** How often the center is asked, and for how long, ms: as long as `ctask notifier test` waits. */
const LOOK_MS = 400;
const WAIT_MS = 60_000;

const outcomes = new Map<string, TestOutcome>();
const listeners = new Set<() => void>();

/** Has the notifier tried, and waits for what becomes of it. Throws Error with the reason where it was not sent. */
export async function testNotifier({ metadata }: NotifierObject): Promise<void> {
  const { uid, namespace, name } = metadata;
  set(uid, { phase: 'asking' });
  try {
    const { state, error } = await outcomeOf(pathOf('notifiers', namespace, name));
    if (state !== 'Sent') throw new Error(error ?? 'it was not sent');
    set(uid, { phase: 'sent', at: Date.now(), words: error });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    set(uid, { phase: 'failed', at: Date.now(), words });
    throw new Error(`The test of ${name} was not sent: ${words}`);
  }
}

async function outcomeOf(path: string): Promise<NotifierTest> {
  const never = new AbortController().signal;
  let test = await request<NotifierTest>(`${path}/test`, { method: 'POST', body: {} });
  for (let left = WAIT_MS; test.state === 'Pending' && test.attempts === 0; left -= LOOK_MS) {
    if (left <= 0) throw new Error('no center has tried it within a minute');
    await pause(LOOK_MS, never);
    test = await request<NotifierTest>(`${path}/tests/${encodeURIComponent(test.id)}`);
  }
  return test;
}

/** Of the latest test; undefined where none was asked for since the console was opened. */
export const latestTest = ({ metadata }: NotifierObject): TestOutcome | undefined => outcomes.get(metadata.uid);

export function useLatestTest(object: NotifierObject): TestOutcome | undefined {
  return useSyncExternalStore(subscribe, () => latestTest(object));
}

function set(uid: string, outcome: TestOutcome): void {
  outcomes.set(uid, outcome);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
