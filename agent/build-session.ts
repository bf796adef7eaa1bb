import { type CoordinationSession, CoordinationTally, createCoordinationSession } from '../coordination/index.js';
import type { AgentOptions } from './agent-options.js';
import type { Identity } from './identity/identity.js';

/** The session with ZooKeeper, that of the process before if it is still known, and what is counted of it. */
export function buildSession(
  options: AgentOptions,
  identity: Identity,
): { session: CoordinationSession; tally: CoordinationTally } {
  const { root: _, ...coordination } = options.coordination;
  const tally = new CoordinationTally();
  const session = createCoordinationSession({
    ...{ ...coordination, clock: options.clock, log: options.log, observer: tally },
    ...(identity.session === undefined ? {} : { resume: identity.session }),
  });
  return { session, tally };
}
