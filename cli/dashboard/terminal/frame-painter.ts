// From frame to frame: only the rows that differ are written. Nothing is ever cleared as a whole, so nothing flickers and the
// scrollback of the terminal stays (I-04); what nobody knows, e.g. after a resize, is written anew row by row (I-06).
import { beginUpdate, emptyRow, endUpdate, resetStyle } from './sequences.js';

export class FramePainter {
  /** Text of each row on the screen; undefined when something else may be there. */
  private shown: readonly string[] | undefined;

  /** What brings the screen of so many rows from the last frame to this one; empty when it is there already. Rows below the
   * screen are left out, what is too long the terminal cuts. */
  paint(frame: string, rows: number): string {
    const lines = frame.replace(/\n$/, '').split('\n', rows).map(withoutBlanks);
    while (lines.length < rows) lines.push('');
    const before = this.shown;
    this.shown = lines;
    const changes = lines.flatMap((line, row) =>
      before !== undefined && before[row] === line ? [] : emptyRow(row + 1) + line,
    );
    return changes.length === 0 ? '' : `${beginUpdate}${changes.join('')}${resetStyle}${endUpdate}`;
  }

  /** The next frame is written whole. */
  forget(): void {
    this.shown = undefined;
  }
}

/** A row is emptied before it is written, so blanks at its end are there already. Every style ends before them. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === BLANK) end -= 1;
  return end === line.length ? line : line.slice(0, end);
}

const BLANK = 0x20;
