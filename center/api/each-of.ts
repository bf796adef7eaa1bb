import type { AnyObject, KindName } from '../../manifests/index.js';
import { type ListOptions, objectPages, type Store, type Stored } from '../store/index.js';

/** Visits all objects of a kind, page by page. */
export async function eachOf<T extends AnyObject>(
  store: Store,
  kind: KindName,
  visit: (object: Stored<T>) => void,
  options: Pick<ListOptions, 'fields' | 'namespace'> = {},
): Promise<void> {
  for await (const page of objectPages<T>(store, kind, options)) for (const object of page) visit(object);
}
