// How long a failed run waits for its next attempt. Pure: whoever computes it, an agent, the same one after a restart, or the next
// owner of the slot, comes to the same wait.
import { createHash } from 'node:crypto';
import type { TaskPolicy } from '../../manifests/index.js';

export type RetryPolicy = TaskPolicy['retry'];

/** 6 bytes of a digest: the part of the jitter that is taken is a whole number of these. */
const PARTS = 2 ** 48;

/** Milliseconds between the end of `attempt` and the start of the next one, whole. Jitter shortens: no wait is longer than the
 * policy says, but for `minMs`. */
export function retryDelayMs(runUid: string, attempt: number, policy: RetryPolicy): number {
  const { initialMs, maxMs, factor, jitter, minMs = 0 } = policy;
  const wait = Math.min(maxMs, initialMs * factor ** Math.max(0, attempt - 1));
  return Math.max(minMs, Math.round(wait * (1 - jitter * partOf(runUid, attempt))));
}

/** From 0 up to, but not including, 1. */
function partOf(runUid: string, attempt: number): number {
  return createHash('sha256').update(`${runUid}/${attempt}`).digest().readUIntBE(0, 6) / PARTS;
}
