import { agentState } from '../../../manifests/index.js';
import type { AgentObject } from '../api/objects.js';
import { StateBadge } from './state-badge.js';

/** Whether it is there, and whether it gets tasks. */
export function AgentStates({ agent }: { readonly agent: AgentObject }) {
  return (
    <span className="states">
      {agentState(agent)
        .split(',')
        .map((state) => (
          <StateBadge key={state} state={state} />
        ))}
    </span>
  );
}
