// Files of manifests: several YAML documents (JSON is YAML), lists of kind List. All problems of all documents are
// found at once, each with its place.
import { Composer, type Document, Parser, type YAMLError } from 'yaml';
import { type ErrorCause, messageOf } from '../../base/index.js';
import { type FieldPath, formatPath, parsePath } from '../validate/field-path.js';
import { validateObject } from '../validate/validate-object.js';
import { SourceText } from './excerpt.js';
import { spanOf } from './locate.js';
import type { ParsedDocument, ParseResult, Place, Problem } from './problem.js';

/** Larger files are refused. 100,000 ordinary tasks take about 40 MB. */
export const FILE_MAX_CHARS = 256 * 1024 * 1024;
/** Values that aliases may stand for in one document: enough for every honest template, no bomb. */
const MAX_ALIASES = 1000;
/** Problems reported per file; a file that is something else entirely would fill screens. */
const MAX_PROBLEMS = 200;

/** Parses the text of a file. `file` names it in problems. Never throws for what the text contains. */
export function parseManifests(text: string, file: string): ParseResult {
  return new FileParser(text, file).parse();
}

class FileParser {
  readonly #source: SourceText;
  readonly #file: string;
  readonly #documents: ParsedDocument[] = [];
  readonly #problems: Problem[] = [];
  #total = 0;

  constructor(text: string, file: string) {
    this.#source = new SourceText(text);
    this.#file = file;
  }

  parse(): ParseResult {
    if (this.#source.text.length > FILE_MAX_CHARS) {
      this.#report(
        0,
        { reason: 'TooLarge', message: `file has more than ${FILE_MAX_CHARS} characters` },
        { offset: 0, length: 1 },
      );
    } else {
      try {
        for (const document of composed(this.#source.text)) this.#document(document);
      } catch (error) {
        // The composer recurses: nesting that is deep enough to end the stack is refused like any other bad text.
        if (!(error instanceof RangeError)) throw error;
        this.#report(
          this.#total + 1,
          { reason: 'SyntaxError', message: 'document is nested too deeply' },
          { offset: 0, length: 1 },
        );
      }
    }
    this.#problems.sort((a, b) => a.line - b.line || a.column - b.column);
    return { documents: this.#documents, problems: this.#problems, total: this.#total };
  }

  #document(document: Document.Parsed): void {
    if (document.contents === null && document.errors.length === 0) return;
    this.#total += 1;
    const index = this.#total;
    for (const error of document.errors) this.#syntaxError(index, error);
    if (document.errors.length > 0) return;
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      this.#report(
        index,
        { reason: 'SyntaxError', message: aliasMessage(error) },
        { offset: document.range[0], length: 1 },
      );
      return;
    }
    if (value === null) {
      this.#total -= 1;
      return;
    }
    this.#value(index, document, value, []);
  }

  /** Checks one object; the items of a List one by one. */
  #value(index: number, document: Document.Parsed, value: unknown, prefix: FieldPath): void {
    const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
    if (kind === 'List' && Array.isArray(items) && prefix.length === 0) {
      items.forEach((item, position) => {
        this.#value(index, document, item, ['items', position]);
      });
      return;
    }
    const { object, causes, warnings } = validateObject(value);
    for (const found of causes) this.#cause(index, document, found, prefix, 'error');
    for (const found of warnings) this.#cause(index, document, found, prefix, 'warning');
    if (object === undefined) return;
    const source = this.#source;
    const [from, , to] = document.range;
    this.#documents.push({
      index,
      object,
      kind: object.kind,
      file: this.#file,
      line: source.placeOf(spanOf(document, prefix, 'value').offset).line,
      locate: (field) => locateAgain(source, from, to, [...prefix, ...parsePath(field)]),
    });
  }

  #cause(index: number, document: Document, found: ErrorCause, prefix: FieldPath, severity: 'error' | 'warning'): void {
    const path = [...prefix, ...parsePath(found.field ?? '')];
    const part = found.reason === 'FieldUnknown' || found.reason === 'FieldValueForbidden' ? 'key' : 'value';
    this.#report(index, found, spanOf(document, path, part), severity, path);
  }

  #syntaxError(index: number, error: YAMLError): void {
    const [start, end] = error.pos;
    const reason = error.code === 'DUPLICATE_KEY' ? 'FieldValueDuplicate' : 'SyntaxError';
    this.#report(
      index,
      { reason, message: syntaxMessage(error, this.#source.text) },
      { offset: start, length: Math.max(1, end - start) },
    );
  }

  #report(
    document: number,
    found: { readonly reason: string; readonly message: string },
    span: { readonly offset: number; readonly length: number },
    severity: 'error' | 'warning' = 'error',
    path: FieldPath = [],
  ): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    this.#problems.push({
      file: this.#file,
      ...this.#source.placeOf(span.offset),
      document,
      ...(path.length === 0 ? {} : { field: formatPath(path) }),
      reason: found.reason,
      message: found.message,
      severity,
      excerpt: this.#source.excerpt(span.offset, span.length),
    });
  }
}

/** One document after the other, so that only one tree is in memory. */
function* composed(text: string): Generator<Document.Parsed> {
  const composer = new Composer({ version: '1.2', uniqueKeys: true, stringKeys: true, prettyErrors: false });
  yield* composer.compose(new Parser().parse(text)) as Generator<Document.Parsed>;
}

/** Trees are not kept: to find a field later, its document is parsed once more. */
function locateAgain(source: SourceText, from: number, to: number, path: FieldPath): Place | undefined {
  for (const document of composed(source.text.slice(from, to))) {
    return source.placeOf(from + spanOf(document, path, 'value').offset);
  }
  return undefined;
}

function syntaxMessage(error: YAMLError, text: string): string {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]{1,64}/.exec(text.slice(error.pos[0]))?.[0];
    return `duplicate field${key === undefined ? '' : ` "${key}"`}`;
  }
  return error.message;
}

function aliasMessage(error: unknown): string {
  return messageOf(error).startsWith('Excessive alias count') ? 'aliases stand for too many values' : messageOf(error);
}
