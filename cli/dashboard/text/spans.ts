// Cutting and marking lines of spans: pieces keep what their span says.
import { cellsOf, type Line, type Span } from './line.js';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ASCII = /^[\x20-\x7e]*$/;

/** Most graphemes of most texts are one letter of ASCII. */
function graphemeCells(segment: string): number {
  return segment.length === 1 && segment >= ' ' && segment <= '~' ? 1 : cellsOf(segment);
}

export function textOf(line: Line): string {
  return line.length === 1 ? (line[0]?.text ?? '') : line.map(({ text }) => text).join('');
}

/** Neighbours that look the same become one span: each span costs when it is drawn. A blank looks like anything. */
export function joinSpans(line: Line): Line {
  const out: Span[] = [];
  for (const span of line) {
    const before = out.at(-1);
    const alike = before?.meaning === span.meaning && before?.style === span.style && before?.bold === span.bold;
    if (before !== undefined && (alike || span.text === ' ')) {
      out[out.length - 1] = { ...before, text: before.text + span.text };
    } else out.push(span);
  }
  return out;
}

/** The cells from `from` on, at most `width`; a wide character that only half fits is left out. */
export function sliceLine(line: Line, from: number, width: number): Line {
  const out: Span[] = [];
  let column = 0;
  for (const span of line) {
    if (column >= from + width) break;
    const cells = cellsOf(span.text);
    const text = sliceText(span.text, from - column, from + width - column);
    if (text !== '') out.push(text === span.text ? span : { ...span, text });
    column += cells;
  }
  return out;
}

/** Cells [from, to) of a text. */
function sliceText(text: string, from: number, to: number): string {
  if (ASCII.test(text)) return text.slice(Math.max(0, from), Math.max(0, to));
  let out = '';
  let column = 0;
  for (const { segment } of graphemes.segment(text)) {
    const cells = graphemeCells(segment);
    if (column >= from && column + cells <= to) out += segment;
    column += cells;
    if (column >= to) break;
  }
  return out;
}

/** A row is broken at a blank unless that leaves so much of it empty. */
const FILLED_LEAST = 0.6;

/**
 * The line in rows of at most `width` cells, at least one row.
 * @param lead what stands before each row but the first; it should leave room
 */
export function wrapLine(line: Line, width: number, lead: Line = []): Line[] {
  const room = Math.max(1, width);
  const indent = lead.reduce((sum, { text }) => sum + cellsOf(text), 0);
  const stretches = rowsOf(textOf(line), room, Math.max(1, room - indent));
  return stretches.map((stretch, row) => {
    const part = stretchOf(line, stretch);
    return row === 0 ? part : [...lead, ...part];
  });
}

/** What of a text each row holds: the first of at most `first` cells, further ones of at most `rest`. */
function rowsOf(text: string, first: number, rest: number): Stretch[] {
  const rows: Stretch[] = [];
  let [begin, used, room] = [0, 0, first];
  /** After the last blank of the row, and the cells up to there. */
  let [blank, filled] = [0, 0];
  const end = (at: number, next: number, left: number) => {
    rows.push({ begin, end: at });
    [begin, used, room, blank, filled] = [next, left, rest, next, 0];
  };
  for (const { segment, index } of segmentsOf(text)) {
    const cells = graphemeCells(segment);
    if (used + cells > room && used > 0) {
      if (segment === ' ') {
        end(index, index + 1, 0);
        continue;
      }
      if (filled >= room * FILLED_LEAST) end(blank, blank, used - filled);
      else end(index, index, 0);
    }
    // A terminal of one column has no room for a wide character.
    if (used + cells > room) {
      end(index, index + segment.length, 0);
      continue;
    }
    used += cells;
    if (segment === ' ') [blank, filled] = [index + 1, used];
  }
  if (begin < text.length || rows.length === 0) rows.push({ begin, end: text.length });
  return rows;
}

function* segmentsOf(text: string): Iterable<{ readonly segment: string; readonly index: number }> {
  if (!ASCII.test(text)) yield* graphemes.segment(text);
  else for (let index = 0; index < text.length; index += 1) yield { segment: text.charAt(index), index };
}

function stretchOf(line: Line, { begin, end }: Stretch): Line {
  const out: Span[] = [];
  let offset = 0;
  for (const span of line) {
    if (offset >= end) break;
    const text = span.text.slice(Math.max(0, begin - offset), Math.max(0, end - offset));
    if (text !== '') out.push(text === span.text ? span : { ...span, text });
    offset += span.text.length;
  }
  return out;
}

/** A stretch of a line's text, in UTF-16 units. */
export interface Stretch {
  readonly begin: number;
  readonly end: number;
}

/** The line with stretches marked as matches; those must be ascending and apart. */
export function markStretches(line: Line, stretches: readonly Stretch[]): Line {
  if (stretches.length === 0) return line;
  const out: Span[] = [];
  let offset = 0;
  let next = 0;
  for (const span of line) {
    const end = offset + span.text.length;
    let at = offset;
    while (at < end) {
      while (next < stretches.length && (stretches[next]?.end ?? 0) <= at) next += 1;
      const stretch = stretches[next];
      const inside = stretch !== undefined && stretch.begin <= at;
      const until = Math.min(end, stretch === undefined ? end : inside ? stretch.end : stretch.begin);
      const text = span.text.slice(at - offset, until - offset);
      const { style: _style, ...rest } = span;
      out.push(inside ? { ...rest, text, meaning: 'match' } : { ...span, text });
      at = until;
    }
    offset = end;
  }
  return out;
}
