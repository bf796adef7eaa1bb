// Which objects a table shows, in which order. Kept until objects, filter, order or columns change: keys that only move the
// cursor cost nothing of it. Of 10,000 objects a few change at a time: only these are looked at, and find their places among
// those that stay (T-53).
import type { ApiObject } from '../../resources/api-object.js';
import type { Feed } from '../state/object-source.js';
import { isFault } from './faults.js';
import type { Filter } from './filter.js';
import { compareValues, orderKey, type SortValue, type TableColumn } from './table-columns.js';

export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

export interface RowsQuery {
  readonly feed: Feed | undefined;
  readonly columns: readonly TableColumn[];
  readonly filter: Filter | undefined;
  readonly sort: SortOrder;
  readonly faultsOnly: boolean;
}

export interface TableRows {
  readonly objects: readonly ApiObject[];
  /** Of the objects. */
  readonly uids: readonly string[];
  /** Objects before the filter. */
  readonly total: number;
}

const NOTHING: TableRows = { objects: [], uids: [], total: 0 };

/** What was found of an object; holds as long as the object does, since a change makes a new one. */
interface Entry {
  readonly object: ApiObject;
  readonly uid: string;
  readonly shown: boolean;
  readonly value: SortValue;
  readonly name: string;
}

/** What an entry is found by. */
interface Look {
  readonly query: RowsQuery;
  readonly column: TableColumn | undefined;
  readonly now: number;
}

export class RowSelection {
  private version: readonly unknown[] = [];
  private rows: TableRows = NOTHING;
  /** What the entries were found by. */
  private by: readonly unknown[] = [];
  private readonly known = new Map<string, Entry>();
  /** Those that are shown. */
  private order: readonly Entry[] = [];

  select(query: RowsQuery, now: number): TableRows {
    const { feed, columns, filter, sort, faultsOnly } = query;
    if (feed === undefined) return NOTHING;
    // Whether something is overdue changes with time alone, so faults are looked for once a second.
    const second = faultsOnly ? Math.floor(now / 1000) : 0;
    const by = [columns, filter, sort.column, sort.descending, faultsOnly, second];
    const version = [feed, feed.version, ...by];
    if (same(version, this.version)) return this.rows;
    const column = columns.find(({ name }) => name === sort.column);
    const before = this.version[0] === feed ? (this.version[1] as number) : undefined;
    const whole = before === undefined || !same(by, this.by) || column?.moves === true;
    const changed = whole ? undefined : feed.changedSince?.(before);
    if (whole) this.known.clear();
    this.version = version;
    this.by = by;
    const look = { query, column, now };
    const rows = changed === undefined ? undefined : this.patched(feed, changed, look);
    this.rows = rows ?? this.sorted(feed, look);
    return this.rows;
  }

  /** Ages are as they were then: nobody looks for `5m` to see it go at 6. */
  private entryOf(object: ApiObject, { query, column, now }: Look): Entry {
    const { columns, filter, faultsOnly } = query;
    const shown =
      (!faultsOnly || isFault(object, now)) &&
      (filter === undefined || filter.matches(object, () => columns.map(({ text }) => text(object, now))));
    const { namespace = '', name, uid } = object.metadata;
    const value = shown ? orderKey(column?.value(object, now)) : undefined;
    return { object, uid, shown, value, name: `${namespace}/${name}` };
  }

  /** All of them, of which those that did not change are known. */
  private sorted({ objects }: Feed, look: Look): TableRows {
    for (const [uid, object] of objects) {
      if (this.known.get(uid)?.object !== object) this.known.set(uid, this.entryOf(object, look));
    }
    for (const uid of this.known.size > objects.size ? this.known.keys() : []) {
      if (!objects.has(uid)) this.known.delete(uid);
    }
    const { descending } = look.query.sort;
    this.order = [...this.known.values()].filter(({ shown }) => shown).sort((a, b) => compare(a, b, descending));
    return {
      objects: this.order.map(({ object }) => object),
      uids: this.order.map(({ uid }) => uid),
      total: objects.size,
    };
  }

  /** The rows before, with those that changed in their places; undefined when one is not where it should be. */
  private patched(feed: Feed, changed: readonly string[], look: Look): TableRows | undefined {
    const order = this.order.slice();
    const objects = this.rows.objects.slice();
    const uids = this.rows.uids.slice();
    const put = (at: number, removed: number, ...entries: readonly Entry[]): void => {
      order.splice(at, removed, ...entries);
      objects.splice(at, removed, ...entries.map(({ object }) => object));
      uids.splice(at, removed, ...entries.map(({ uid }) => uid));
    };
    const { descending } = look.query.sort;
    for (const uid of changed) {
      const object = feed.objects.get(uid);
      const old = this.known.get(uid);
      if (old?.object === object) continue;
      const entry = object === undefined ? undefined : this.entryOf(object, look);
      if (entry === undefined) this.known.delete(uid);
      else this.known.set(uid, entry);
      if (old?.shown) {
        const at = placeOf(order, old, descending);
        if (order[at] !== old) return undefined;
        put(at, 1);
      }
      if (entry?.shown) put(placeOf(order, entry, descending), 0, entry);
    }
    this.order = order;
    return { objects, uids, total: feed.objects.size };
  }
}

/** By value, then by name, so that no two have the same place. */
function compare(a: Entry, b: Entry, descending: boolean): number {
  if (a.value !== b.value) return compareValues(a.value, b.value, descending);
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.uid === b.uid ? 0 : a.uid < b.uid ? -1 : 1;
}

/** Where it is, or would be. */
function placeOf(order: readonly Entry[], entry: Entry, descending: boolean): number {
  let from = 0;
  let to = order.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const other = order[middle];
    if (other !== undefined && compare(other, entry, descending) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, i) => part === other[i]);
}
