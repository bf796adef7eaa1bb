// A table of one kind: what is filtered, sorted, marked and under the cursor. Keys that do more than look go to `onAction`.
import type { Resource } from '../../client/discovery.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { KeyRow, Scope } from '../keys/keymap.js';
import { tableScopes } from '../keys/table-scopes.js';
import type { OwnColumn } from '../settings/settings.js';
import type { Feed, FeedQuery, ObjectSource } from '../state/object-source.js';
import type { SavedLook } from '../state/saved-state.js';
import { StaticSource } from '../state/static-source.js';
import type { Click, Line } from '../text/line.js';
import { chosenColumns } from '../views/chosen-columns.js';
import { emptyLines } from '../views/empty-lines.js';
import { type Filter, parseFilter } from '../views/filter.js';
import { type TableColumn, tableColumns } from '../views/table-columns.js';
import { tableLines } from '../views/table-lines.js';
import { RowSelection, type SortOrder, type TableRows } from '../views/table-rows.js';
import { listHandlers } from './list-keys.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';
import { ListCursor } from './scroll-list.js';
import { type LookAction, lookHandlers, sortBy } from './table-keys.js';

export interface TableOwner {
  readonly name: string;
  readonly fieldSelector: string;
  /** Says the same in every row. */
  readonly column?: string;
  /** What one may do where it has nothing. */
  readonly whenEmpty?: string;
}

export interface TableScreenOptions {
  readonly resource: Resource;
  readonly source: ObjectSource;
  /** Absent: all. */
  readonly namespace?: string | undefined;
  readonly filter?: string;
  readonly labelSelector?: string;
  /** Only what belongs to an object that was opened. */
  readonly owner?: TableOwner;
  /** Instead of what follows from the kind. */
  readonly columns?: readonly TableColumn[];
  /** Of the user's choice. */
  readonly ownColumns?: readonly OwnColumn[] | undefined;
  /** As the user left tables of this kind. */
  readonly look?: SavedLook | undefined;
  /** Where the view has an order of its own, whatever the user has chosen elsewhere. */
  readonly order?: SortOrder;
  /** The user wants another order, or other columns. */
  readonly onLook?: ((screen: TableScreen) => void) | undefined;
  readonly now: () => number;
  readonly onAction: (row: KeyRow, key: string, screen: TableScreen) => void;
}

/** Newest first where it is news; else by name. */
const FIRST_ORDER: Readonly<Record<string, SortOrder>> = {
  Run: { column: 'AGE', descending: false },
  Event: { column: 'LAST-SEEN', descending: false },
};

export class TableScreen implements Screen {
  readonly resource: Resource;
  readonly cursor = new ListCursor();
  /** By uid. */
  readonly marks = new Set<string>();
  readonly options: TableScreenOptions;
  faultsOnly = false;
  columnOffset = 0;
  private order: SortOrder;
  private wideColumns: boolean;
  private text = '';
  private filter: Filter | undefined;
  private columnList: readonly TableColumn[];
  private space: string | undefined;
  private widths = new Map<string, number>();
  private readonly selection = new RowSelection();
  /** Where the cursor is to go once the object is there. */
  private awaited: string | undefined;

  constructor(options: TableScreenOptions) {
    this.options = options;
    this.resource = options.resource;
    this.space = options.resource.namespaced ? options.namespace : undefined;
    const { sort, wide = false } = options.look ?? {};
    this.order = options.order ?? sort ?? FIRST_ORDER[this.resource.kind] ?? { column: 'NAME', descending: false };
    this.wideColumns = wide;
    this.columnList = this.makeColumns();
    this.filterText = options.filter ?? '';
  }

  get crumb(): string {
    return this.resource.name;
  }

  get command(): string | undefined {
    return this.options.owner === undefined ? this.resource.name : undefined;
  }

  get scopes(): readonly Scope[] {
    return tableScopes(this.resource.kind);
  }

  get verbs(): readonly string[] {
    return this.resource.verbs;
  }

  get namespace(): string | undefined {
    return this.space;
  }

  /** Undefined for all of them. */
  set namespace(namespace: string | undefined) {
    this.space = namespace;
    this.changeColumns();
  }

  get sort(): SortOrder {
    return this.order;
  }

  set sort(sort: SortOrder) {
    this.order = sort;
    this.options.onLook?.(this);
  }

  /** Keys go to another namespace. */
  get switchesNamespace(): boolean {
    return this.resource.namespaced && this.options.owner === undefined;
  }

  get position(): string | undefined {
    return this.cursor.place;
  }

  get wide(): boolean {
    return this.wideColumns;
  }

  set wide(wide: boolean) {
    this.wideColumns = wide;
    this.changeColumns();
    this.options.onLook?.(this);
  }

  get filterText(): string {
    return this.text;
  }

  set filterText(text: string) {
    this.text = text;
    this.filter = parseFilter(text);
  }

  get columns(): readonly TableColumn[] {
    return this.columnList;
  }

  /** What does not come from the center is not to be asked for there. */
  get queries(): readonly FeedQuery[] {
    return this.options.source instanceof StaticSource ? [] : [this.query];
  }

  private get query(): FeedQuery {
    const { resource, options } = this;
    const { labelSelector, owner } = options;
    return { resource, namespace: this.space, labelSelector, fieldSelector: owner?.fieldSelector };
  }

  get feed(): Feed | undefined {
    return this.options.source.feed(this.query);
  }

  /** The rows as they are shown. */
  rows(now = this.options.now()): TableRows {
    const { feed, columnList: columns, filter, sort, faultsOnly } = this;
    return this.selection.select({ feed, columns, filter, sort, faultsOnly }, now);
  }

  /** Under the cursor. */
  get selected(): ApiObject | undefined {
    const { objects } = this.rows();
    const { uid, index } = this.cursor;
    return objects.find(({ metadata }) => metadata.uid === uid) ?? (uid === undefined ? objects[index] : undefined);
  }

  /** Puts the cursor on an object, which may come only with a later page of the list. A key that moves the cursor gives that up. */
  goTo(uid: string | undefined): void {
    this.awaited = uid;
  }

  /** What an action is about: what is marked, else what is under the cursor. */
  get targets(): readonly ApiObject[] {
    const marked = this.rows().objects.filter(({ metadata }) => this.marks.has(metadata.uid));
    if (marked.length > 0) return marked;
    const { selected } = this;
    return selected === undefined ? [] : [selected];
  }

  /** What is not current is shown as it was: of what happened since nothing is known, nor what is overdue. */
  private momentOf(now: number): number {
    const { feed } = this;
    return feed?.phase === 'stale' && feed.since !== undefined ? Math.min(now, feed.since) : now;
  }

  title({ now }: ViewContext): ScreenTitle {
    const { objects, total } = this.rows(this.momentOf(now));
    const { owner, labelSelector } = this.options;
    const { feed, filter } = this;
    const name = this.resource.name;
    const notes = [filter?.note, this.faultsOnly ? 'faults only' : undefined];
    if (feed !== undefined && this.marks.size > 0) notes.push(...this.markedWords(feed, objects));
    if (feed?.cut) notes.push('older ones left out');
    return {
      name: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      place: owner?.name ?? (this.resource.namespaced ? (this.space ?? 'all') : undefined),
      count: feed?.phase === 'loading' ? '…' : objects.length === total ? String(total) : `${objects.length}/${total}`,
      filter: filter?.text ?? labelSelector,
      note: notes.filter((note) => note !== undefined).join(', ') || undefined,
    };
  }

  /** Actions are about those that are seen. */
  private markedWords(feed: Feed, shown: readonly ApiObject[]): string[] {
    const marked = [...this.marks].filter((uid) => feed.objects.has(uid)).length;
    const seen = shown.filter(({ metadata }) => this.marks.has(metadata.uid)).length;
    return [...(seen > 0 ? [`${seen} marked`] : []), ...(marked > seen ? [`${marked - seen} marked but hidden`] : [])];
  }

  lines(size: Size, context: ViewContext): Line[] {
    const now = this.momentOf(context.now);
    const { objects, uids, total } = this.rows(now);
    const { feed, cursor, marks, sort, filter, columnOffset, widths } = this;
    if (this.awaited !== undefined && uids.includes(this.awaited)) {
      cursor.uid = this.awaited;
      this.awaited = undefined;
    } else if (feed?.phase === 'live') this.awaited = undefined;
    cursor.settle(uids, size.height - 1);
    const dimmed = feed?.phase === 'stale';
    const view = { columns: this.columnList, objects, top: cursor.top, selected: cursor.index, marks, sort, filter };
    const lines = tableLines({ ...view, columnOffset, widths, dimmed }, size, { now, ascii: context.ascii });
    if (objects.length > 0) return lines;
    const { owner, labelSelector } = this.options;
    const place = this.resource.namespaced ? this.space : undefined;
    const hiddenBy = this.filter === undefined && this.faultsOnly ? ('faults' as const) : ('filter' as const);
    return [
      ...lines,
      ...emptyLines({ resource: this.resource, feed, total, place, owner, labelSelector, hiddenBy }, size),
    ];
  }

  handle(row: KeyRow, key: string): void {
    const look = lookHandlers[row.action as LookAction] as ((screen: TableScreen) => void) | undefined;
    if (row.scope === 'list') {
      this.awaited = undefined;
      listHandlers[row.action as keyof typeof listHandlers](this.cursor);
    } else if (look === undefined) this.options.onAction(row, key, this);
    else look(this);
  }

  scroll(rows: number): void {
    this.cursor.scroll(rows);
  }

  click(target: Click): boolean {
    if ('column' in target) sortBy(target.column)(this);
    return 'row' in target && !this.cursor.moveTo(target.row);
  }

  private makeColumns(): readonly TableColumn[] {
    const { resource, wideColumns: wide } = this;
    const { columns, ownColumns: own, owner } = this.options;
    const namespaces = this.space === undefined;
    if (columns !== undefined) return columns;
    if (own !== undefined) return chosenColumns(resource, own, { wide, namespaces });
    return tableColumns(resource, { wide, namespaces }).filter(({ name }) => name !== owner?.column);
  }

  private changeColumns(): void {
    this.columnList = this.makeColumns();
    this.widths = new Map();
    this.columnOffset = 0;
  }
}
