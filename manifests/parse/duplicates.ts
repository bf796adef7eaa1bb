import { prefixOfNameless } from '../generated-name.js';
import { kindRow } from '../kinds/registry.js';
import type { ParsedDocument, Problem } from './problem.js';

/**
 * A problem for each document that repeats an object of an earlier one, in the same file or another. `namespace` is
 * that of namespaced documents which name none. Add them to the results as one more: `{documents: [], problems, total: 0}`.
 */
export function duplicateObjects(documents: readonly ParsedDocument[], namespace = 'default'): Problem[] {
  const first = new Map<string, ParsedDocument>();
  const problems: Problem[] = [];
  for (const document of documents) {
    if (prefixOfNameless(document.object) !== undefined) continue;
    const { metadata } = document.object;
    const name = kindRow(document.kind).namespaced
      ? `${metadata.namespace ?? namespace}/${metadata.name}`
      : metadata.name;
    const key = `${document.kind} ${name}`;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, document);
      continue;
    }
    const place = document.locate('metadata.name') ?? { line: document.line, column: 1, excerpt: '' };
    problems.push({
      file: document.file,
      ...place,
      document: document.index,
      field: 'metadata.name',
      reason: 'FieldValueDuplicate',
      message: `${key} is defined already at ${earlier.file}:${earlier.line}`,
      severity: 'error',
    });
  }
  return problems;
}
