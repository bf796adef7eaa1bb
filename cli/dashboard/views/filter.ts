// What is typed behind `/`: a regular expression, `!` for what does not match it, `-l` for labels, `-f` for letters in order.

import { isCloudTaskError } from '../../../base/index.js';
import { matchesLabels, parseLabelSelector } from '../../../manifests/index.js';
import type { ApiObject } from '../../resources/api-object.js';

/** From and to, in characters of the text. */
export type Range = readonly [number, number];

export interface Filter {
  readonly text: string;
  /** Why it is not taken as it was meant. */
  readonly note?: string;
  readonly matches: (object: ApiObject, cells: () => readonly string[]) => boolean;
  /** What of a cell matched. */
  readonly ranges: (cell: string) => readonly Range[];
}

const NO_RANGES = (): readonly Range[] => [];
/** A cell with more matches than this is highlighted up to there. */
const RANGES_MAX = 20;

/** Undefined when nothing is filtered. A broken expression is looked for as it is written, and `note` says so. */
export function parseFilter(text: string): Filter | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '!' || /^-[lf]$/.test(trimmed)) return undefined;
  if (/^-l\s/.test(trimmed)) return labelFilter(trimmed, trimmed.slice(2).trim());
  if (/^-f\s/.test(trimmed)) return fuzzyFilter(trimmed, trimmed.slice(2).trim());
  const inverse = trimmed.startsWith('!');
  const pattern = inverse ? trimmed.slice(1) : trimmed;
  const { expression, note } = expressionOf(pattern);
  const found = (cells: readonly string[]) => cells.some((cell) => expression.test(cell));
  return {
    text: trimmed,
    ...(note === undefined ? {} : { note }),
    matches: (_object, cells) => found(cells()) !== inverse,
    ranges: inverse ? NO_RANGES : (cell) => rangesOf(cell, expression),
  };
}

/** Upper-case letters make the case count, as in most editors. */
function expressionOf(pattern: string): { expression: RegExp; note?: string } {
  const flags = /[A-Z]/.test(pattern.replace(/\\[A-Z]/g, '')) ? 'u' : 'iu';
  try {
    return { expression: new RegExp(pattern, flags) };
  } catch {
    const literal = pattern.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    return {
      expression: new RegExp(literal.replaceAll('\\-', '-'), flags),
      note: 'not a regular expression: taken literally',
    };
  }
}

function rangesOf(cell: string, expression: RegExp): Range[] {
  const ranges: Range[] = [];
  for (const match of cell.matchAll(new RegExp(expression.source, `${expression.flags}g`))) {
    if (match[0] !== '') ranges.push([match.index, match.index + match[0].length]);
    if (ranges.length >= RANGES_MAX) break;
  }
  return ranges;
}

function labelFilter(text: string, selector: string): Filter {
  try {
    const requirements = parseLabelSelector(selector);
    return { text, matches: ({ metadata }) => matchesLabels(requirements, metadata.labels ?? {}), ranges: NO_RANGES };
  } catch (error) {
    if (!isCloudTaskError(error)) throw error;
    return { text, note: 'not a label selector', matches: () => true, ranges: NO_RANGES };
  }
}

/** The letters in this order, with anything between them. */
function fuzzyFilter(text: string, letters: string): Filter {
  const wanted = [...letters.toLowerCase()].filter((letter) => letter !== ' ');
  const places = (name: string): Range[] | undefined => {
    const ranges: Range[] = [];
    let at = 0;
    for (const letter of wanted) {
      const found = name.toLowerCase().indexOf(letter, at);
      if (found === -1) return undefined;
      ranges.push([found, found + letter.length]);
      at = found + letter.length;
    }
    return ranges;
  };
  return {
    text,
    matches: ({ metadata }) => places(metadata.name) !== undefined,
    ranges: (cell) => places(cell) ?? [],
  };
}
