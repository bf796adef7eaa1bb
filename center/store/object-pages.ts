import type { AnyObject, KindName } from '../../manifests/index.js';
import type { Store } from './store.js';
import type { ListOptions, Stored } from './store-types.js';

/** Few enough that reading one does not hold others up for long. */
const PAGE = 500;

/** All objects of a kind, page by page, of one snapshot. */
export async function* objectPages<T extends AnyObject>(
  store: Pick<Store, 'list'>,
  kind: KindName,
  options: Pick<ListOptions, 'fields' | 'labels' | 'namespace'> = {},
): AsyncGenerator<Stored<T>[]> {
  let continueToken: string | undefined;
  do {
    const next = continueToken === undefined ? {} : { continueToken };
    const page = await store.list<T>(kind, { ...options, limit: PAGE, ...next });
    yield page.items;
    continueToken = page.continueToken;
  } while (continueToken !== undefined);
}
