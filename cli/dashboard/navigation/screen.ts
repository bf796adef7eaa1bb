// What the dashboard knows of any of its screens.
import type { Resource } from '../../client/discovery.js';
import type { KeyRow, Scope } from '../keys/keymap.js';
import type { FeedQuery } from '../state/object-source.js';
import type { Click, Line } from '../text/line.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What views are made with besides their data. */
export interface ViewContext {
  readonly now: number;
  /** Only letters that every terminal has. */
  readonly ascii: boolean;
}

/** Shown as `Tasks(default)[2/42] </night>`. */
export interface ScreenTitle {
  readonly name: string;
  /** In parentheses. */
  readonly place?: string | undefined;
  /** In brackets. */
  readonly count?: string | undefined;
  readonly filter?: string | undefined;
  /** A word about what is shown, such as that older objects were left out. */
  readonly note?: string | undefined;
}

export interface Screen {
  /** Its name in the breadcrumbs. */
  readonly crumb: string;
  /** What opens it, as typed behind `:`; absent where only an object does. */
  readonly command?: string | undefined;
  /** The particular one first; `global` comes behind them by itself. */
  readonly scopes: readonly Scope[];
  /** Of the kind that is shown. */
  readonly verbs?: readonly string[];
  readonly resource?: Resource;
  readonly queries: readonly FeedQuery[];
  /** Nothing but this screen and its title. */
  readonly fullscreen?: boolean;
  /** `12 of 1200`: which line of a list that is longer than the screen, after `lines`. */
  readonly position?: string | undefined;
  /** Undefined where nothing can be filtered. */
  filterText?: string;
  /** What `/` does here, where it is another thing than a filter, or empty where it does nothing: for the help. */
  readonly filterWord?: string;
  /** Asks itself what to look for, instead of being told letter by letter. */
  askFilter?(): void;
  /** Reads anew what is not watched; false when there is no such thing. */
  refresh?(): boolean;
  title(context: ViewContext): ScreenTitle;
  lines(size: Size, context: ViewContext): Line[];
  handle(row: KeyRow, key: string): void;
  /** Of the wheel: so many rows downwards, negative upwards. */
  scroll?(rows: number): void;
  /** True when it was under the cursor already: then it is to be opened. */
  click?(target: Click): boolean;
  /** Called when the screen is left for good. */
  close?(): void;
}
