// What every view is drawn with, besides its data.
import type { Instant } from '../../../base/index.js';
import { asciiLine } from '../text/ascii.js';
import { fitLine, type Line, type Span } from '../text/line.js';
import type { Size } from '../text/viewport.js';

export type { Size } from '../text/viewport.js';

export interface ViewContext {
  readonly now: Instant;
  /** Draw with ASCII only. */
  readonly ascii: boolean;
}

/** Marks the line under the cursor, the same in every view. */
export function cursorSpan(chosen: boolean, ascii: boolean): Span {
  return { text: chosen ? (ascii ? '>' : '▸') : ' ', meaning: 'accent' };
}

/** At most `height` lines of exactly `width` cells each. */
export function fitLines(
  lines: readonly Line[],
  { width, height }: Size,
  { ascii }: Pick<ViewContext, 'ascii'>,
): Line[] {
  return lines.slice(0, Math.max(0, height)).map((line) => {
    const fitted = fitLine(line, Math.max(0, width));
    return ascii ? asciiLine(fitted) : fitted;
  });
}
