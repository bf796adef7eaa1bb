// Manifests in one style: keys in the order of the schema, lists not indented; comments, quotes and documents of other
// programs stay (row G-05).
import type { TSchema } from '@sinclair/typebox';
import { Document, isMap, isNode, isScalar, isSeq, type Pair, parseAllDocuments, type YAMLMap } from 'yaml';
import { CloudTaskError, messageOf } from '../../base/index.js';
import { API_VERSION } from '../kinds/metadata.js';
import { kinds } from '../kinds/registry.js';
import { isEmptyDocument } from '../parse/compose.js';

/** A comment may find its place only the second time; what does not come to rest in these rounds is left alone. */
const ROUNDS_MAX = 4;

/** The text of a file of manifests in the one style, which formatting again does not change. Throws CT_MANIFEST_SYNTAX for
 * text that is not YAML. */
export function formatManifests(text: string): string {
  let last = text;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = formatOnce(last);
    if (next === last) return last;
    last = next;
  }
  return text;
}

function formatOnce(text: string): string {
  const documents = parseAllDocuments(text, { version: '1.2', merge: true });
  if (!Array.isArray(documents)) return text; // nothing in it
  for (const { errors } of documents) {
    const [error] = errors;
    if (error !== undefined) throw new CloudTaskError('CT_MANIFEST_SYNTAX', firstLine(error.message));
  }
  const before = documents.map((document) => document.toJS() as unknown);
  if (!before.some(isOurs)) return text;
  const formatted = documents.map((document, index) => {
    if (isOurs(before[index]) && isMap(document.contents)) sortDocument(document, before[index] as Manifest);
    return documentText(document);
  });
  const after = formatted.filter((part) => part.trim() !== '').join('---\n');
  // The style must never change what is meant; where it would, the file stays as it is.
  return meaning(after) === canonical(before) ? after : text;
}

/** A file of JSON, the same way: two blanks a level. Throws CT_MANIFEST_SYNTAX. */
export function formatJsonManifest(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CloudTaskError('CT_MANIFEST_SYNTAX', { detail: messageOf(error), cause: error });
  }
  if (!isOurs(value)) return text;
  const document = new Document(value);
  sortDocument(document, value as Manifest);
  return `${JSON.stringify(document.toJS(), undefined, 2)}\n`;
}

/** What the documents of a text say, in one order of keys; undefined when it is not YAML. */
function meaning(text: string): string | undefined {
  const documents = parseAllDocuments(text, { version: '1.2', merge: true });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
  return canonical(documents.map((document) => document.toJS() as unknown));
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind?: unknown;
  readonly items?: unknown;
}

function isOurs(value: unknown): boolean {
  const { apiVersion, kind, items } = (value ?? {}) as Partial<Manifest>;
  if (apiVersion === API_VERSION) return true;
  return kind === 'List' && Array.isArray(items) && items.some(isOurs);
}

function documentText(document: Document): string {
  const text = document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false });
  // The first document needs no mark, and between two the join writes it.
  const plain = text.replace(/^---\n/, '').replace(/\.\.\.\n$/, '');
  return isEmptyDocument(document) ? plain.replace(/^ +/gm, '') : plain;
}

function sortDocument(document: Document, value: Manifest): void {
  const contents = document.contents as YAMLMap;
  const items = value.kind === 'List' ? contents.get('items') : undefined;
  if (items === undefined) sortObject(contents);
  if (isSeq(items)) for (const item of items.items) if (isMap(item)) sortObject(item);
}

function sortObject(map: YAMLMap): void {
  const kind = map.get('kind');
  const row = kinds.find((candidate) => candidate.kind === kind);
  sortMap(map, row?.schema ?? EVERY_OBJECT, 'document');
}

/** Of a kind that this version does not know, only the order of the first level is known. */
const EVERY_OBJECT = {
  properties: { apiVersion: {}, kind: {}, metadata: {}, spec: {}, status: {} },
} as unknown as TSchema;

function sortNode(node: unknown, schema: TSchema | undefined, owner: CommentOwner = 'key'): void {
  if (schema === undefined) return;
  if (isMap(node) && schema.properties !== undefined) sortMap(node, schema, owner);
  if (isSeq(node) && schema.items !== undefined) {
    for (const item of node.items) {
      sortNode(item, schema.items as TSchema, 'entry');
      if (isMap(item)) liftComment(item);
    }
  }
}

/** A comment between the dash and the first key stands better above the dash. */
function liftComment(item: YAMLMap): void {
  const first = item.items[0]?.key;
  if (item.flow || !isNode(first) || !first.commentBefore) return;
  item.commentBefore = [item.commentBefore, first.commentBefore].filter(Boolean).join('\n');
  first.commentBefore = null;
}

/** What a comment above the first key of a map belongs to: that key, or what the map is (a document, an entry of a list). */
type CommentOwner = 'key' | 'document' | 'entry';

function sortMap(map: YAMLMap, schema: TSchema, owner: CommentOwner = 'key'): void {
  const properties = (schema.properties ?? {}) as Record<string, TSchema>;
  const order = Object.keys(properties);
  const rank = ({ key }: Pair): number => {
    const at = order.indexOf(keyOf(key));
    return at === -1 ? order.length : at;
  };
  for (const { key, value } of map.items) sortNode(value, properties[keyOf(key)]);
  const sorted = [...map.items].sort((a, b) => rank(a) - rank(b));
  moveComments(map, sorted, owner);
  map.items = sorted;
}

/** A comment above the first key moves with its key, wherever the parser has put it; what stands at the top of a document
 * stays there. What comes first now needs no blank line above it. */
function moveComments(map: YAMLMap, sorted: readonly Pair[], owner: CommentOwner): void {
  const [before, after] = [map.items[0]?.key, sorted[0]?.key];
  if (before === after || !isNode(before) || !isNode(after)) return;
  after.spaceBefore = false;
  if (owner === 'document') {
    after.commentBefore = [before.commentBefore, after.commentBefore].filter(Boolean).join('\n') || null;
    before.commentBefore = null;
  } else if (owner === 'key' && map.commentBefore) {
    before.commentBefore = map.commentBefore;
    map.commentBefore = null;
  }
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

/** Values with their keys in alphabetic order, without empty documents: neither is part of what a file means. */
function canonical(values: readonly unknown[]): string {
  return JSON.stringify(
    values.filter((value) => value !== null && value !== undefined),
    (_key, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
  );
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
