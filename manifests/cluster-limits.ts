// Numbers of clusters and agents that also those need who do not load the schemas.

/** What counts as the loss of many agents at once (rule I8). The values hold unless a field of the Cluster says otherwise. */
export const massLossDefaults = { minAgents: 3, percent: 30, window: '60s', holdFor: '5m' } as const;

/** Greater differences than this between the capacities of agents are mistakes. */
export const CAPACITY_MAX = 10_000;
