import type { CoordinationTally } from '../../coordination/index.js';
import type { AgentCounts } from '../../manifests/index.js';
import type { ClaimWriter } from '../claims/claim-writer.js';

/** What the center's metrics say of this agent. */
export function agentCounts({ counters }: ClaimWriter, tally: CoordinationTally): AgentCounts {
  return {
    claimsWon: counters.won,
    claimsLost: counters.lost,
    claimsFailed: counters.failed,
    zookeeperRequests: tally.requests,
    zookeeperSeconds: tally.requestMs / 1000,
    zookeeperConnectionsLost: tally.connectionsLost,
    zookeeperSessionsLost: tally.sessionsLost,
  };
}
