import { useCallback, useSyncExternalStore } from 'react';
import { GROUP_PATH, request, whenRefused } from '../api/request.js';
import { firstBody } from '../start/answers.js';
import { rulesUrl } from '../start/queries.js';
import { type Permission, type Right, Rights, type Rule } from './rights.js';
import { relist } from './use-live.js';

interface Review {
  readonly status: { readonly rules: readonly Rule[] };
}

/** What somebody was given a moment ago shows after this at the latest; what was taken away, with the first refusal. */
const RENEW_MS = 10_000;

/** @param as another user; absent for oneself */
export async function rulesIn(namespace: string | undefined, as?: string): Promise<readonly Rule[]> {
  const { status } = await request<Review>(`${GROUP_PATH}/selfsubject`, { query: { namespace }, as });
  return status.rules;
}

/** Lists hold what could be read when they began. */
const rights = new Rights(
  (namespace) => rulesIn(namespace),
  relist,
  (namespace) => (firstBody(rulesUrl(namespace)) as Review | undefined)?.status.rules,
);

whenRefused(() => void rights.renew());
setInterval(() => {
  if (rights.watched && document.visibilityState === 'visible') void rights.renew();
}, RENEW_MS);

/** For the next user, who may do other things. */
export function forgetRights(): void {
  rights.forget();
}

/** Says whether the user may do something; the page is drawn anew when that changes. */
export function useRights(): (right: Right) => Permission {
  const version = useSyncExternalStore(rights.subscribe, rights.version);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another function for each version, so that nobody keeps what it said before
  return useCallback((right: Right) => rights.of(right), [version]);
}
