// What the mouse does (T-55): the wheel scrolls, a click goes to what is under it. What that is the lines on the screen say.
import type { Clock } from '../../../base/index.js';
import type { MouseEvent } from '../terminal/mouse.js';
import { clickAt, type Line } from '../text/line.js';
import type { Screen } from './screen.js';

/** Per turn of the wheel, as terminals scroll themselves. */
const WHEEL_ROWS = 3;
/** The second click of a double one, where the first has opened something: it was not meant for what is there now. It comes in the
 * same place. */
const DOUBLE_CLICK_MS = 500;

export interface Pointed {
  readonly top: Screen;
  /** What is on the screen, row by row. */
  readonly lines: () => readonly Line[];
  /** Opens what is under the cursor. */
  readonly open: () => void;
  readonly back: (crumb: number) => void;
}

export class Pointer {
  private readonly clock: Clock;
  private opened: { readonly at: number; readonly column: number; readonly row: number } | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  point(event: MouseEvent, on: Pointed): void {
    const { button, action, turns, column, row, ctrl, alt } = event;
    if (button === 'wheel') {
      on.top.scroll?.(turns * WHEEL_ROWS);
      return;
    }
    if (button !== 'left' || action !== 'press' || ctrl || alt) return;
    if (this.isSecond(event)) return;
    const target = clickAt(on.lines()[row] ?? [], column);
    if (target === undefined) return;
    if ('crumb' in target) on.back(target.crumb);
    else if (on.top.click?.(target)) {
      this.opened = { at: this.clock.monotonic(), column, row };
      on.open();
    }
  }

  private isSecond({ column, row }: MouseEvent): boolean {
    const { opened } = this;
    if (opened === undefined || this.clock.monotonic() - opened.at >= DOUBLE_CLICK_MS) return false;
    return row === opened.row && Math.abs(column - opened.column) <= 1;
  }
}
