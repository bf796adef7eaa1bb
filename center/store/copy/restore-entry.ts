import { APPEND_ENTRY, linked } from '../audit/audit-row.js';
import type { SqlValue } from '../database.js';
import { iso } from '../iso-time.js';
import type { RestoreEntry } from './store-copy.js';

/** The entry of the audit that says that everything before it comes from a backup: part of the chain. */
export function restoreEntry(
  { time, user, archive }: RestoreEntry,
  head: { readonly seq: number; readonly hash: string },
): { columns: readonly string[]; values: readonly SqlValue[] } {
  const source = { requestId: '', user, sourceIP: '', verb: 'restore' };
  const about = { kind: 'Store', namespace: '', name: '', status: 200, change: archive };
  const place = { sequence: head.seq + 1, time, isoTime: iso(time), previousHash: head.hash };
  return { columns: APPEND_ENTRY.columns, values: linked(source, about, place).parameters };
}
