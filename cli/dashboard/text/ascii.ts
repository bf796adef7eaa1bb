// Lines for terminals that know ASCII only (LANG=C).
import { cellsOf, type Line } from './line.js';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ASCII = /^[\x20-\x7e]*$/;

/** What the dashboard itself draws with; everything else that is not ASCII becomes `?`. */
const PLAIN: Readonly<Record<string, string>> = {
  ...{ '…': '~', '│': '|', '┃': '|', '─': '-', '━': '=', '├': '|', '└': '`', '·': '.', '–': '-', '→': '>' },
};

/** The same cells in ASCII. */
export function asciiLine(line: Line): Line {
  return line.map((span) => (ASCII.test(span.text) ? span : { ...span, text: asciiText(span.text) }));
}

function asciiText(text: string): string {
  let out = '';
  for (const { segment } of graphemes.segment(text)) {
    out += ASCII.test(segment) ? segment : (PLAIN[segment] ?? '?'.repeat(cellsOf(segment)));
  }
  return out;
}
