// Whether a line matches a regular expression, in time that grows with the line and no faster (RE2): no expression and no
// line can hold the center up.
import { RE2JS } from 're2js';
import { CloudTaskError, messageOf } from '../../../base/index.js';

/** Longer ones are not written by people. */
const PATTERN_MAX_CHARS = 1000;

export type LineMatcher = (line: string) => boolean;

/** `text` in the syntax of RE2, which knows neither back references nor looking around. Throws CT_BAD_REQUEST for what is not
 * understood or is too big. */
export function lineMatcher(text: string): LineMatcher {
  if (text.length > PATTERN_MAX_CHARS) throw refused(text, `it has more than ${PATTERN_MAX_CHARS} characters`);
  if (/^[^\\^$.|?*+()[\]{}]+$/.test(text)) return (line) => line.includes(text);
  try {
    const pattern = RE2JS.compile(text);
    return (line) => pattern.matcher(line).find();
  } catch (cause) {
    throw refused(text, messageOf(cause));
  }
}

function refused(text: string, why: string): CloudTaskError {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return new CloudTaskError('CT_BAD_REQUEST', `regular expression "${shown}": ${why}`);
}
