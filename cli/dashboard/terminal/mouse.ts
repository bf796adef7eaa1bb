// Reports of the mouse in xterm's SGR form: `ESC [ < button ; column ; row M` (press, drag) or `m` (release).
export interface MouseEvent {
  readonly button: 'left' | 'middle' | 'right' | 'wheel';
  readonly action: 'press' | 'drag' | 'release';
  /** Of the wheel: how often it turned, downwards; negative upwards. Else 0. */
  readonly turns: number;
  /** Cells from the left border, and rows from the top; the first is 0. */
  readonly column: number;
  readonly row: number;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const REPORT = /^\u001b\[<(\d+);(\d+);(\d+)([Mm])$/;
const SHIFT = 4;
const ALT = 8;
const CTRL = 16;
const MOTION = 32;
const WHEEL = 64;
const BUTTONS = ['left', 'middle', 'right'] as const;

/** Undefined when it is no report of a button or the wheel. */
export function parseMouse(sequence: string): MouseEvent | undefined {
  const [, code = '', column = '', row = '', final] = REPORT.exec(sequence) ?? [];
  if (final === undefined) return undefined;
  const bits = Number(code);
  const wheel = (bits & WHEEL) !== 0;
  const button = wheel ? 'wheel' : BUTTONS[bits & 3];
  if (button === undefined) return undefined;
  return {
    button,
    action: final === 'm' ? 'release' : (bits & MOTION) !== 0 ? 'drag' : 'press',
    turns: wheel ? ((bits & 1) === 0 ? -1 : 1) : 0,
    column: Number(column) - 1,
    row: Number(row) - 1,
    shift: (bits & SHIFT) !== 0,
    alt: (bits & ALT) !== 0,
    ctrl: (bits & CTRL) !== 0,
  };
}
