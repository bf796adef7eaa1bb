import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { FieldPath } from '../validate/field-path.js';

export interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where a path stands in a document. For `part` "key" the key of the last step, otherwise its value; the nearest
 * parent's key when the path is not written.
 */
export function spanOf(document: Document, path: FieldPath, part: 'key' | 'value'): Span {
  let node: unknown = document.contents;
  let parent: Span = spanOfNode(node) ?? { offset: document.range?.[0] ?? 0, length: 1 };
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const child = childOf(document, node, step);
    if (child === undefined) return parent;
    const key = spanOfNode(isPair(child) ? child.key : child);
    const value: unknown = isPair(child) ? child.value : child;
    if (last) return (part === 'key' ? key : (spanOfNode(value) ?? key)) ?? parent;
    parent = key ?? parent;
    node = value;
  }
  return parent;
}

function childOf(document: Document, node: unknown, step: string | number): Pair | Node | undefined {
  const resolved = isAlias(node) ? node.resolve(document) : node;
  if (isMap(resolved)) {
    return resolved.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step));
  }
  if (!isSeq(resolved) || typeof step !== 'number') return undefined;
  const item = resolved.items[step];
  return isNode(item) ? item : undefined;
}

function spanOfNode(node: unknown): Span | undefined {
  if (!isNode(node) || !node.range) return undefined;
  const [start, end] = node.range;
  // A map or list as a whole is not underlined, only its beginning.
  return { offset: start, length: isScalar(node) || isAlias(node) ? Math.max(1, end - start) : 1 };
}
