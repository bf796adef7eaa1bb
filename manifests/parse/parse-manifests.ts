// Files of manifests: several YAML documents (JSON is YAML), lists of kind List. All problems of all documents are
// found at once, each with its place.
import { type Document, isMap } from 'yaml';
import type { ErrorCause } from '../../base/index.js';
import { GROUP } from '../kinds/metadata.js';
import { type FieldPath, formatPath, parsePath } from '../validate/field-path.js';
import { type ValidationOptions, validateObject } from '../validate/validate-object.js';
import { composeDocuments, documentValue, isEmptyDocument, syntaxProblems } from './compose.js';
import { SourceText } from './excerpt.js';
import { spanOf } from './locate.js';
import type { ParsedDocument, ParseResult, Place, Problem } from './problem.js';

/** Larger files are refused. 100,000 ordinary tasks take about 40 MB. */
export const FILE_MAX_CHARS = 256 * 1024 * 1024;
/** Problems reported per file; a file that is something else entirely would fill screens. */
const MAX_PROBLEMS = 200;

export interface ParseOptions extends ValidationOptions {
  /** Documents of other programs are left out without a word: those whose apiVersion is of another group, or that have none,
   * and files that do not speak of ours at all, whatever they are. */
  readonly skipForeign?: boolean;
}

/** Parses the text of a file. `file` names it in problems. Never throws for what the text contains. */
export function parseManifests(text: string, file: string, options: ParseOptions = {}): ParseResult {
  return new FileParser(text, file, options).parse();
}

class FileParser {
  readonly #source: SourceText;
  readonly #file: string;
  readonly #options: ParseOptions;
  readonly #documents: ParsedDocument[] = [];
  readonly #problems: Problem[] = [];
  /** Number of the document within the file, and how many of them count. */
  #index = 0;
  #total = 0;

  constructor(text: string, file: string, options: ParseOptions) {
    this.#source = new SourceText(text);
    this.#file = file;
    this.#options = options;
  }

  parse(): ParseResult {
    if (this.#options.skipForeign && !this.#source.text.includes(`${GROUP}/`)) {
      return { documents: [], problems: [], total: 0 };
    }
    if (this.#source.text.length > FILE_MAX_CHARS) {
      this.#report(
        0,
        { reason: 'TooLarge', message: `file has more than ${FILE_MAX_CHARS} characters` },
        { offset: 0, length: 1 },
      );
    } else {
      try {
        for (const document of composeDocuments(this.#source.text)) this.#document(document);
      } catch (error) {
        // The library recurses: nesting that is deep enough to end the stack is refused like any other bad text.
        if (!(error instanceof RangeError)) throw error;
        this.#report(
          this.#index + 1,
          { reason: 'SyntaxError', message: 'document is nested too deeply' },
          { offset: 0, length: 1 },
        );
      }
    }
    this.#problems.sort((a, b) => a.line - b.line || a.column - b.column);
    return { documents: this.#documents, problems: this.#problems, total: this.#total };
  }

  #document(document: Document.Parsed): void {
    if (isEmptyDocument(document)) return;
    this.#index += 1;
    const index = this.#index;
    if (this.#options.skipForeign && isForeign(document)) return;
    this.#total += 1;
    const wrong = syntaxProblems(document);
    for (const problem of wrong) this.#report(index, problem, problem);
    if (wrong.length > 0) return;
    const read = documentValue(document);
    if ('problem' in read) this.#report(index, read.problem, read.problem);
    else this.#value(index, document, read.value, []);
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
    const { object, causes, warnings } = validateObject(value, this.#options);
    for (const found of causes) this.#cause(index, document, found, prefix, 'error');
    for (const found of warnings) this.#cause(index, document, found, prefix, 'warning');
    if (object === undefined) return;
    const source = this.#source;
    const [from, , to] = document.range;
    this.#documents.push({
      index,
      object,
      given: value as typeof object,
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

/** Whether a document is one of another program. One that cannot be read as a map says nothing, so it is. */
function isForeign(document: Document): boolean {
  const version: unknown = isMap(document.contents) ? document.contents.get('apiVersion') : undefined;
  const list = isMap(document.contents) && document.contents.get('kind') === 'List';
  return !(String(version).startsWith(`${GROUP}/`) || (list && version === 'v1'));
}

/** Trees are not kept: to find a field later, its document is parsed once more. */
function locateAgain(source: SourceText, from: number, to: number, path: FieldPath): Place | undefined {
  for (const document of composeDocuments(source.text.slice(from, to))) {
    const span = spanOf(document, path, 'value');
    const offset = from + span.offset;
    return { ...source.placeOf(offset), excerpt: source.excerpt(offset, span.length) };
  }
  return undefined;
}
