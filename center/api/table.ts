// Objects as a Table: the columns that ctask shows, with cells that the center has filled, so that a client prints a kind
// that it does not know. In the format of meta.k8s.io/v1.
import type { FastifyRequest } from 'fastify';
import { formatAge, type Instant } from '../../base/index.js';
import { type AnyObject, columnsOf, type KindRow } from '../../manifests/index.js';
import { oneOf, type Query } from './request-options.js';

const TABLE_TYPE = /^application\/json(?=;)(?=.*;\s*as=table\b)(?=.*;\s*v=v1\b)(?=.*;\s*g=meta\.k8s\.io\b)/i;

/** Whether the client would rather have a Table than the objects: the first of both that it names counts. */
export function wantsTable(request: FastifyRequest): boolean {
  const types = (request.headers.accept ?? '').split(',').map((part) => part.trim());
  const table = types.findIndex((type) => TABLE_TYPE.test(type));
  const plain = types.findIndex((type) => /^application\/json\s*$/i.test(type));
  return table !== -1 && (plain === -1 || table < plain);
}

/** What a row says of its object besides the cells. */
type Included = 'Metadata' | 'Object' | 'None';

export function includedIn(query: Query): Included {
  return oneOf(query, 'includeObject', ['Metadata', 'Object', 'None']) ?? 'Metadata';
}

export interface TableRow {
  readonly cells: readonly string[];
  readonly object?: object;
}

/** Columns with a priority above 0 are those of `-o wide`. */
export function columnDefinitions({ kind }: KindRow) {
  return columnsOf(kind).map(({ name, wide }) => ({
    name,
    type: 'string',
    format: name === 'NAME' ? 'name' : '',
    description: `Column ${name} of ${kind}.`,
    priority: wide === true ? 1 : 0,
  }));
}

export function tableRow({ kind }: KindRow, object: AnyObject, included: Included, now: Instant): TableRow {
  const cells = columnsOf(kind).map(({ cell }) => cell(object as never, { now, age: formatAge }));
  if (included === 'None') return { cells };
  const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
  return { cells, object: included === 'Object' ? object : partial };
}

export const TABLE_HEAD = { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } as const;
