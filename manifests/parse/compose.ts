// What we take from the YAML library: documents one after the other, and their syntax errors in our words.
import { Composer, type Document, isPair, isScalar, isSeq, Parser, visit } from 'yaml';
import { messageOf } from '../../base/index.js';
import type { FieldPath } from '../validate/field-path.js';
import type { Span } from './locate.js';

/** Values that aliases may stand for in one document: enough for every honest template, no bomb. */
const MAX_ALIASES = 1000;
/** After the first few errors of a document's syntax the others are echoes. */
const MAX_SYNTAX_ERRORS = 5;

/** What people write who know cron better than YAML, by the library's complaint: the way out. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [
    /^Alias cannot be an empty string|^Unexpected alias/,
    'a value that begins with * is an alias in YAML; put a cron expression in quotes, like "* * * * *"',
  ],
  [/^Tabs are not allowed as indentation/, 'tabs are not allowed as indentation; use spaces'],
];

export interface SyntaxProblem extends Span {
  readonly reason: 'SyntaxError' | 'FieldValueDuplicate';
  readonly message: string;
}

/** One document after the other, so that only one tree is in memory. */
export function* composeDocuments(text: string): Generator<Document.Parsed> {
  // The library looks for duplicate keys in quadratic time; repeatedKeysOf below does it in linear time.
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

/** What is wrong with the syntax of a document; else the keys that it repeats. */
export function syntaxProblems(document: Document): SyntaxProblem[] {
  const broken = brokenSyntax(document);
  return broken.length > 0 ? broken : repeatedKeysOf(document).map(({ problem }) => problem);
}

export function brokenSyntax(document: Document): SyntaxProblem[] {
  const nesting = document.errors.find((error) => error.message.startsWith('Maximum call stack'));
  if (nesting !== undefined) return [syntaxProblem('document is nested too deeply', nesting.pos[0], 1)];
  if (document.errors.length > 0) {
    const known = document.errors.flatMap((error) => {
      const said = MISTAKES.find(([pattern]) => pattern.test(error.message))?.[1];
      return said === undefined ? [] : [syntaxProblem(said, error.pos[0], Math.max(1, error.pos[1] - error.pos[0]))];
    });
    // What the library finds behind a mistake of these is its consequence.
    if (known[0] !== undefined) return [known[0]];
    return document.errors
      .slice(0, MAX_SYNTAX_ERRORS)
      .map(({ message, pos }) => syntaxProblem(lowerFirst(message), pos[0], Math.max(1, pos[1] - pos[0])));
  }
  return [];
}

/** A key that stands in one map twice, and the path of what it names. */
export function repeatedKeysOf(document: Document): { readonly problem: SyntaxProblem; readonly path: FieldPath }[] {
  const found: { problem: SyntaxProblem; path: FieldPath }[] = [];
  visit(document, {
    Map(_, map, above) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          const [offset, end] = key.range ?? [0, 1];
          const span = { offset, length: end - offset };
          const problem = { reason: 'FieldValueDuplicate', message: `duplicate field "${name}"`, ...span } as const;
          found.push({ problem, path: [...stepsTo([...above, map]), name] });
        }
        seen.add(name);
      }
    },
  });
  return found;
}

/** The keys and indexes that lead through these nodes, each within the one before. */
function stepsTo(nodes: readonly unknown[]): FieldPath {
  return nodes.flatMap((node, at): FieldPath => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : ''];
    return isSeq(node) ? [node.items.indexOf(nodes[at + 1])] : [];
  });
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
