// JSON patch (RFC 6902) with JSON pointers (RFC 6901).
import { isDeepStrictEqual } from 'node:util';
import { CloudTaskError } from '../../base/index.js';

/** Operations of one patch; nobody writes more, and each may copy a part of the object. */
const OPERATIONS_MAX = 1000;
/** A patch whose copies make the object larger than this is no patch of a manifest. */
const RESULT_MAX_CHARS = 8 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/**
 * The document after the operations; the one given is not changed. Throws CT_BAD_REQUEST for what is no JSON patch, and
 * CT_MANIFEST_INVALID for an operation that cannot be carried out on this document, a failed test among them.
 */
export function jsonPatch(document: unknown, patch: unknown): unknown {
  let root = { document: structuredClone(document) };
  const operations = operationsOf(patch);
  for (const [index, operation] of operations.entries()) {
    root = carryOut(root, operation, `[${index}]`);
    if (operation.op === 'copy' && JSON.stringify(root.document).length > RESULT_MAX_CHARS) {
      throw impossible(`[${index}]`, 'the result is too large');
    }
  }
  return root.document;
}

interface Root {
  document: unknown;
}

function carryOut(root: Root, { op, path, from, value }: Operation, at: string): Root {
  switch (op) {
    case 'test':
      if (!isDeepStrictEqual(find(root, path, at), value)) throw impossible(at, `testing value ${path} failed`);
      return root;
    case 'add':
      return add(root, path, structuredClone(value), at);
    case 'remove':
      take(root, path, at);
      return root;
    case 'replace':
      find(root, path, at);
      if (path !== '') take(root, path, at);
      return add(root, path, structuredClone(value), at);
    case 'copy':
      return add(root, path, structuredClone(find(root, from!, at)), at);
    default: {
      if (path.startsWith(`${from}/`)) throw impossible(at, `"${from}" cannot be moved into itself`);
      const moved = find(root, from!, at);
      if (from !== '') take(root, from!, at);
      return add(root, path, moved, at);
    }
  }
}

function add(root: Root, path: string, value: unknown, at: string): Root {
  if (path === '') return { document: value };
  const { owner, key } = ownerOf(root, path, at);
  if (!Array.isArray(owner)) owner[key] = value;
  else owner.splice(key === '-' ? owner.length : position(key, owner.length, path, at), 0, value);
  return root;
}

function take(root: Root, path: string, at: string): void {
  find(root, path, at);
  if (path === '') throw impossible(at, 'the whole document cannot be removed');
  const { owner, key } = ownerOf(root, path, at);
  if (Array.isArray(owner)) owner.splice(Number(key), 1);
  else delete owner[key];
}

function find(root: Root, path: string, at: string): unknown {
  let value = root.document;
  for (const key of keysOf(path, at)) {
    if (Array.isArray(value)) value = value[position(key, value.length - 1, path, at)];
    else if (isMap(value) && Object.hasOwn(value, key)) value = value[key];
    else throw missing(path, at);
  }
  return value;
}

/** The map or list that holds what a path names, which need not be there yet. */
function ownerOf(root: Root, path: string, at: string): { owner: Record<string, unknown> | unknown[]; key: string } {
  const end = path.lastIndexOf('/');
  const owner = find(root, path.slice(0, end), at);
  const key = keysOf(path, at).at(-1)!;
  if (!isMap(owner) && !Array.isArray(owner)) throw missing(path, at);
  return { owner, key };
}

function keysOf(path: string, at: string): string[] {
  const keys = path.split('/').slice(1);
  // Such a key would not become a field but change the object itself.
  if (keys.includes('__proto__')) throw impossible(at, '"__proto__" is not a field');
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function position(key: string, last: number, path: string, at: string): number {
  const index = /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > last) throw missing(path, at);
  return index;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function missing(path: string, at: string): CloudTaskError {
  return impossible(at, `there is no "${path}"`);
}

function impossible(at: string, why: string): CloudTaskError {
  const causes = [{ reason: 'FieldValueInvalid', message: why, field: `patch${at}` }];
  return new CloudTaskError('CT_MANIFEST_INVALID', { detail: `the patch cannot be applied: ${why}`, causes });
}

const NEEDED: Readonly<Record<string, readonly (keyof Operation)[]>> = {
  add: ['value'],
  remove: [],
  replace: ['value'],
  move: ['from'],
  copy: ['from'],
  test: ['value'],
};

function operationsOf(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw malformed('it must be a list of operations');
  if (patch.length > OPERATIONS_MAX) throw malformed(`it has more than ${OPERATIONS_MAX} operations`);
  return patch.map((operation: unknown, index) => {
    const { op, path, from } = (operation ?? {}) as Partial<Record<keyof Operation, unknown>>;
    const needed = typeof op === 'string' && Object.hasOwn(NEEDED, op) ? NEEDED[op] : undefined;
    if (needed === undefined) throw malformed(`[${index}].op must be one of ${Object.keys(NEEDED).join(', ')}`);
    if (!isPointer(path)) throw malformed(`[${index}].path must be a JSON pointer such as /spec/timeout`);
    if (needed.includes('from') && !isPointer(from)) throw malformed(`[${index}].from must be a JSON pointer`);
    if (needed.includes('value') && !Object.hasOwn(operation as object, 'value')) {
      throw malformed(`[${index}].value is missing`);
    }
    return operation as Operation;
  });
}

function isPointer(text: unknown): text is string {
  return typeof text === 'string' && (text === '' || (text.startsWith('/') && !/~(?![01])/.test(text)));
}

function malformed(why: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', `the JSON patch is malformed: ${why}`);
}
