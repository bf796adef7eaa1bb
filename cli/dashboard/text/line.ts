// What the dashboard draws: lines of spans with a meaning each. Views make lines and know no colours; the theme gives each
// meaning its colour, or none. Widths are cells of a terminal, not characters (wide and combining ones count as they look).
import stringWidth from 'string-width';

/** What a span says. Nothing is said by colour alone: words or glyphs say it too. */
export const MEANINGS = ['plain', 'dim', 'title', 'key', 'accent', 'ok', 'active', 'warn', 'bad', 'match'] as const;
export type Meaning = (typeof MEANINGS)[number];

/** What a click on a span is about: a row of the list, a column of the table, a screen of the way here. */
export type Click = { readonly row: number } | { readonly column: string } | { readonly crumb: number };

/** A palette index from 0 to 255 (0 to 15 are the terminal's own), or `#rrggbb`. */
export type TextColour = number | `#${string}`;

export interface TextStyle {
  readonly foreground?: TextColour;
  readonly background?: TextColour;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
  readonly strike?: true;
}

export interface Span {
  readonly text: string;
  /** `plain` when missing. */
  readonly meaning?: Meaning;
  readonly bold?: true;
  /** Colours that the output of a run chose itself; a meaning says how the dashboard sees it, this how its author did. */
  readonly style?: TextStyle;
  /** Colours of letters and ground change places: the line under the cursor. */
  readonly inverse?: true;
  /** A row is the whole line: its first span has it. */
  readonly click?: Click;
}

export type Line = readonly Span[];

export type Align = 'left' | 'right';

const ELLIPSIS = '…';
/** Names of runs end with random letters; these are enough to tell them apart. */
const END_CELLS = 6;
const FURTHER = new Set([...'…–·✓✗⚠'].map((glyph) => glyph.charCodeAt(0)));
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cells that a text takes on a terminal. */
export function cellsOf(text: string): number {
  for (let i = 0; i < text.length; i += 1) if (!takesOneCell(text.charCodeAt(i))) return stringWidth(text);
  return text.length;
}

/** Of most texts every character does: ASCII, and what the dashboard draws with. Others may join, be wide, or take no cell. */
function takesOneCell(code: number): boolean {
  if (code < 0x7f) return code >= 0x20;
  // Boxes, blocks and geometric shapes, arrows.
  if ((code >= 0x2500 && code <= 0x25fc) || (code >= 0x2190 && code <= 0x21ff)) return true;
  return FURTHER.has(code);
}

/** Exactly `width` cells: filled with blanks, or cut with an ellipsis. */
export function fit(text: string, width: number, align: Align = 'left'): string {
  const short = shorten(text, width);
  const blanks = ' '.repeat(width - cellsOf(short));
  return align === 'left' ? short + blanks : blanks + short;
}

/** At most `width` cells, whole graphemes; what is cut ends with an ellipsis. */
export function shorten(text: string, width: number): string {
  if (width <= 0) return '';
  if (cellsOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const cells = cellsOf(segment);
    if (used + cells > width - 1) break;
    kept += segment;
    used += cells;
  }
  return kept + ELLIPSIS;
}

/** As `fit`, but what is cut keeps its end too: `refresh-e…-m7x2q`. */
export function fitMiddle(text: string, width: number): string {
  if (cellsOf(text) <= width) return fit(text, width);
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  const tail: string[] = [];
  let used = 0;
  for (const part of parts.toReversed()) {
    used += cellsOf(part);
    if (used > Math.min(END_CELLS, Math.floor(width / 2))) break;
    tail.unshift(part);
  }
  const end = tail.join('');
  return fit(shorten(text, width - cellsOf(end)) + end, width);
}

export function lineCells(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

/** What is under the pointer; the first cell is 0. */
export function clickAt(line: Line, cell: number): Click | undefined {
  const first = line[0]?.click;
  let end = 0;
  for (const { text, click } of line) {
    end += cellsOf(text);
    if (cell < end && click !== undefined) return click;
    if (cell < end) break;
  }
  return first !== undefined && 'row' in first ? first : undefined;
}

/** The line in exactly `width` cells. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const [i, span] of line.entries()) {
    const cells = cellsOf(span.text);
    if (cells > left || (cells === left && lineCells(line.slice(i + 1)) > 0)) {
      // What is cut must show it, also where it would have ended exactly at the border.
      fitted.push({ ...span, text: cells > left ? shorten(span.text, left) : shorten(`${span.text} `, left) });
      left -= cellsOf(fitted.at(-1)?.text ?? '');
      break;
    }
    fitted.push(span);
    left -= cells;
  }
  return left > 0 ? [...fitted, { text: ' '.repeat(left) }] : fitted;
}
