// The audit as the center keeps it: oldest first, a page after an entry. Whether it is whole is computed here: the center's word is not
// taken for it.
import { type AuditAnchor, AuditChain, type AuditEntry } from '../../../manifests/index.js';
import { GROUP_PATH, type Query, request } from '../api/request.js';

export const AUDIT_PATH = `${GROUP_PATH}/auditentries`;

interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly metadata: { readonly continue?: string; readonly head: AuditAnchor; readonly anchor: AuditAnchor };
}

const PAGE = 1000;

const ask = (query: Query, signal?: AbortSignal) =>
  request<AuditPage>(AUDIT_PATH, { query, ...(signal === undefined ? {} : { signal }) });

/** The latest entries, newest first: a place near the end is guessed, and further back where a filter leaves out much. */
export async function latestEntries(filter: Query, count: number, signal: AbortSignal): Promise<readonly AuditEntry[]> {
  const { metadata } = await ask({ limit: 1 }, signal);
  for (let back = count; ; back *= 8) {
    const after = Math.max(0, metadata.head.sequence - back);
    const found: AuditEntry[] = [];
    for (let from: string | undefined = String(after); from !== undefined; ) {
      const page: AuditPage = await ask({ ...filter, after: from, limit: PAGE }, signal);
      found.push(...page.items);
      from = page.metadata.continue;
    }
    if (found.length >= count || after === 0) return found.reverse().slice(0, count);
  }
}

export interface Verification {
  readonly checked: number;
  /** Entries that there were at the beginning. */
  readonly of: number;
  readonly head: AuditAnchor;
  readonly broken?: { readonly sequence: number; readonly why: string };
}

/** Computes every hash of the chain. @param tell how far it is, after each page; throws ApiError */
export async function verifyAudit(tell: (so: Verification) => void, signal: AbortSignal): Promise<Verification> {
  let chain: AuditChain | undefined;
  let last = 0;
  for (let after = '0'; ; ) {
    const { items, metadata } = await ask({ after, limit: PAGE }, signal);
    if (chain === undefined) {
      chain = new AuditChain(metadata.anchor);
      last = metadata.head.sequence;
    }
    for (const entry of items) if (!chain.add(entry)) break;
    const { broken, checked, head } = chain;
    const so = { checked, of: last, head, ...(broken === undefined ? {} : { broken }) };
    const next = metadata.continue;
    if (broken !== undefined || next === undefined || Number(next) >= last) return so;
    tell(so);
    after = next;
  }
}
