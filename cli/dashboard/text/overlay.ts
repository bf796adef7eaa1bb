// A box over lines: what it leaves to be seen no longer calls for attention.
import { fitLine, type Line } from './line.js';

/** Beside the box the lines are blank: pieces of cells would look like whole ones. @param lines of `width` cells each. */
export function overlay(
  lines: readonly Line[],
  box: { readonly top: number; readonly left: number; readonly lines: readonly Line[] },
  width: number,
): Line[] {
  return lines.map((line, i) => {
    const over = box.lines[i - box.top];
    return over === undefined ? faded(line) : fitLine([{ text: ' '.repeat(box.left) }, ...over], width);
  });
}

function faded(line: Line): Line {
  return line.map(({ text }) => ({ text, meaning: 'dim' as const }));
}
