// What the audit says of one write, and the chain that its entries form (decision 0015). Center and clients compute the same
// hashes, so that whoever reads the audit can check it without trusting who wrote it.
import { hash as digest } from 'node:crypto';

/** One write that was accepted, per object that it changed, or one request to write that was refused. No values of objects. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** RFC 3339, by the clock of the center. */
  readonly time: string;
  /** '' for what the center did itself on behalf of `user`. */
  readonly requestId: string;
  /** Whose token was sent; '' when there was none that is valid. */
  readonly user: string;
  /** The beginning of the token's SHA-256, hex. */
  readonly token?: string;
  /** Whom the request was sent as, when that is another (`--as`). */
  readonly as?: string;
  readonly asGroups?: readonly string[];
  /** Of the connection; '' for what the center did itself. */
  readonly sourceIP: string;
  /** Of the route, see docs/api.md; `prune` for an object that went because its set is applied without it. */
  readonly verb: string;
  /** '' when a refused request was about several objects, or cannot be told. */
  readonly kind: string;
  /** '' for cluster-wide kinds. */
  readonly namespace: string;
  readonly name: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** After the write; absent for what was refused. */
  readonly resourceVersion?: string;
  /** See `changeHash`; absent for what was refused. */
  readonly change?: string;
  /** Refused requests of the same user before this one that have no entries of their own: there were too many. */
  readonly omitted?: number;
  /** `hash` of the entry before; 64 zeros for the first one. */
  readonly previousHash: string;
  /** See `entryHash`. */
  readonly hash: string;
}

export type AuditFacts = Omit<AuditEntry, 'previousHash' | 'hash'>;

/** Where a chain is anchored: an entry that is known though it may be gone. */
export interface AuditAnchor {
  readonly sequence: number;
  readonly hash: string;
}

export const AUDIT_GENESIS: AuditAnchor = { sequence: 0, hash: '0'.repeat(64) };

/**
 * SHA-256, hex, of `previousHash` and the facts as JSON: keys in order of the alphabet, those that are absent left out, no white
 * space.
 */
export function entryHash(previousHash: string, facts: AuditFacts): string {
  const { as, asGroups, change, kind, name, namespace, omitted, requestId, resourceVersion } = facts;
  const { sequence, sourceIP, status, time, token, user, verb } = facts;
  // One literal, in this order: this runs for every object of an apply, and sorting keys would cost more than the hash.
  // biome-ignore format: one line per line of the lists above
  const text = JSON.stringify({
    as, asGroups, change, kind, name, namespace, omitted, requestId, resourceVersion,
    sequence, sourceIP, status, time, token, user, verb,
  });
  return sha256(previousHash + text);
}

/**
 * SHA-256, hex, of the JSON `{"before":…,"after":…}`, null standing for an object that is not there. Each is
 * `{"metadata":…,"spec":…}` without white space, of the metadata labels, annotations and ownerReferences, as far as there are any, in
 * this order; all as the API answers it, whose keys are in a fixed order.
 */
export function changeHash(before: string | null, after: string | null): string {
  return sha256(`{"before":${before ?? 'null'},"after":${after ?? 'null'}}`);
}

function sha256(text: string): string {
  return digest('sha256', text, 'hex');
}
