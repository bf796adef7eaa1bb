import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Instant } from '../../../base/index.js';
import { type AnyObject, API_VERSION, type KindRow } from '../../../manifests/index.js';
import type { ListOptions, ListText, Store } from '../../store/index.js';
import { integer, LIMIT_MAX, type Query, requireLatest, selectorsOf, sortByOf } from '../request-options.js';
import type { ApiContext } from '../route.js';
import { columnDefinitions, includedIn, TABLE_HEAD, tableRow } from '../table.js';

/** What a list or watch is asked for. */
export interface Scope {
  readonly row: KindRow;
  readonly query: Query;
  /** undefined: all namespaces. */
  readonly namespace?: string;
  /** Only these namespaces; undefined: whichever there are. */
  readonly within?: readonly string[];
  /** Of a watch: it ends when rights change. */
  readonly revocable?: boolean;
  /** As a Table (A-30). */
  readonly table?: boolean;
}

export function namespacesOf({ namespace, within }: Pick<Scope, 'namespace' | 'within'>) {
  return { ...(namespace === undefined ? {} : { namespace }), ...(within === undefined ? {} : { within }) };
}

/** Objects read and sent at a time of a list that was asked for whole: it never is in memory as a whole. */
const CHUNK = 500;

export async function answerList(context: ApiContext, scope: Scope, reply: FastifyReply): Promise<unknown> {
  const { row, query } = scope;
  requireLatest(query);
  const limit = integer(query, 'limit', 0, Number.MAX_SAFE_INTEGER) || undefined;
  const sortBy = sortByOf(query, row);
  const options: ListOptions = {
    ...selectorsOf(query, row),
    ...namespacesOf(scope),
    ...(sortBy === undefined ? {} : { sortBy }),
    ...(query.continue ? { continueToken: query.continue } : {}),
    limit: limit === undefined ? CHUNK : Math.min(limit, LIMIT_MAX),
  };
  const page = await context.store.listText(row.kind, options);
  const form = scope.table === true ? tableForm(row, query, context.clock.now()) : listForm(row);
  const whole = limit !== undefined || page.continueToken === undefined;
  if (whole && query.pretty !== undefined) return JSON.parse(body(form, page));
  reply.header('content-type', 'application/json; charset=utf-8');
  if (whole) return body(form, page);
  return reply.send(Readable.from(wholeList(context.store, row, options, page, form), { objectMode: false }));
}

/** How a list is written: what comes before its items, and the items of a page joined by commas. */
interface Form {
  head(page: Pick<ListText, 'resourceVersion' | 'continueToken' | 'remaining'>): string;
  items(page: ListText): string;
}

/** The reply as text: the store hands out objects as text, and nothing is parsed on the way. */
function listForm(row: KindRow): Form {
  return {
    head: (page) =>
      `${open({ kind: `${row.kind}List`, apiVersion: API_VERSION, metadata: listMetadata(page) })},"items":[`,
    items: ({ text }) => text,
  };
}

function tableForm(row: KindRow, query: Query, now: Instant): Form {
  const included = includedIn(query);
  return {
    head: (page) =>
      `${open({ ...TABLE_HEAD, metadata: listMetadata(page), columnDefinitions: columnDefinitions(row) })},"rows":[`,
    items: ({ text }) =>
      (JSON.parse(`[${text}]`) as AnyObject[])
        .map((object) => JSON.stringify(tableRow(row, object, included, now)))
        .join(','),
  };
}

const open = (object: object): string => JSON.stringify(object).slice(0, -1);

function body(form: Form, page: ListText): string {
  return `${form.head(page)}${form.items(page)}]}`;
}

function listMetadata(page: Pick<ListText, 'resourceVersion' | 'continueToken' | 'remaining'>) {
  return {
    resourceVersion: page.resourceVersion,
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
}

/** The same object as text, page after page. */
async function* wholeList(store: Store, row: KindRow, options: ListOptions, first: ListText, form: Form) {
  yield form.head({ resourceVersion: first.resourceVersion });
  let page = first;
  let separator = '';
  for (;;) {
    if (page.text !== '') yield `${separator}${form.items(page)}`;
    if (page.text !== '') separator = ',';
    if (page.continueToken === undefined) break;
    page = await store.listText(row.kind, { ...options, continueToken: page.continueToken });
  }
  yield ']}\n';
}
