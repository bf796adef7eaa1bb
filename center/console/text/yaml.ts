// On demand: YAML is a library of its own, and few pages need it.
import { parseDocument, stringify } from 'yaml';
import { parsePath } from '../../../manifests/index.js';

/** What is written as a manifest. */
export interface Declared {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** '' for what lives in none. */
    readonly namespace: string;
    readonly labels?: object | undefined;
    readonly annotations?: object | undefined;
  };
  readonly spec: object;
}

/** What the user declared, as YAML; without what the center adds. */
export function manifestText({ kind, metadata, spec }: Declared): string {
  const { name, namespace, labels, annotations } = metadata;
  const { calendars: _, ...declared } = spec as { calendars?: unknown };
  const own = { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
  return stringify(
    {
      ...{ apiVersion: 'cloudtask.dev/v1', kind },
      ...{ metadata: { name, ...(namespace === '' ? {} : { namespace }), ...own }, spec: declared },
    },
    { lineWidth: 0 },
  );
}

/** Something wrong, and the characters it is about. */
export interface TextProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

export type Parsed = { readonly object: unknown } | { readonly problems: readonly TextProblem[] };

/** The value of a text of one document. */
export function parseText(text: string): Parsed {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length === 0) return { object: document.toJS() as unknown };
  return {
    problems: document.errors.map(({ pos: [from, to], message }) => ({
      from: Math.min(from, text.length),
      to: Math.min(to, text.length),
      message,
    })),
  };
}

/** Reads fields of a text of one document: what is no text and no number, or not there, is undefined. */
export function fieldReader(text: string): (path: readonly (string | number)[]) => string | undefined {
  const parsed = parseText(text);
  const object = 'object' in parsed ? parsed.object : undefined;
  return (path) => {
    let value = object;
    for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  };
}

/** Where a field is that the center names; where it is missing, what it would be in. */
export function placeOf(text: string, field: string): { readonly from: number; readonly to: number } {
  const document = parseDocument(text, { prettyErrors: false });
  for (let path = [...parsePath(field)]; path.length > 0; path = path.slice(0, -1)) {
    const node = document.getIn(path, true) as { readonly range?: readonly [number, number, number] } | undefined;
    if (node?.range !== undefined) return { from: node.range[0], to: Math.max(node.range[0], node.range[1]) };
  }
  return { from: 0, to: Math.min(text.length, text.indexOf('\n') < 0 ? text.length : text.indexOf('\n')) };
}

/** The text with one field changed, and all else, comments too, as it was. `undefined` takes the field away. */
export function withField(text: string, path: readonly (string | number)[], value: unknown): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text; // of what is no YAML yet no field can be changed
  // `spec:` without a value yet is a place for fields.
  for (let depth = 1; value !== undefined && depth < path.length; depth++) {
    if (document.getIn(path.slice(0, depth)) === null) document.deleteIn(path.slice(0, depth));
  }
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}
