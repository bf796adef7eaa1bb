import { CloudTaskError } from '../../base/index.js';
import type { FieldPath } from '../validate/field-path.js';
import { brokenSyntax, composeDocuments, documentValue, isEmptyDocument, repeatedKeysOf } from './compose.js';

/** The value of the one document of a YAML or JSON text, unchecked, and the fields that it gives more than once: of these the
 * last one counts. Throws CT_BAD_REQUEST. */
export function parseDocument(text: string): { readonly value: unknown; readonly repeated: readonly FieldPath[] } {
  let value: unknown;
  let repeated: FieldPath[] = [];
  let count = 0;
  try {
    for (const document of composeDocuments(text)) {
      if (isEmptyDocument(document)) continue;
      const [problem] = brokenSyntax(document);
      if (problem !== undefined) throw bad(problem.message);
      repeated = repeatedKeysOf(document).map(({ path }) => path);
      const read = documentValue(document);
      if ('problem' in read) throw bad(read.problem.message);
      value = read.value;
      count += 1;
    }
  } catch (error) {
    // The library recurses: nesting that is deep enough to end the stack is refused like any other bad text.
    if (error instanceof RangeError) throw bad('it is nested too deeply');
    throw error;
  }
  if (count !== 1) throw bad(`it has ${count} documents, not one`);
  return { value, repeated };
}

function bad(why: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', `the body is not YAML that can be read: ${why}`);
}
