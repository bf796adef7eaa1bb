// Whether a line matches a regular expression, in time that grows with the line and no faster (RE2): no expression and no
// line can hold the center up.
import { RE2JS } from 're2js';
import { CloudTaskError, messageOf } from '../../../base/index.js';

/** Longer ones are not written by people. */
const PATTERN_MAX_CHARS = 1000;

/** A text that stands for itself, small letters or not: what people look for most, and what needs no expression. */
const PLAIN = /^(\(\?i\))?((?:[^\\^$.|?*+()[\]{}]|\\[\\^$.|?*+()[\]{}])+)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range begins with them
const BEYOND_ASCII = /[^\x00-\x7f]/;

export type LineMatcher = (line: string) => boolean;

/** `text` in the syntax of RE2, which knows neither back references nor looking around. Throws CT_BAD_REQUEST for what is not
 * understood or is too big. */
export function lineMatcher(text: string): LineMatcher {
  if (text.length > PATTERN_MAX_CHARS) throw refused(text, `it has more than ${PATTERN_MAX_CHARS} characters`);
  const plain = PLAIN.exec(text);
  const wanted = plain?.[2]?.replace(/\\(.)/g, '$1');
  if (wanted !== undefined && plain?.[1] === undefined) return (line) => line.includes(wanted);
  try {
    const pattern = RE2JS.compile(text);
    const matches: LineMatcher = (line) => pattern.matcher(line).find();
    if (wanted === undefined || BEYOND_ASCII.test(wanted)) return matches;
    // Ten times as fast; letters that have several small ones, or none, are left to the expression.
    const small = wanted.toLowerCase();
    return (line) => line.toLowerCase().includes(small) || (BEYOND_ASCII.test(line) && matches(line));
  } catch (cause) {
    throw refused(text, messageOf(cause));
  }
}

function refused(text: string, why: string): CloudTaskError {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return new CloudTaskError('CT_BAD_REQUEST', `regular expression "${shown}": ${why}`);
}
