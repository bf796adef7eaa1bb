// What is known of news when the message about it is written: output, and when the task is due next.
import type { Task } from '../../manifests/index.js';
import type { Store } from '../store/index.js';
import type { Notification } from '../store/notifications/notification-book.js';
import { type NewsContext, newsWords } from './describe-news.js';
import { EVENT_WORDS } from './event-words.js';
import { inFull } from './news-summary.js';
import { lastLines } from './plain-text.js';

/** Of the output of a run. */
const OUTPUT = { lines: 20, width: 200 };
const OUTPUT_BYTES = 16 * 1024;

/** @param outputs of so many of them the output is read */
export async function newsContexts(
  notifications: readonly Notification[],
  outputs: number,
  { store, externalUrl }: { readonly store: Store; readonly externalUrl: string | undefined },
): Promise<NewsContext[]> {
  const shared = externalUrl === undefined ? {} : { externalUrl };
  const words = notifications.map((one) => newsWords(one, { output: [] }));
  const full = new Set(inFull(words, outputs));
  const contexts: NewsContext[] = [];
  for (const [index, { event, facts }] of notifications.entries()) {
    if (facts.about !== 'Run') {
      contexts.push({ ...shared, output: [] });
      continue;
    }
    const wanted = EVENT_WORDS[event].output === true && facts.attempts > 0 && full.has(index);
    const output = wanted ? await lastOutput(store, facts.uid, facts.attempts) : [];
    const task = await store.get<Task>({ kind: 'Task', namespace: facts.namespace, name: facts.task });
    const next = task?.status?.nextTime;
    contexts.push({ ...shared, output, ...(next === undefined ? {} : { nextTime: Date.parse(next) }) });
  }
  return contexts;
}

async function lastOutput(store: Store, runUid: string, attempt: number): Promise<string[]> {
  const { bytes } = await store.logLength(runUid, attempt);
  const slice = await store.readLog(runUid, attempt, Math.max(0, bytes - OUTPUT_BYTES), OUTPUT_BYTES);
  return lastLines(Buffer.concat(slice.pieces.map((piece) => piece.bytes)), OUTPUT);
}
