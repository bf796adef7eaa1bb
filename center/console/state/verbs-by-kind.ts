import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { GROUP_PATH, request } from '../api/request.js';
import { type VerbsByKind, verbsByKind } from '../text/allowances.js';
import type { Rule } from './rights.js';
import { useRights } from './use-rights.js';

interface Review {
  readonly status: { readonly rules: readonly Rule[] };
}

/** What can be done with each kind at all: what administrators may, which is theirs to ask. Undefined for others. */
export function useVerbsByKind(): VerbsByKind | undefined {
  const may = useRights()({ verb: 'impersonate', plural: 'users' });
  const { data } = useQuery({
    queryKey: ['verbs by kind'],
    queryFn: () => request<Review>(`${GROUP_PATH}/selfsubject`, { query: { as: 'admin' } }),
    enabled: may.allowed,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => (data === undefined ? undefined : verbsByKind(data.status.rules)), [data]);
}
