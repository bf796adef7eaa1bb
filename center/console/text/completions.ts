// What can be written at a place of a manifest, from the schema that the center holds it against.
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Text } from '@codemirror/state';
import { findKind, jsonSchema, type KindName } from '../../../manifests/index.js';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: string | readonly string[];
}

const schemas = new Map<KindName, Schema>();

/** Of the kind that the manifest says it is. */
function schemaOf(document: Text): Schema {
  const [, word = ''] = /^kind:\s*"?(\w+)/m.exec(document.toString()) ?? [];
  const kind = findKind(word)?.kind ?? 'Task';
  const known = schemas.get(kind) ?? (jsonSchema(kind) as Schema);
  schemas.set(kind, known);
  return known;
}

/** Completes names of fields, and values of those that have few. */
export function manifestCompletions({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const line = state.doc.lineAt(pos);
  const before = line.text.slice(0, pos - line.from);
  const value = /^(\s*)((?:- )*)([\w.-]+):\s+"?([\w.-]*)$/.exec(before);
  if (value !== null) {
    const [, blanks, dashes, key, typed] = value as unknown as [string, string, string, string, string];
    const path = [...pathTo(state.doc, line.number, blanks.length, dashes !== ''), key];
    const options = schemasAt(state.doc, path)
      .flatMap(valuesOf)
      .map((label): Completion => ({ label, type: 'enum' }));
    return options.length === 0 ? null : { from: pos - typed.length, options };
  }
  const field = /^(\s*)((?:- )*)([\w-]*)$/.exec(before);
  if (field === null) return null;
  const [, blanks, dashes, typed] = field as unknown as [string, string, string, string];
  if (typed === '' && !explicit) return null;
  const path = pathTo(state.doc, line.number, blanks.length, dashes !== '');
  const options = schemasAt(state.doc, path).flatMap(({ properties = {} }) =>
    Object.entries(properties).map(([label, schema]): Completion => {
      const info = schema.description === undefined ? {} : { info: schema.description };
      return { label, type: 'property', apply: `${label}: `, ...info };
    }),
  );
  return options.length === 0 ? null : { from: pos - typed.length, options };
}

/** Keys from the root to what a line belongs to, by the indentation of the lines above it. */
function pathTo(document: Text, line: number, blanks: number, inItem: boolean): readonly string[] {
  const path: string[] = [];
  // An item of a list may stand as far to the left as the key of the list.
  let limit = inItem ? blanks + 1 : blanks;
  for (let number = line - 1; number >= 1 && limit > 0; number--) {
    const match = /^(\s*)((?:- )*)([\w.-]+):/.exec(document.line(number).text);
    if (match === null) continue;
    const [, indent, dashes, key] = match as unknown as [string, string, string, string];
    if (indent.length + dashes.length >= limit) continue;
    path.unshift(key);
    limit = dashes === '' ? indent.length : indent.length + 1;
  }
  return path;
}

/** All that a place may be: a field of several shapes has several. */
function schemasAt(document: Text, path: readonly string[]): readonly Schema[] {
  let found = shapesOf(schemaOf(document));
  for (const key of path) {
    found = found.flatMap(({ properties }) => {
      const next = properties?.[key];
      return next === undefined ? [] : shapesOf(next);
    });
  }
  return found;
}

/** A schema, what it may be instead, and the items of a list. */
function shapesOf(schema: Schema): readonly Schema[] {
  const parts = [
    ...(schema.anyOf ?? []),
    ...(schema.allOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  return [schema, ...parts.flatMap(shapesOf)];
}

function valuesOf(schema: Schema): readonly string[] {
  if (schema.const !== undefined) return [String(schema.const)];
  if (schema.enum !== undefined) return schema.enum.map(String);
  return schema.type === 'boolean' ? ['true', 'false'] : [];
}
