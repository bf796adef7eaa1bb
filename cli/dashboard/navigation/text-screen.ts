// A text to read: a description, YAML, an answer of the center.
import type { KeyRow, Scope } from '../keys/keymap.js';
import type { Syntax } from '../text/highlight.js';
import type { Line } from '../text/line.js';
import { TextPager } from '../text/pager.js';
import { clockTime } from '../views/times.js';
import type { Screen, ScreenTitle, Size } from './screen.js';
import { movePager, type TextTools, textHandlers } from './text-keys.js';

export interface TextScreenOptions {
  /** In the breadcrumbs, e.g. `describe`. */
  readonly crumb: string;
  /** In the title, e.g. `default/nightly`. */
  readonly about: string;
  /** Beside it, e.g. `task`. */
  readonly note?: string;
  readonly text: string;
  readonly syntax?: Syntax;
  /** Lines that are too long go on in the next row, as they do on paper. */
  readonly wrap?: boolean;
  readonly tools: TextTools;
  readonly now: () => number;
  /** Words of the last row about what is switched. */
  readonly aside?: () => string;
  /** Reads the text again, for `setText`. */
  readonly onRefresh?: (screen: TextScreen) => void;
  /** Keys of this text alone. */
  readonly own?: { readonly scope: Scope; readonly handlers: Readonly<Record<string, (screen: TextScreen) => void>> };
}

export class TextScreen implements Screen {
  readonly crumb: string;
  readonly scopes: readonly Scope[];
  readonly queries = [];
  readonly pager = new TextPager();
  private readonly options: TextScreenOptions;
  readonly filterWord = 'Search';
  private search = '';
  private readAt: number;

  constructor(options: TextScreenOptions) {
    this.options = options;
    this.crumb = options.crumb;
    this.readAt = options.now();
    this.pager.aside = () => this.aside();
    this.scopes = [...(options.own === undefined ? [] : [options.own.scope]), 'text', 'list'];
    this.pager.setText(options.text, options.syntax);
    if (options.wrap) this.pager.toggleWrap();
  }

  /** The same text as it is now; the place stays. */
  setText(text: string): void {
    this.readAt = this.options.now();
    this.pager.setText(text, this.options.syntax);
  }

  refresh(): boolean {
    this.options.onRefresh?.(this);
    return this.options.onRefresh !== undefined;
  }

  get fullscreen(): boolean {
    return this.pager.fullScreen;
  }

  get filterText(): string {
    return this.search;
  }

  set filterText(text: string) {
    this.search = text;
    this.pager.search(text);
  }

  title(): ScreenTitle {
    const { crumb } = this;
    const name = crumb === 'yaml' ? 'YAML' : `${crumb.charAt(0).toUpperCase()}${crumb.slice(1)}`;
    const note = [this.options.note, this.pager.note].filter((word) => word !== undefined).join(', ');
    return { name, place: this.options.about, filter: this.search || undefined, note: note || undefined };
  }

  lines(size: Size): Line[] {
    return this.pager.lines(size);
  }

  scroll(rows: number): void {
    this.pager.scroll(rows);
  }

  /** What is not watched grows old: when it was read is said where it can be read again. */
  private aside(): string[] {
    const { aside, onRefresh, now } = this.options;
    const read = onRefresh === undefined ? [] : [`Read ${clockTime(this.readAt, now())}`];
    return [...(aside === undefined ? [] : [aside()]), ...read];
  }

  handle(row: KeyRow): void {
    if (row.scope === 'list') movePager(this.pager, row.action);
    else if (row.scope === 'text')
      textHandlers[row.action as keyof typeof textHandlers](this.pager, this.options.tools);
    else this.options.own?.handlers[row.action]?.(this);
  }
}
