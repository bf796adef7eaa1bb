// What we take from the YAML library: documents one after the other, and their syntax errors in our words.
import { Composer, type Document, isScalar, Parser, visit } from 'yaml';
import { messageOf } from '../../base/index.js';
import type { Span } from './locate.js';

/** Values that aliases may stand for in one document: enough for every honest template, no bomb. */
const MAX_ALIASES = 1000;
/** After the first few errors of a document's syntax the others are echoes. */
const MAX_SYNTAX_ERRORS = 5;

export interface SyntaxProblem extends Span {
  readonly reason: 'SyntaxError' | 'FieldValueDuplicate';
  readonly message: string;
}

/** One document after the other, so that only one tree is in memory. */
export function* composeDocuments(text: string): Generator<Document.Parsed> {
  // The library looks for duplicate keys in quadratic time; duplicateKeys below does it in linear time.
  const composer = new Composer({
    version: '1.2',
    merge: true,
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
  });
  yield* composer.compose(new Parser().parse(text)) as Generator<Document.Parsed>;
}

export function isEmptyDocument(document: Document): boolean {
  return (
    document.errors.length === 0 &&
    (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
  );
}

export function syntaxProblems(document: Document): SyntaxProblem[] {
  const nesting = document.errors.find((error) => error.message.startsWith('Maximum call stack'));
  if (nesting !== undefined) return [syntaxProblem('document is nested too deeply', nesting.pos[0], 1)];
  if (document.errors.length > 0) {
    return document.errors
      .slice(0, MAX_SYNTAX_ERRORS)
      .map(({ message, pos }) => syntaxProblem(lowerFirst(message), pos[0], Math.max(1, pos[1] - pos[0])));
  }
  return duplicateKeys(document);
}

function duplicateKeys(document: Document): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          const [offset, end] = key.range ?? [0, 1];
          problems.push({
            reason: 'FieldValueDuplicate',
            message: `duplicate field "${name}"`,
            offset,
            length: end - offset,
          });
        }
        seen.add(name);
      }
    },
  });
  return problems;
}

/** The value of a document without syntax problems, or why it has none. */
export function documentValue(document: Document): { readonly value: unknown } | { readonly problem: SyntaxProblem } {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    const bomb = messageOf(error).startsWith('Excessive alias count');
    const message = bomb ? 'aliases stand for too many values' : lowerFirst(messageOf(error));
    return { problem: syntaxProblem(message, document.range?.[0] ?? 0, 1) };
  }
}

function syntaxProblem(message: string, offset: number, length: number): SyntaxProblem {
  return { reason: 'SyntaxError', message, offset, length };
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
