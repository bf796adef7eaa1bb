// What the center found in the whole of a log; the line under the cursor with what stands around it.
import { type Clock, messageOf } from '../../../base/index.js';
import type { Api } from '../../client/api.js';
import { readLog } from '../../client/log-follow.js';
import type { ActionOf, KeyRow, Scope } from '../keys/keymap.js';
import type { Line } from '../text/line.js';
import { linesAround } from '../text/log-around.js';
import { FOUND_MAX, type FoundLine, LogSearch } from '../text/log-search.js';
import { logSearchLines } from '../views/log-search.js';
import { listHandlers, type Movable } from './list-keys.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';

/** Lines before and after the selected one. */
const CONTEXT_LINES = 3;
/** Rows that a page moves by when nothing has been drawn yet. */
const PAGE_ROWS = 10;

export interface LogSearchOptions {
  readonly namespace: string;
  readonly run: string;
  readonly attempt: number | undefined;
  readonly pattern: string;
  readonly clock: Clock;
  /** A client that ends with the signal. */
  readonly connect: (signal: AbortSignal) => Promise<Api>;
  readonly onChange: () => void;
  /** The log from a line on. */
  readonly onOpen: (found: FoundLine) => void;
  /** Something else is to be looked for. */
  readonly onAsk: () => void;
}

export const searchHandlers: Record<ActionOf<'search'>, (screen: LogSearchScreen) => void> = {
  next: (screen) => screen.move(1),
  previous: (screen) => screen.move(-1),
  open: (screen) => screen.open(),
};

export class LogSearchScreen implements Screen, Movable {
  readonly crumb = 'search';
  readonly scopes: readonly Scope[] = ['search', 'list'];
  readonly queries = [];
  readonly filterWord = 'Search again';
  private readonly options: LogSearchOptions;
  private readonly search: LogSearch;
  private readonly abort = new AbortController();
  private height = PAGE_ROWS;
  private trouble: string | undefined;
  /** Lines whose surroundings are there, or asked for. */
  private readonly asked = new Set<number>();

  constructor(options: LogSearchOptions) {
    this.options = options;
    this.search = new LogSearch(options.pattern);
    void this.find();
  }

  title(): ScreenTitle {
    const { namespace, run, pattern } = this.options;
    const { found, selected, full, done } = this.search;
    const count = full ? `${FOUND_MAX.toLocaleString('en')}+` : `${found.length}${done ? '' : '…'}`;
    const place = found.length === 0 ? '' : `${selected + 1}/`;
    const cut = found.length > 0 ? this.search.failure : undefined;
    const note = this.trouble ?? cut ?? 'whole log';
    return { name: 'Search', place: `${namespace}/${run}`, count: `${place}${count}`, filter: pattern, note };
  }

  lines(size: Size, context: ViewContext): Line[] {
    this.height = Math.max(1, size.height);
    return logSearchLines(this.search, size, context);
  }

  askFilter(): void {
    this.options.onAsk();
  }

  open(): void {
    const found = this.search.found[this.search.selected];
    if (found !== undefined) this.options.onOpen(found);
  }

  handle(row: KeyRow): void {
    if (row.scope === 'list') listHandlers[row.action as keyof typeof listHandlers](this);
    else searchHandlers[row.action as keyof typeof searchHandlers](this);
  }

  scroll(rows: number): void {
    this.move(rows);
  }

  move(by: number): void {
    this.search.move(by);
    void this.around(this.search.selected);
  }

  page(pages: number): void {
    this.move(pages * this.height);
  }

  to(index: number): void {
    this.move(index - this.search.selected);
  }

  bottom(): void {
    this.move(this.search.found.length);
  }

  close(): void {
    this.abort.abort(new Error('the search is not shown any more'));
  }

  private async find(): Promise<void> {
    const { search, options } = this;
    const { namespace, run, attempt, connect, onChange } = options;
    const { signal } = this.abort;
    const which = attempt === undefined ? {} : { attempt };
    try {
      for await (const piece of readLog(await connect(signal), {
        ...{ namespace, run, ...which },
        ...{ follow: false, grep: search.expression },
      })) {
        search.add(piece);
        if (search.found.length === 1) void this.around(0);
        onChange();
        if (search.full) break;
      }
      search.finish();
    } catch (error) {
      if (!signal.aborted) search.fail(messageOf(error).replaceAll(search.expression, search.pattern));
    }
    onChange();
  }

  /** What stands around a line is asked for when somebody looks at it. */
  private async around(index: number): Promise<void> {
    const found = this.search.found[index];
    if (found === undefined || this.asked.has(index)) return;
    this.asked.add(index);
    const { namespace, run, connect, onChange } = this.options;
    const { signal } = this.abort;
    try {
      const api = await connect(signal);
      const { attempt } = found.line;
      const { before, after } = await linesAround(
        found,
        (from) => readLog(api, { namespace, run, attempt, follow: false, from }),
        CONTEXT_LINES,
      );
      this.search.setContext(index, before, after);
      onChange();
    } catch (error) {
      if (signal.aborted) return;
      this.asked.delete(index);
      this.trouble = messageOf(error);
      onChange();
    }
  }
}
