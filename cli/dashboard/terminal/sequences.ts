// What is written to the terminal besides text. Names of the modes: DEC private modes, xterm's "ctlseqs".
const CSI = '\u001b[';

const ALTERNATE_SCREEN = '?1049';
const CURSOR = '?25';
/** Off: a line that is too long is cut at the border and scrolls nothing. */
const AUTO_WRAP = '?7';
const BRACKETED_PASTE = '?2004';
/** What happens between begin and end is shown at once; terminals that do not know it ignore it. */
const SYNCHRONIZED = '?2026';
/** Clicks, drags and the wheel, with coordinates as decimal numbers. */
const MOUSE = ['?1002', '?1006'];

export const beginUpdate = `${CSI}${SYNCHRONIZED}h`;
export const endUpdate = `${CSI}${SYNCHRONIZED}l`;
export const resetStyle = `${CSI}0m`;

/** To the first cell of a row, the first row being 1, and nothing in it. Emptied before it is written, not behind: behind a
 * full row the cursor stays on its last cell, which would go. */
export const emptyRow = (row: number): string => `${CSI}${row};1H${resetStyle}${CSI}K`;

/** Takes the terminal for the whole screen. */
export function enterSequence(mouse: boolean): string {
  const on = [ALTERNATE_SCREEN, BRACKETED_PASTE, ...(mouse ? MOUSE : [])];
  return `${on.map((mode) => `${CSI}${mode}h`).join('')}${CSI}${AUTO_WRAP}l${CSI}${CURSOR}l`;
}

/** Gives back what `enterSequence` took, in the opposite order. The mouse is always switched off: that is harmless, and a
 * mouse that is left on makes a shell unusable. */
export const leaveSequence = [
  endUpdate,
  resetStyle,
  `${CSI}${CURSOR}h`,
  `${CSI}${AUTO_WRAP}h`,
  ...[...MOUSE].reverse().map((mode) => `${CSI}${mode}l`),
  `${CSI}${BRACKETED_PASTE}l`,
  `${CSI}${ALTERNATE_SCREEN}l`,
].join('');
