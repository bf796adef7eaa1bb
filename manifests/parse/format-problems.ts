import { kindRow } from '../kinds/registry.js';
import type { ParseResult, Problem } from './problem.js';

/** `t.yaml:12:13: error: …` with its excerpt. */
export function formatProblem(problem: Problem): string {
  const head = `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${problem.message}`;
  return problem.excerpt === '' ? head : `${head}\n${problem.excerpt}`;
}

/**
 * All problems, the documents of the same files that are well, and the count:
 * `error: 2 problems in 1 of 2 documents; nothing was applied`. Empty when there are no problems.
 */
export function formatProblems(results: readonly ParseResult[], outcome = 'nothing was applied'): string {
  const problems = results.flatMap((result) => result.problems);
  if (problems.length === 0) return '';
  const errors = problems.filter((problem) => problem.severity === 'error');
  const lines = problems.map(formatProblem);
  if (errors.length === 0) return lines.join('\n');
  for (const result of results) {
    for (const document of result.documents) {
      if (errors.some((problem) => problem.file === document.file && problem.document === document.index)) continue;
      const { namespace, name } = document.object.metadata;
      const full = kindRow(document.kind).namespaced ? `${namespace ?? 'default'}/${name}` : name;
      lines.push(`${document.file}#${document.index} (${document.kind} ${full}) ok`);
    }
  }
  const total = results.reduce((sum, result) => sum + result.total, 0);
  const bad = new Set(errors.map((problem) => `${problem.file}#${problem.document}`)).size;
  lines.push(`error: ${count(errors.length, 'problem')} in ${bad} of ${count(total, 'document')}; ${outcome}`);
  return lines.join('\n');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
