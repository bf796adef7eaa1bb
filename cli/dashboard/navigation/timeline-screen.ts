// `:timeline`: the runs of the last hour and what is due within the next, task by task; one zooms to other times.
import { formatAge } from '../../../base/index.js';
import type { ActionOf, KeyRow, Scope } from '../keys/keymap.js';
import type { FeedQuery } from '../state/object-source.js';
import { OnceASecond } from '../state/once-a-second.js';
import type { Click, Line } from '../text/line.js';
import { compilePattern, matches, type Pattern } from '../text/pattern.js';
import { timelineLines, timelineRoom } from '../views/timeline.js';
import { buildTimeline, TIMELINE_MS, TIMELINE_SPANS, type TimelineRow } from '../views/timeline-model.js';
import { listHandlers } from './list-keys.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';
import { ListCursor } from './scroll-list.js';
import { ShownObjects, type ShownObjectsOptions } from './shown-objects.js';

export interface TimelineScreenOptions extends ShownObjectsOptions {
  /** @param task its `namespace/name`. */
  readonly onOpen: (task: string) => void;
  /** A key of the table of tasks. */
  readonly onKey: (task: string, key: string) => void;
}

export const timelineHandlers: Record<ActionOf<'timeline'>, (screen: TimelineScreen, key: string) => void> = {
  open: (screen) => screen.open(),
  zoomIn: (screen) => screen.zoom(-1),
  zoomOut: (screen) => screen.zoom(1),
  next: (screen, key) => screen.press(key),
};

export class TimelineScreen implements Screen {
  readonly crumb = 'timeline';
  readonly command = 'timeline';
  readonly scopes: readonly Scope[] = ['timeline', 'ofTask', 'object', 'list'];
  private readonly objects: ShownObjects;
  private readonly options: TimelineScreenOptions;
  private readonly cursor = new ListCursor();
  private readonly model: OnceASecond<readonly TimelineRow[]>;
  private rows: readonly TimelineRow[] = [];
  private spanMs = TIMELINE_MS;
  private search = '';
  private pattern: Pattern | undefined;

  constructor(options: TimelineScreenOptions) {
    this.objects = new ShownObjects(options, 'tasks', 'runs');
    this.options = options;
    this.model = new OnceASecond((now) => this.build(now));
  }

  get queries(): readonly FeedQuery[] {
    return this.objects.queries;
  }

  get filterText(): string {
    return this.search;
  }

  set filterText(text: string) {
    this.search = text;
    this.pattern = text === '' ? undefined : compilePattern(text);
    this.model.forget();
  }

  title({ now }: ViewContext): ScreenTitle {
    const notes = [`${formatAge(this.spanMs)} back and ahead`, this.pattern?.note];
    if (this.objects.isCut('runs')) notes.push('without older runs');
    return {
      name: 'Timeline',
      place: this.objects.namespace ?? 'all',
      count: String(this.model.get(now).length),
      filter: this.search || undefined,
      note: notes.filter((note) => note !== undefined).join(', '),
    };
  }

  lines(size: Size, context: ViewContext): Line[] {
    const missing = this.objects.missing(size);
    if (missing !== undefined) return missing;
    const rows = this.model.get(context.now);
    this.rows = rows;
    this.cursor.settle(
      rows.map(({ key }) => key),
      timelineRoom(size.height),
    );
    const { top, index: selected } = this.cursor;
    const { namespace } = this.objects;
    const view = { rows, top, selected, spanMs: this.spanMs, namespace, filtered: this.pattern !== undefined };
    return timelineLines(view, size, context);
  }

  handle(row: KeyRow, key: string): void {
    if (row.scope === 'list') listHandlers[row.action as keyof typeof listHandlers](this.cursor);
    else if (row.scope === 'timeline') timelineHandlers[row.action as keyof typeof timelineHandlers](this, key);
    else this.press(key);
  }

  scroll(rows: number): void {
    this.cursor.scroll(rows);
  }

  click(target: Click): boolean {
    return 'row' in target && !this.cursor.moveTo(target.row);
  }

  open(): void {
    if (this.selected !== undefined) this.options.onOpen(this.selected);
  }

  press(key: string): void {
    if (this.selected !== undefined) this.options.onKey(this.selected, key);
  }

  /** To the next shorter or longer time; the shortest and the longest stay. */
  zoom(by: 1 | -1): void {
    this.spanMs = TIMELINE_SPANS[TIMELINE_SPANS.indexOf(this.spanMs) + by] ?? this.spanMs;
    this.model.forget();
  }

  /** By its place: where the cursor went, nothing need have been drawn yet. */
  private get selected(): string | undefined {
    return this.rows[this.cursor.index]?.key;
  }

  private build(now: number): readonly TimelineRow[] {
    const { objects, pattern } = this;
    const rows = buildTimeline(objects.of('tasks'), objects.of('runs'), now, this.spanMs);
    return pattern === undefined ? rows : rows.filter(({ key }) => matches(pattern, key));
  }
}
