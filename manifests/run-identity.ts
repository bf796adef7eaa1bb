import { createHash } from 'node:crypto';
import { derivedSuffix } from '../base/index.js';

/** Length of the suffix of a run's name. 30^10 names, so that even a million kept runs of one task do not collide. */
const SUFFIX_LENGTH = 10;

/** What makes a run the run it is: the time point, or a random id for a run on demand. */
export interface RunKey {
  readonly taskUid: string;
  readonly slot: string;
  /** Milliseconds since the epoch for a scheduled run; the manual id (a UUID) otherwise. */
  readonly point: number | string;
}

/** The identity as text, `taskUid/slot/point`: used in journals, directories (hashed) and claims. */
export function runId(key: RunKey): string {
  return `${key.taskUid}/${key.slot}/${key.point}`;
}

/** A UUID that is a pure function of the identity (RFC 9562 version 8, SHA-256): the same run has the same uid on every
 * machine, so creating it twice is creating it once. */
export function runUid(key: RunKey): string {
  const hex = createHash('sha256').update(runId(key)).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What the runs of all slots of one time point, or of one request, have in common: the name that the run of an ordinary task would
 * have. undefined for an ordinary task. */
export function runGroup(taskName: string, key: RunKey): string | undefined {
  return key.slot === '' ? undefined : runName(taskName, { ...key, slot: '' });
}

/** `<task>-<suffix>`; the suffix is a pure function of the identity. */
export function runName(taskName: string, key: RunKey): string {
  return `${taskName}-${derivedSuffix(runId(key), SUFFIX_LENGTH)}`;
}
