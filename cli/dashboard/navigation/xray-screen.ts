// `:xray`: the tree of what belongs to what; Enter opens and closes its nodes.
import type { ActionOf, KeyRow, Scope } from '../keys/keymap.js';
import type { FeedQuery } from '../state/object-source.js';
import { OnceASecond } from '../state/once-a-second.js';
import type { Click, Line } from '../text/line.js';
import { compilePattern, matches, type Pattern } from '../text/pattern.js';
import { xrayLines } from '../views/xray.js';
import {
  allOpen,
  buildAgentTree,
  buildTaskTree,
  toggled,
  type XrayNode,
  type XrayRow,
  xrayRows,
} from '../views/xray-model.js';
import { listHandlers } from './list-keys.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';
import { ListCursor } from './scroll-list.js';
import { ShownObjects, type ShownObjectsOptions } from './shown-objects.js';

export interface XrayScreenOptions extends ShownObjectsOptions {
  /** Namespaces, tasks and runs; or clusters, agents and runs. */
  readonly roots: 'tasks' | 'clusters';
  /** A key that a table of the node's kind has. */
  readonly onKey: (node: XrayNode, key: string) => void;
}

export const xrayHandlers: Record<ActionOf<'xray'>, (screen: XrayScreen, key: string) => void> = {
  toggle: (screen) => screen.toggle(),
  open: (screen) => screen.openOrDown(),
  shut: (screen) => screen.shutOrUp(),
  toggleAll: (screen) => screen.toggleAll(),
  next: (screen, key) => screen.press(key),
};

const SCOPES: Readonly<Record<string, readonly Scope[]>> = { Task: ['ofTask'], Run: ['ofRun'] };

export class XrayScreen implements Screen {
  readonly crumb = 'xray';
  private readonly options: XrayScreenOptions;
  private readonly objects: ShownObjects;
  private readonly cursor = new ListCursor();
  private readonly tree: OnceASecond<readonly XrayRow[]>;
  /** Until something was opened or closed it is the first level. */
  private opened: ReadonlySet<string> | undefined;
  private rows: readonly XrayRow[] = [];
  /** Tasks or agents; undefined until they are known. */
  private count: number | undefined;
  private search = '';
  private pattern: Pattern | undefined;

  constructor(options: XrayScreenOptions) {
    this.options = options;
    const kinds = options.roots === 'tasks' ? (['tasks', 'runs'] as const) : (['clusters', 'agents', 'runs'] as const);
    this.objects = new ShownObjects(options, ...kinds);
    this.tree = new OnceASecond(() => this.build());
  }

  get command(): string {
    return `xray ${this.options.roots}`;
  }

  /** What is under the cursor has keys of its own. */
  get scopes(): readonly Scope[] {
    return ['xray', ...(SCOPES[this.node?.kind ?? ''] ?? []), 'object', 'list'];
  }

  private get node(): XrayNode | undefined {
    return this.rows[this.cursor.index]?.node;
  }

  /** Names of tasks, or of agents. */
  get filterText(): string {
    return this.search;
  }

  set filterText(text: string) {
    this.search = text;
    this.pattern = text === '' ? undefined : compilePattern(text);
    this.tree.forget();
  }

  get queries(): readonly FeedQuery[] {
    return this.objects.queries;
  }

  title(): ScreenTitle {
    const { roots } = this.options;
    const count = this.count === undefined ? undefined : String(this.count);
    const found = { count, filter: this.search || undefined, note: this.pattern?.note };
    return roots === 'tasks'
      ? { name: 'Xray tasks', place: this.objects.namespace ?? 'all', ...found }
      : { name: 'Xray agents', ...found };
  }

  lines(size: Size, context: ViewContext): Line[] {
    const missing = this.objects.missing(size);
    if (missing !== undefined) return missing;
    this.rows = this.tree.get(context.now);
    this.cursor.settle(
      this.rows.map(({ node }) => node.id),
      size.height,
    );
    const { top, index: selected } = this.cursor;
    return xrayLines({ rows: this.rows, top, selected, filtered: this.pattern !== undefined }, size, context);
  }

  handle(row: KeyRow, key: string): void {
    if (row.scope === 'list') listHandlers[row.action as keyof typeof listHandlers](this.cursor);
    else if (row.scope === 'xray') xrayHandlers[row.action as keyof typeof xrayHandlers](this, key);
    else this.press(key);
  }

  /** As in a table of its kind. */
  press(key: string): void {
    if (this.node !== undefined) this.options.onKey(this.node, key);
  }

  scroll(rows: number): void {
    this.cursor.scroll(rows);
  }

  click(target: Click): boolean {
    return 'row' in target && !this.cursor.moveTo(target.row);
  }

  toggle(): void {
    const { node } = this;
    if (node === undefined) return;
    if (node.count === 0) this.press('enter');
    else this.openOnly(toggled(this.open, node.id));
  }

  openOrDown(): void {
    const { node } = this;
    if (node === undefined || node.count === 0 || this.open.has(node.id)) this.cursor.move(1);
    else this.toggle();
  }

  /** What is closed already leads to what it is below. */
  shutOrUp(): void {
    const { index } = this.cursor;
    const row = this.rows[index];
    if (row === undefined) return;
    if (row.open) this.toggle();
    else if (row.depth > 0) this.cursor.to(this.rows.slice(0, index).findLastIndex(({ depth }) => depth < row.depth));
  }

  toggleAll(): void {
    const all = allOpen(this.roots());
    this.openOnly([...all].every((id) => this.open.has(id)) ? new Set() : all);
  }

  private get open(): ReadonlySet<string> {
    return this.opened ?? new Set(this.roots().map(({ id }) => id));
  }

  private openOnly(open: ReadonlySet<string>): void {
    this.opened = open;
    this.tree.forget();
  }

  private build(): readonly XrayRow[] {
    const roots = this.roots();
    this.count = roots.reduce((sum, { count }) => sum + count, 0);
    return xrayRows(roots, this.open);
  }

  private roots(): readonly XrayNode[] {
    const { objects, pattern } = this;
    const shown = pattern === undefined ? undefined : (text: string) => matches(pattern, text);
    return this.options.roots === 'tasks'
      ? buildTaskTree(objects.of('tasks'), objects.of('runs'), shown)
      : buildAgentTree(objects.of('clusters'), objects.of('agents'), objects.of('runs'), shown);
  }
}
