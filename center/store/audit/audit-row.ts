import { type AuditEntry, type AuditFacts, entryHash } from '../../../manifests/index.js';
import type { SqlValue, Upsert } from '../database.js';
import { iso } from '../iso-time.js';
import type { AuditEntriesTable } from '../schema.js';
import type { AuditSource } from './audit-trail.js';

/** What an entry that is about to be appended says of the object. */
export interface AuditedObject extends Pick<AuditEntry, 'kind' | 'namespace' | 'name' | 'status'> {
  readonly resourceVersion?: number;
  readonly change?: string;
  readonly omitted?: number;
}

const COLUMNS = [
  ...['seq', 'time', 'request_id', 'username', 'token', 'as_user', 'as_groups', 'source_ip', 'verb'],
  ...['kind', 'namespace', 'name', 'status', 'version', 'change', 'omitted', 'previous_hash', 'hash'],
];

/** A key that is taken already is refused: no key is named here. */
export const APPEND_ENTRY: Upsert = { table: 'audit_entries', columns: COLUMNS, key: [], update: [] };

/** The parameters of `APPEND_ENTRY`, and the entry's hash. Without spreads: this runs for every object of an apply. */
export function linked(
  source: AuditSource,
  object: AuditedObject,
  place: { readonly sequence: number; readonly time: number; readonly isoTime: string; readonly previousHash: string },
): { hash: string; parameters: SqlValue[] } {
  const { requestId, user, token, as, asGroups, sourceIP, verb } = source;
  const { kind, namespace, name, status, change, omitted } = object;
  const { sequence, time, isoTime, previousHash } = place;
  const version = object.resourceVersion;
  const facts: Writable<AuditFacts> = {
    sequence,
    time: isoTime,
    requestId,
    user,
    sourceIP,
    verb,
    kind,
    namespace,
    name,
    status,
  };
  if (token !== undefined) facts.token = token;
  if (as !== undefined) facts.as = as;
  if (asGroups !== undefined && asGroups.length > 0) facts.asGroups = asGroups;
  if (version !== undefined) facts.resourceVersion = String(version);
  if (change !== undefined) facts.change = change;
  if (omitted !== undefined && omitted > 0) facts.omitted = omitted;
  const hash = entryHash(previousHash, facts);
  const groups = facts.asGroups === undefined ? null : JSON.stringify(facts.asGroups);
  const subject = [sequence, time, requestId, user, token ?? null, as ?? null, groups, sourceIP, verb];
  const rest = [kind, namespace, name, status, version ?? null, change ?? null, facts.omitted ?? null];
  return { hash, parameters: subject.concat(rest, previousHash, hash) };
}

type Writable<T> = { -readonly [P in keyof T]: T[P] };

export function entryOf(row: AuditEntriesTable): AuditEntry {
  return {
    ...{ sequence: row.seq, time: iso(row.time), requestId: row.request_id, user: row.username },
    ...(row.token === null ? {} : { token: row.token }),
    ...(row.as_user === null ? {} : { as: row.as_user }),
    ...(row.as_groups === null ? {} : { asGroups: JSON.parse(row.as_groups) as string[] }),
    ...{ sourceIP: row.source_ip, verb: row.verb, kind: row.kind, namespace: row.namespace, name: row.name },
    status: row.status,
    ...(row.version === null ? {} : { resourceVersion: String(row.version) }),
    ...(row.change === null ? {} : { change: row.change }),
    ...(row.omitted === null ? {} : { omitted: row.omitted }),
    ...{ previousHash: row.previous_hash, hash: row.hash },
  };
}
