// Views of the dashboard as text: golden files in three sizes, and what holds for every view.
import type { Test } from 'tap';
import { type Line, lineCells } from '../../cli/dashboard/text/line.js';
import type { Size } from '../../cli/dashboard/text/viewport.js';
import { golden } from './golden.js';

export const SIZES: readonly Size[] = [
  { width: 80, height: 24 },
  { width: 120, height: 40 },
  { width: 60, height: 15 },
];

export function plainText(lines: readonly Line[]): string {
  return lines
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n')
    .concat('\n');
}

/** What is wrong with lines of a view in this size; undefined when nothing is. */
export function misfit(lines: readonly Line[], { width, height }: Size): string | undefined {
  if (lines.length > height) return `${lines.length} lines in ${height}`;
  for (const line of lines) {
    const text = line.map((span) => span.text).join('');
    if (/\p{Cc}/u.test(text)) return `a control character: ${JSON.stringify(text)}`;
    if (lineCells(line) !== width) return `${lineCells(line)} cells in ${width}: ${JSON.stringify(text)}`;
  }
  return undefined;
}

/** test/golden/ui/NAME-80x24.txt and so on. */
export function goldenView(t: Test, name: string, draw: (size: Size) => readonly Line[], sizes = SIZES): void {
  for (const size of sizes) {
    const lines = draw(size);
    t.equal(misfit(lines, size), undefined);
    golden(t, `ui/${name}-${size.width}x${size.height}.txt`, plainText(lines));
  }
}
