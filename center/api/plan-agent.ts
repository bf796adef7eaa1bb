import { type Agent, agentCapacity, tzdataVersion } from '../../manifests/index.js';
import type { PlanAgent } from '../controllers/allocation/types.js';
import type { Stored } from '../store/index.js';

/** As the leader sees it, who knows registrations: once a heartbeat has come, both are the same. */
export function planAgentOf(agent: Stored<Agent>): PlanAgent {
  const { metadata, spec, status } = agent;
  return {
    name: metadata.name,
    cluster: spec.cluster ?? 'default',
    labels: metadata.labels ?? {},
    presence: status?.state === 'Ready' ? 'present' : 'held',
    unschedulable: spec.unschedulable ?? false,
    draining: spec.drain !== undefined,
    capacity: agentCapacity(agent),
    fit: status?.tzdata === undefined || status.tzdata === tzdataVersion(),
  };
}
