// Screens upon one another: Esc goes back by one, and finds cursor, filter and place as they were. Beside it the history of
// the views that were opened by command, as a browser has it: `[`, `]` and `-`.
import type { Screen } from './screen.js';

/** A deeper stack is a walk in circles (task, runs, task, …): the oldest screens go. */
export const DEPTH_MAX = 30;
export const HISTORY_MAX = 30;

export class ScreenStack {
  private screens: readonly Screen[];
  /** Each entry is a whole stack: going back brings its levels back too. */
  private past: (readonly Screen[])[] = [];
  private future: (readonly Screen[])[] = [];

  constructor(root: Screen) {
    this.screens = [root];
  }

  get all(): readonly Screen[] {
    return this.screens;
  }

  get top(): Screen {
    return this.screens.at(-1)!;
  }

  /** Screens that may be seen again. */
  get reachable(): ReadonlySet<Screen> {
    return new Set([this.screens, ...this.past, ...this.future].flat());
  }

  push(screen: Screen): void {
    const before = this.reachable;
    this.screens = [...this.screens, screen].slice(-DEPTH_MAX);
    this.closeLost(before);
  }

  /** False at the root. */
  pop(): boolean {
    if (this.screens.length === 1) return false;
    const before = this.reachable;
    this.screens = this.screens.slice(0, -1);
    this.closeLost(before);
    return true;
  }

  /** Back to one of the screens below; 0 is the root. */
  popTo(index: number): void {
    const before = this.reachable;
    this.screens = this.screens.slice(0, Math.max(0, index) + 1);
    this.closeLost(before);
  }

  /** A command opens a view at the root. */
  restart(screen: Screen): void {
    const before = this.reachable;
    this.past = [...this.past, this.screens].slice(-HISTORY_MAX);
    this.future = [];
    this.screens = [screen];
    this.closeLost(before);
  }

  /** False when there is nothing to go back to. */
  back(): boolean {
    const screens = this.past.pop();
    if (screens === undefined) return false;
    this.future.push(this.screens);
    this.screens = screens;
    return true;
  }

  forward(): boolean {
    const screens = this.future.pop();
    if (screens === undefined) return false;
    this.past.push(this.screens);
    this.screens = screens;
    return true;
  }

  /** To and fro between the last two views. */
  last(): boolean {
    return this.future.length > 0 ? this.forward() : this.back();
  }

  close(): void {
    for (const screen of this.reachable) screen.close?.();
  }

  private closeLost(before: ReadonlySet<Screen>): void {
    const now = this.reachable;
    for (const screen of before) if (!now.has(screen)) screen.close?.();
  }
}
