// What people type after `/`, as a regular expression.
import type { Stretch } from './spans.js';

/** Of a longer line only the beginning is searched: no expression may keep the keyboard waiting for long. */
const SEARCHED_MAX = 4096;
/** More matches than this in one line need no mark. */
const STRETCHES_MAX = 200;

export interface Pattern {
  /** As typed. */
  readonly source: string;
  readonly regexp: RegExp;
  /** Why it is looked for literally. */
  readonly note?: string;
}

/** Upper and lower case are one unless the pattern has upper case; what is no expression is looked for as it stands. */
export function compilePattern(source: string): Pattern {
  const flags = /\p{Lu}/u.test(source) ? 'g' : 'gi';
  try {
    return { source, regexp: new RegExp(source, flags) };
  } catch {
    // A filter that is being typed is often no expression yet.
    const literal = source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return { source, regexp: new RegExp(literal, flags), note: 'not a regular expression: looking for the text' };
  }
}

export function matches({ regexp }: Pattern, text: string): boolean {
  regexp.lastIndex = 0;
  return regexp.test(text.slice(0, SEARCHED_MAX));
}

/** Where a pattern matches, ascending; empty matches are none. */
export function stretchesOf({ regexp }: Pattern, text: string): Stretch[] {
  const found: Stretch[] = [];
  for (const match of text.slice(0, SEARCHED_MAX).matchAll(regexp)) {
    if (match[0] !== '') found.push({ begin: match.index, end: match.index + match[0].length });
    if (found.length === STRETCHES_MAX) break;
  }
  return found;
}
