// What a message is called by those who may get it twice: the same for the same events, whoever sends them and however often.
import { createHash } from 'node:crypto';
import type { Notification, NotifierKey } from './notification-book.js';

const CHARS = 32;

/** @param events in the order of what has happened */
export function batchId({ namespace, notifier }: NotifierKey, events: readonly Pick<Notification, 'key'>[]): string {
  const hash = createHash('sha256');
  for (const { key } of events) hash.update(`${namespace}\0${notifier}\0${key}\n`);
  return hash.digest('hex').slice(0, CHARS);
}
