import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { API_VERSION, type KindRow } from '../../../manifests/index.js';
import type { ListOptions, ListText, Store } from '../../store/index.js';
import { integer, LIMIT_MAX, type Query, requireLatest, selectorsOf } from '../request-options.js';
import type { ApiContext } from '../route.js';

/** What a list or watch is asked for. */
export interface Scope {
  readonly row: KindRow;
  readonly query: Query;
  /** undefined: all namespaces. */
  readonly namespace?: string;
}

/** Objects read and sent at a time of a list that was asked for whole: it never is in memory as a whole. */
const CHUNK = 500;

export async function answerList(context: ApiContext, scope: Scope, reply: FastifyReply): Promise<unknown> {
  const { row, query, namespace } = scope;
  requireLatest(query);
  const limit = integer(query, 'limit', 0, Number.MAX_SAFE_INTEGER) || undefined;
  const options: ListOptions = {
    ...selectorsOf(query, row),
    ...(namespace === undefined ? {} : { namespace }),
    ...(query.continue ? { continueToken: query.continue } : {}),
    limit: limit === undefined ? CHUNK : Math.min(limit, LIMIT_MAX),
  };
  const page = await context.store.listText(row.kind, options);
  const whole = limit !== undefined || page.continueToken === undefined;
  if (whole && query.pretty !== undefined) return JSON.parse(listBody(row, page));
  reply.header('content-type', 'application/json; charset=utf-8');
  if (whole) return listBody(row, page);
  return reply.send(Readable.from(wholeList(context.store, row, options, page), { objectMode: false }));
}

/** The reply as text: the store hands out objects as text, and nothing is parsed on the way. */
function listBody(row: KindRow, page: ListText): string {
  return `${listHead(row, page)}${page.text}]}`;
}

function listHead(row: KindRow, page: Pick<ListText, 'resourceVersion' | 'continueToken' | 'remaining'>): string {
  const head = {
    kind: `${row.kind}List`,
    apiVersion: API_VERSION,
    metadata: {
      resourceVersion: page.resourceVersion,
      ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
      ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
    },
  };
  return `${JSON.stringify(head).slice(0, -1)},"items":[`;
}

/** The same object as text, page after page. */
async function* wholeList(store: Store, row: KindRow, options: ListOptions, first: ListText) {
  yield listHead(row, { resourceVersion: first.resourceVersion });
  let page = first;
  let separator = '';
  for (;;) {
    if (page.text !== '') yield `${separator}${page.text}`;
    if (page.text !== '') separator = ',';
    if (page.continueToken === undefined) break;
    page = await store.listText(row.kind, { ...options, continueToken: page.continueToken });
  }
  yield ']}\n';
}
