// Lists beside what a page is about: asked for now and then. A browser opens six connections to one center and each watch holds one; with
// all of them held no request gets through any more, not even that for the next page.
import { useQuery } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.js';
import type { Followed } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { LIMIT, type LiveQuery } from './live-list.js';
import type { Live } from './use-live.js';

interface Page<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly continue?: string };
}

/** Key of what is read anew after each write of this page. */
export const LISTED = 'listed';

const EVERY_MS = 10_000;

/** The objects of a kind, at most ten seconds old; those that this page writes are there at once. Nothing is asked for that is not
 * `wanted`. */
export function useListed<K extends keyof Followed>(
  plural: K,
  options: Omit<LiveQuery, 'plural'> & { readonly wanted?: boolean } = {},
): Live<Followed[K]> {
  const { namespace, fieldSelector, labelSelector, limit = LIMIT, wanted = true } = options;
  const { data, error } = useQuery({
    queryKey: [LISTED, plural, namespace, fieldSelector, labelSelector, limit],
    queryFn: () =>
      request<Page<Followed[K]>>(pathOf(plural, namespace), { query: { fieldSelector, labelSelector, limit } }),
    refetchInterval: EVERY_MS,
    enabled: wanted,
  });
  const failed = error instanceof ApiError ? error : undefined;
  const phase = failed === undefined ? (data === undefined ? 'loading' : 'live') : failed.passing ? 'stale' : 'refused';
  const items = phase === 'refused' ? [] : (data?.items ?? []);
  return { phase, error: failed, cut: Boolean(data?.metadata.continue), items };
}
