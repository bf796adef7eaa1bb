import type { AnyObject, KindName } from '../../manifests/index.js';
import type { ListOptions, Store, Stored } from '../store/index.js';

const PAGE = 1000;

/** Visits all objects of a kind, page by page. */
export async function eachOf<T extends AnyObject>(
  store: Store,
  kind: KindName,
  visit: (object: Stored<T>) => void,
  options: Pick<ListOptions, 'fields' | 'namespace'> = {},
): Promise<void> {
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { continueToken: token };
    const page = await store.list<T>(kind, { ...options, limit: PAGE, ...next });
    for (const object of page.items) visit(object);
    token = page.continueToken;
  } while (token !== undefined);
}
