// Where the further rows of a wrapped line begin: below the value, the cell or the item that goes on there.
import type { Syntax } from './highlight.js';
import { cellsOf } from './line.js';

/** Further to the right there would be too little room for words. */
const SHARE_MAX = 0.5;
/** Where the place itself is too far to the right. */
const LESS = 4;

/** Cells before each further row. */
export function hangingCells(text: string, syntax: Syntax, width: number): number {
  const cells = cellsOf(beforeValue(text, syntax));
  if (cells <= width * SHARE_MAX) return cells;
  return Math.min(LESS, Math.floor(width * SHARE_MAX));
}

function beforeValue(text: string, syntax: Syntax): string {
  if (syntax === 'yaml') return `${/^\s*(?:- )*/.exec(text)?.[0] ?? ''}  `;
  if (syntax === 'diff') return `${/^[-+ ]\s*(?:- )*/.exec(text)?.[0] ?? ''}  `;
  if (syntax === 'plain') return /^\s*/.exec(text)?.[0] ?? '';
  // `Key:   value`; else the last cell of a table's row, which two blanks part from the one before.
  return (/^\s*[A-Z][A-Za-z0-9 -]{0,38}:\s+/.exec(text) ?? /^\s*(?:\S.* {2,})?/.exec(text))?.[0] ?? '';
}
