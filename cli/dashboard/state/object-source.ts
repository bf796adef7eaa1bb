// What screens know of the place objects come from; tests feed one by hand.
import type { Instant } from '../../../base/index.js';
import type { Resource } from '../../client/discovery.js';
import type { ApiObject } from '../../resources/api-object.js';

/** Which objects: of one kind, perhaps of one namespace, perhaps selected by the center. */
export interface FeedQuery {
  readonly resource: Resource;
  /** Absent: of all namespaces. */
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

/** `loading` until the first list is there; `stale` while the connection is lost; `refused` when the center says no. */
export type FeedPhase = 'loading' | 'live' | 'stale' | 'refused';

export interface Feed {
  readonly phase: FeedPhase;
  /** Since when it is stale. */
  readonly since: Instant | undefined;
  /** Why it is stale or refused. */
  readonly error: unknown;
  /** Grows with every change of `objects`. */
  readonly version: number;
  /** By uid. */
  readonly objects: ReadonlyMap<string, ApiObject>;
  /** Uids of the objects that came, changed or went since that version, oldest first; undefined when that is not known any more. */
  readonly changedSince?: (version: number) => readonly string[] | undefined;
  /** Not many more than these are kept; undefined for all. */
  readonly limit: number | undefined;
  /** Older objects were left out. */
  readonly cut: boolean;
}

export interface ObjectSource {
  /** Follows exactly these; what is followed already goes on. */
  keep(queries: readonly FeedQuery[]): void;
  /** Undefined unless it is kept. */
  feed(query: FeedQuery): Feed | undefined;
  /** Since when the connection is lost; undefined while it is there. */
  staleSince(): Instant | undefined;
  /** Lists everything again. */
  refresh(): void;
  stop(): void;
}

export function feedKey({ resource, namespace, fieldSelector, labelSelector }: FeedQuery): string {
  return JSON.stringify([resource.name, resource.namespaced ? namespace : undefined, fieldSelector, labelSelector]);
}
