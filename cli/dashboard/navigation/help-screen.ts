// Keys and commands, from the tables that dispatch them.
import type { KeyPlace, KeyRow, Scope } from '../keys/keymap.js';
import type { Line } from '../text/line.js';
import { type HelpBlock, helpBlocks, helpLines, type OwnHelp } from '../views/help.js';
import { listHandlers } from './list-keys.js';
import type { Screen, ScreenTitle, Size } from './screen.js';

export class HelpScreen implements Screen {
  readonly crumb = 'help';
  readonly scopes: readonly Scope[] = ['list'];
  readonly queries = [];
  private readonly blocks: readonly HelpBlock[];
  private readonly about: string;
  private readonly readOnly: boolean;
  private top = 0;
  private rows = 0;
  private height = 1;

  /** @param about the screen that the keys are for. @param own what the user has added to keys and commands. */
  constructor(about: string, place: KeyPlace, readOnly: boolean, own?: OwnHelp) {
    this.about = about;
    this.readOnly = readOnly;
    this.blocks = helpBlocks(place, readOnly, own);
  }

  /** Where in a help that is longer than the screen one is, e.g. `lines 1-17 of 47`. */
  title(): ScreenTitle {
    const { top, height, rows } = this;
    const part = rows > height ? `lines ${top + 1}-${Math.min(rows, top + height)} of ${rows}` : undefined;
    const hidden = this.readOnly ? 'read-only: without keys that change something' : undefined;
    const note = [part, hidden].filter((words) => words !== undefined).join(', ');
    return { name: 'Help', place: this.about, note: note || undefined };
  }

  lines({ width, height }: Size): Line[] {
    const lines = helpLines(this.blocks, width);
    this.rows = lines.length;
    this.height = height;
    this.to(this.top);
    return lines.slice(this.top, this.top + height);
  }

  handle(row: KeyRow): void {
    if (row.scope === 'list') listHandlers[row.action as keyof typeof listHandlers](this);
  }

  scroll(rows: number): void {
    this.move(rows);
  }

  move(by: number): void {
    this.to(this.top + by);
  }

  page(by: number): void {
    this.move(by * this.height);
  }

  to(top: number): void {
    this.top = Math.max(0, Math.min(top, this.rows - this.height));
  }

  bottom(): void {
    this.to(this.rows);
  }
}
