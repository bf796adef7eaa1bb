// Who asked for a run: the audit knows, and says it to whoever may read it.
import { useQuery } from '@tanstack/react-query';
import type { AuditEntry } from '../../../manifests/index.js';
import type { RunObject } from '../api/objects.js';
import { type Query, request } from '../api/request.js';
import { AUDIT_PATH } from './audit.js';
import { useRights } from './use-rights.js';

/** Others come of the schedule, or of other runs. */
const ASKED_FOR: readonly string[] = ['Manual', 'Retry', 'Backfill'];
/** Entry and run are of one transaction; their times are taken one after the other. */
const APART_MS = 60_000;
/** The center looks at some thousand entries in one answer. */
const PAGES_MAX = 3;

interface Page {
  readonly items: readonly AuditEntry[];
  readonly metadata: { readonly continue?: string };
}

/** The name of the user; undefined while it is asked, where nobody asked, and where the audit may not be read or does not know. */
export function useAsker({ metadata, spec }: RunObject): string | undefined {
  const { namespace, name, uid, creationTimestamp } = metadata;
  const may = useRights()({ verb: 'list', plural: 'auditentries', namespace });
  const { data } = useQuery({
    queryKey: ['asker', uid],
    queryFn: ({ signal }) => askerOf(namespace, name, Date.parse(creationTimestamp) - APART_MS, signal),
    enabled: may.allowed && ASKED_FOR.includes(spec.trigger),
    // The past stays as it is.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return data ?? undefined;
}

async function askerOf(namespace: string, name: string, since: number, signal: AbortSignal): Promise<string | null> {
  const query: Query = { kind: 'Run', namespace, name, since: new Date(since).toISOString(), limit: 10 };
  for (let [after, left]: [string | undefined, number] = ['0', PAGES_MAX]; after !== undefined && left > 0; left--) {
    const { items, metadata }: Page = await request<Page>(AUDIT_PATH, { query: { ...query, after }, signal });
    const made = items.find(({ status }) => status < 400);
    if (made !== undefined) return made.as ?? made.user;
    after = metadata.continue;
  }
  return null;
}
