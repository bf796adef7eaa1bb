// Reading the audit of writes.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API_VERSION, findKind } from '../../../manifests/index.js';
import type { AuditFilter, AuditPage } from '../../store/index.js';
import { bad, integer, oneOf, type Query, queryOf } from '../request-options.js';
import { type Requester, requireMay } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

/** Entries of one answer; an export as lines goes on page by page, each when the client has taken the one before. */
const LIMIT_MAX = 1000;
const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER;

export function auditEntriesRoute(context: ApiContext): Route {
  return {
    method: 'GET',
    path: `${GROUP_PATH}/auditentries`,
    verb: 'list',
    role: 'admin',
    about: 'AuditEntry',
    perObject: true,
    summary:
      'List the audit of writes, oldest first, a page after an entry (`after`); all of it as lines with `format=ndjson`',
    handle: (request, reply, user) => answer(context, request, reply, user),
  };
}

async function answer(
  { store }: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester | undefined,
): Promise<unknown> {
  const query = queryOf(request);
  // Of one namespace for those who may read it there.
  requireMay(user, { verb: 'list', kind: 'AuditEntry', namespace: query.namespace || undefined });
  const filter = filterOf(query);
  const after = integer(query, 'after', 0, SEQUENCE_MAX) ?? 0;
  const limit = integer(query, 'limit', 1, LIMIT_MAX) ?? LIMIT_MAX;
  if (oneOf(query, 'format', ['json', 'ndjson']) === 'ndjson') {
    reply.header('content-type', 'application/x-ndjson');
    const read = (from: number) => store.audit.read(from, LIMIT_MAX, filter);
    return Readable.from(linesOf(read, after), { objectMode: false });
  }
  const { entries, upTo, head, anchor } = await store.audit.read(after, limit, filter);
  const further = upTo < head.sequence ? { continue: String(upTo) } : {};
  return { kind: 'AuditEntryList', apiVersion: API_VERSION, metadata: { ...further, head, anchor }, items: entries };
}

/** Up to what was the latest entry at the beginning: a reader that is slower than the writers comes to an end. */
async function* linesOf(read: (after: number) => Promise<AuditPage>, after: number): AsyncGenerator<string> {
  let last: number | undefined;
  for (let from = after; last === undefined || from < last; ) {
    const { entries, upTo, head } = await read(from);
    last ??= head.sequence;
    if (entries.length > 0) yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    from = upTo;
  }
}

function filterOf(query: Query): AuditFilter {
  const filter: Record<string, string | number> = {};
  for (const name of ['user', 'verb', 'namespace', 'name'] as const) {
    const value = query[name];
    if (value !== undefined && value !== '') filter[name] = printable(name, value);
  }
  if (query.kind) {
    const row = findKind(query.kind);
    if (row === undefined) throw bad('kind', `there is no kind "${query.kind}"`);
    filter.kind = row.kind;
  }
  if (query.since) filter.since = instant(query.since);
  return filter;
}

/** No entry has anything else, and PostgreSQL refuses some of it. */
function printable(name: string, value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  throw bad(name, 'it may consist of printable ASCII characters only');
}

function instant(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw bad('since', `"${text}" is not an RFC 3339 time`);
  return time;
}
