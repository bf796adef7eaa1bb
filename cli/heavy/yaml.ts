// The yaml package, behind one dynamic import: loading it costs more than half a Node start.
import { Document, isMap, isNode, isSeq, LineCounter, parse, parseDocument, stringify } from 'yaml';

export type { Document } from 'yaml';
export { isMap, isSeq } from 'yaml';

/** Throws the package's YAMLParseError. */
export function parseYaml(text: string): unknown {
  return parse(text);
}

/** YAML as people write it: no line folding, no anchors, lists not indented. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false });
}

/** A document whose comments and unknown keys survive an edit. */
export function editableDocument(text: string): Document {
  return text.trim() === '' ? new Document({}) : parseDocument(text);
}

export function documentText(document: Document): string {
  return document.toString({ lineWidth: 0, indentSeq: false });
}

export interface TextPlace {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface LocatedYaml {
  readonly value: unknown;
  readonly errors: readonly (TextPlace & { readonly message: string })[];
  /** Where the value at `path` stands, or its key; the nearest thing around it when it is not written. */
  placeOf(path: readonly (string | number)[], key: boolean): TextPlace;
}

/** A document whose values can be pointed at. Values are missing when there are errors. */
export function locatedYaml(text: string): LocatedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): TextPlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const errors = document.errors.map(({ message, pos }) => ({ message, ...at(pos[0]) }));
  return {
    value: errors.length === 0 ? document.toJS() : undefined,
    errors,
    placeOf(path, key) {
      let node: unknown = document.contents;
      let offset = 0;
      for (const [i, step] of path.entries()) {
        const isLast = i === path.length - 1;
        const pair = isMap(node) ? node.items.find((item) => String(item.key) === String(step)) : undefined;
        const next = pair?.value ?? (isSeq(node) ? node.items[Number(step)] : undefined);
        const shown = isNode(next) && !(isLast && key) ? next : pair?.key;
        if (!isNode(shown) || !shown.range) break;
        offset = shown.range[0];
        node = next;
      }
      return at(offset);
    },
  };
}
