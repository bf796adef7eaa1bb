import type { ClusterObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';

export interface Rebalance {
  readonly moves: readonly {
    readonly namespace: string;
    readonly task: string;
    readonly slot: string;
    readonly from: string;
    readonly to: string;
  }[];
}

/** The moves after which every agent owns its share; with `dryRun` they are only told. The status of the cluster says how far they are. */
export function rebalance({ metadata }: ClusterObject, dryRun: boolean): Promise<Rebalance> {
  const path = pathOf('clusters', undefined, metadata.name, 'rebalance');
  return request(path, { method: 'POST', body: {}, ...(dryRun ? { query: { dryRun: 'All' } } : {}) });
}

export const rebalanceCommand = ({ metadata }: ClusterObject): string => `ctask rebalance ${metadata.name}`;
