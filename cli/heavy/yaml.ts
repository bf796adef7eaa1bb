// The yaml package, behind one dynamic import: loading it costs more than half a Node start.
import { Document, parse, parseDocument, stringify } from 'yaml';

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
