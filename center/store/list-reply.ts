import { CloudTaskError } from '../../base/index.js';
import type { AnyObject, KindName } from '../../manifests/index.js';
import type { ChangeLog } from './change-log.js';
import { type ContinueToken, decodeToken, encodeToken } from './continue-token.js';
import type { ObjectPage } from './repository-types.js';
import { matchesSelectors } from './selectors.js';
import type { Change, ListOptions, ListText, Stored } from './store-types.js';

type ReadPage = (kind: KindName, options: ListOptions, token: ContinueToken | null) => Promise<ObjectPage>;

/**
 * Lists objects. All pages of a list of objects show the snapshot of the first one: what has changed since is taken back by
 * the change log. CT_EXPIRED when the log does not reach that far any more. Runs and events: see list-runs.ts; other orders: see
 * list-sorted.ts.
 */
export async function listText(
  read: ReadPage,
  changeLog: ChangeLog,
  kind: KindName,
  options: ListOptions,
): Promise<ListText> {
  const newestFirst = kind === 'Run' || kind === 'Event';
  const present = newestFirst || options.sortBy !== undefined;
  const { continueToken, ...rest } = options;
  const token =
    continueToken === undefined
      ? undefined
      : decodeToken(continueToken, newestFirst ? 1 : options.sortBy === undefined ? 2 : 4);
  const read1 = await read(kind, rest, token ?? null);
  const moved = !present && token !== undefined && read1.version !== token.version;
  const page = moved ? asOf(read1, changesSince(changeLog, kind, token, read1.version), token, options) : read1;
  const version = token?.version ?? page.version;
  const left = token === undefined ? page.total : token.remaining;
  const remaining = left === undefined || page.after === undefined ? undefined : Math.max(0, left - page.count);
  const counted = remaining === undefined || remaining === 0 ? {} : { remaining };
  return {
    text: page.text,
    count: page.count,
    resourceVersion: String(version),
    ...(page.after === undefined ? {} : { continueToken: encodeToken({ version, after: page.after, ...counted }) }),
    ...counted,
  };
}

function changesSince(changeLog: ChangeLog, kind: KindName, token: ContinueToken, version: number): readonly Change[] {
  const changes = changeLog.since(kind, token.version);
  if (changes === undefined) {
    // Who can live with pages of two versions goes on behind the last name it has got.
    const continueToken = encodeToken({ version, after: token.after });
    throw new CloudTaskError('CT_EXPIRED', { detail: 'the continue token is too old', continueToken });
  }
  return changes;
}

/** Takes back, within the range of a page, what was changed after its snapshot. */
function asOf(page: ObjectPage, changes: readonly Change[], token: ContinueToken, options: ListOptions): ObjectPage {
  const after = token.after as [string, string];
  const items = JSON.parse(`[${page.text}]`) as Stored[];
  const last = items.at(-1);
  const complete = page.after === undefined;
  const byKey = new Map(items.map((item) => [JSON.stringify(keyOf(item)), item]));
  const seen = new Set<string>();
  for (const { object, previous } of changes) {
    const key = JSON.stringify(keyOf(object));
    if (seen.has(key)) continue; // the first change after the snapshot knows what was there
    seen.add(key);
    if (compareKeys(keyOf(object), after) <= 0) continue;
    if (!complete && last !== undefined && compareKeys(keyOf(object), keyOf(last)) > 0) continue;
    byKey.delete(key);
    if (previous !== undefined && inNamespaces(previous, options) && matchesSelectors(previous, options))
      byKey.set(key, previous);
  }
  const shown = [...byKey.values()].sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
  // What came back may exceed the limit, and what was taken back may leave nothing: the next page goes on behind both.
  return {
    text: shown.map((item) => JSON.stringify(item)).join(','),
    count: shown.length,
    version: token.version,
    ...(page.after === undefined ? {} : { after: page.after }),
  };
}

/** True for an object of the namespaces that were asked for. */
export function inNamespaces({ kind, metadata }: AnyObject, { namespace, within }: ListOptions): boolean {
  const own = kind === 'Namespace' ? metadata.name : (metadata.namespace ?? '');
  return (!namespace || metadata.namespace === namespace) && (within === undefined || within.includes(own));
}

function keyOf(object: AnyObject): [string, string] {
  return [object.metadata.namespace ?? '', object.metadata.name];
}

function compareKeys(a: readonly [string, string], b: readonly [string, string]): number {
  const [x, y] = a[0] === b[0] ? [a[1], b[1]] : [a[0], b[0]];
  return x < y ? -1 : x > y ? 1 : 0;
}
