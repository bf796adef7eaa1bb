// What a dashboard remembers of its last life (T-57), as it stands in its file. Whatever is in there may have been written by
// another version, or by hand: what cannot be used is left out.
import type { SortOrder } from '../views/table-rows.js';

/** How the tables of a kind look. */
export interface SavedLook {
  readonly sort?: SortOrder;
  readonly wide?: boolean;
}

export interface SavedPlace {
  /** Undefined for all. */
  readonly namespace: string | undefined;
  /** The one that was configured then: who has configured another one since wants to be there. */
  readonly configured: string;
}

export interface SavedState {
  /** As typed behind `:`. */
  readonly view?: string;
  readonly place?: SavedPlace;
  /** By the plural name of the kind. */
  readonly looks: ReadonlyMap<string, SavedLook>;
  /** Lines typed, the latest last. */
  readonly filters: readonly string[];
  readonly commands: readonly string[];
}

export const NOTHING_SAVED: SavedState = { looks: new Map(), filters: [], commands: [] };

const VERSION = 1;
/** Lines of each kind. */
const LINES_MAX = 100;
/** As long as a prompt takes them. */
const LINE_MAX = 500;
/** There are some ten kinds. */
const LOOKS_MAX = 50;
const KIND = /^[a-z][a-z0-9.-]{0,62}$/;
const NAMESPACE = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const COLUMN = /^[^\p{Cc}]{1,63}$/u;

export function savedText({ view, place, looks, filters, commands }: SavedState): string {
  const where = place === undefined ? undefined : { namespace: place.namespace ?? null, configured: place.configured };
  return `${JSON.stringify({ version: VERSION, view, place: where, looks: Object.fromEntries(looks), filters, commands }, undefined, 2)}\n`;
}

/** Undefined when `text` is not what `savedText` has made. */
export function parseSaved(text: string): SavedState | undefined {
  const value = fieldsOf(parsed(text));
  if (value === undefined || value.version !== VERSION) return undefined;
  const place = placeOf(value.place);
  return {
    ...(isLine(value.view) ? { view: value.view } : {}),
    ...(place === undefined ? {} : { place }),
    looks: looksOf(value.looks),
    filters: linesOf(value.filters),
    commands: linesOf(value.commands),
  };
}

/** `mine` over what another dashboard may have written meanwhile: its looks of other kinds and its lines stay. */
export function mergeSaved(theirs: SavedState, mine: SavedState): SavedState {
  return {
    ...theirs,
    ...mine,
    looks: new Map([...theirs.looks, ...mine.looks].slice(-LOOKS_MAX)),
    filters: mergeLines(theirs.filters, mine.filters),
    commands: mergeLines(theirs.commands, mine.commands),
  };
}

function mergeLines(theirs: readonly string[], mine: readonly string[]): string[] {
  const own = new Set(mine);
  return [...theirs.filter((line) => !own.has(line)), ...mine].slice(-LINES_MAX);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // as good as any other text that is not ours
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? (value as Record<string, unknown>) : undefined;
}

const isLine = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LINE_MAX && !/\p{Cc}/u.test(value);

function linesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isLine).slice(-LINES_MAX) : [];
}

function placeOf(value: unknown): SavedPlace | undefined {
  const { namespace, configured } = fieldsOf(value) ?? {};
  if (typeof configured !== 'string') return undefined;
  if (namespace === null) return { namespace: undefined, configured };
  return typeof namespace === 'string' && NAMESPACE.test(namespace) ? { namespace, configured } : undefined;
}

function looksOf(value: unknown): Map<string, SavedLook> {
  const entries = Object.entries(fieldsOf(value) ?? {}).filter(([kind]) => KIND.test(kind));
  return new Map(entries.slice(0, LOOKS_MAX).map(([kind, look]) => [kind, lookOf(look)]));
}

function lookOf(value: unknown): SavedLook {
  const { sort, wide } = fieldsOf(value) ?? {};
  const { column, descending } = fieldsOf(sort) ?? {};
  const sorted = typeof column === 'string' && COLUMN.test(column) && typeof descending === 'boolean';
  return {
    ...(sorted ? { sort: { column, descending } } : {}),
    ...(typeof wide === 'boolean' ? { wide } : {}),
  };
}
