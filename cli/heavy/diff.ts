// The diff package, behind one dynamic import.
import { createTwoFilesPatch } from 'diff';

/** Lines of context around a change, as `diff -u` has them. */
const CONTEXT_LINES = 3;

/** The hunks of a unified diff, without file headers; '' when the texts are equal. */
export function unifiedHunks(before: string, after: string): string {
  const patch = createTwoFilesPatch('', '', before, after, undefined, undefined, { context: CONTEXT_LINES });
  const start = patch.indexOf('@@');
  return start < 0 ? '' : patch.slice(start).replace(/\n+$/, '\n');
}
