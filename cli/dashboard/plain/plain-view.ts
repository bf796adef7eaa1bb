// One table that is listened to: its rows once, and then what becomes of them.
import { type Clock, messageOf, type Timer } from '../../../base/index.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { TableScreen } from '../navigation/table-screen.js';
import { changeWords, rowFacts, rowName, rowWords } from './row-words.js';

/** Rows at a time: more are not listened to in one go. */
const ROWS_MAX = 20;
/** Of more changes at once their number is told. */
const CHANGES_MAX = 10;
/** What changes within this time is told together. */
const TELL_AFTER_MS = 1_000;

export interface PlainViewParts {
  readonly screen: TableScreen;
  readonly clock: Clock;
  readonly say: (lines: readonly string[]) => void;
}

interface Known {
  readonly object: ApiObject;
  readonly name: string;
  readonly facts: ReadonlyMap<string, string>;
}

export class PlainView {
  readonly screen: TableScreen;
  private readonly parts: PlainViewParts;
  private readonly read: Promise<void>;
  private whenRead: () => void = () => undefined;
  /** By uid; undefined until the rows were told. */
  private known: Map<string, Known> | undefined;
  private told = 0;
  private lost = false;
  private timer: Timer | undefined;

  constructor(parts: PlainViewParts) {
    this.parts = parts;
    this.screen = parts.screen;
    this.read = new Promise((resolve) => {
      this.whenRead = resolve;
    });
  }

  /** The first rows, as soon as they are known. */
  async begin(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', this.whenRead, { once: true });
    this.changed();
    await this.read;
    signal.removeEventListener('abort', this.whenRead);
    if (signal.aborted) return;
    const { feed } = this.screen;
    const now = this.parts.clock.now();
    const { name, place, filter, count } = this.screen.title({ now, ascii: true });
    const where = place === undefined ? '' : place === 'all' ? ' of all namespaces' : ` in ${place}`;
    const matching = filter === undefined ? '' : ` that match ${filter}`;
    const trouble = feed?.error === undefined ? '' : `; ${messageOf(feed.error)}`;
    this.lost = feed?.phase === 'stale';
    this.parts.say([`${name}${where}${matching}: ${count?.replace('/', ' of ') ?? 0}${trouble}`]);
    this.known = this.look(now);
    this.more();
  }

  /** The rows behind those that were told last. */
  more(): void {
    const now = this.parts.clock.now();
    const { objects } = this.screen.rows(now);
    const rows = objects.slice(this.told, this.told + ROWS_MAX);
    this.told += rows.length;
    const left = objects.length - this.told;
    const all = this.screen.namespace === undefined;
    this.parts.say([
      ...rows.map((object) => `${rowName(object, all)}: ${rowWords(this.screen.columns, object, now)}`),
      ...(left > 0 ? [`${left} more: type more`] : rows.length === 0 && objects.length > 0 ? ['no more'] : []),
    ]);
  }

  /** Objects may be different. */
  changed(): void {
    const { feed } = this.screen;
    if (feed !== undefined && feed.phase !== 'loading') this.whenRead();
    if (this.known !== undefined) this.timer ??= this.parts.clock.timerAfter(TELL_AFTER_MS, () => this.tell());
  }

  stop(): void {
    this.timer?.cancel();
    this.known = undefined;
  }

  private tell(): void {
    this.timer = undefined;
    const before = this.known;
    if (before === undefined) return;
    const lost = this.screen.feed?.phase === 'stale';
    if (lost !== this.lost) this.parts.say([lost ? 'connection lost: what was told may be old' : 'connected again']);
    this.lost = lost;
    const now = this.look(this.parts.clock.now());
    this.known = now;
    const { singularName, name: plural } = this.screen.resource;
    const lines: string[] = [];
    for (const [uid, { object, name, facts }] of now) {
      const old = before.get(uid);
      const change = old === undefined ? undefined : changeWords(old.facts, facts);
      if (old === undefined) lines.push(`new ${singularName} ${name}: ${this.words(object)}`);
      else if (change !== undefined) lines.push(`${name}: ${change}`);
    }
    for (const [uid, { name }] of before) if (!now.has(uid)) lines.push(`${singularName} ${name} is gone`);
    const many = `${lines.length} ${plural} have changed: type ${plural} to hear them`;
    if (lines.length > 0) this.parts.say(lines.length > CHANGES_MAX ? [many] : lines);
  }

  private words(object: ApiObject): string {
    return rowWords(this.screen.columns, object, this.parts.clock.now());
  }

  /** Objects that have not changed are not read again. */
  private look(now: number): Map<string, Known> {
    const { screen, known } = this;
    const all = screen.namespace === undefined;
    return new Map(
      screen.rows(now).objects.map((object) => {
        const { uid } = object.metadata;
        const old = known?.get(uid);
        if (old?.object === object) return [uid, old];
        return [uid, { object, name: rowName(object, all), facts: rowFacts(screen.columns, object, now) }];
      }),
    );
  }
}
