// Sentences in a box: broken between words, so that nothing of them is cut.
import { type Line, lineCells, type Span } from './line.js';
import { joinSpans, wrapLine } from './spans.js';

/** The line in rows of at most `width` cells, at least one row. A word that is longer than a row is broken where it must. */
export function wrapWords(line: Line, width: number): Line[] {
  const rows: Span[][] = [[]];
  for (const word of wordsOf(line)) {
    const row = rows.at(-1) ?? [];
    const begins = row.length === 0;
    if (lineCells(row) + lineCells(word) + Number(!begins) <= width) {
      row.push(...(begins ? [] : [{ text: ' ' }]), ...word);
    } else {
      const parts = wrapLine(word, width).map((part) => [...part]);
      if (begins) rows.pop();
      rows.push(...parts);
    }
  }
  return rows.map(joinSpans);
}

/** A word keeps the spans it is made of: a name may be bold and the stop behind it not. */
function wordsOf(line: Line): Span[][] {
  const words: Span[][] = [[]];
  for (const span of line) {
    for (const [i, text] of span.text.split(' ').entries()) {
      if (i > 0) words.push([]);
      if (text !== '') words.at(-1)?.push({ ...span, text });
    }
  }
  return words.filter((word) => word.length > 0);
}
