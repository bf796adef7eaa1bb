// What was found of ZooKeeper, judged. Pure.
import type { AclLook, ServerAnswer } from '../../../coordination/index.js';
import { type Check, checksOf, naming, some } from '../../commands/doctor/check.js';

const { ok, warn, fail } = checksOf('Coordination');

/** One check per server; of an ensemble one that is away is a warning as long as the others are a majority. */
export function judgeServers(answers: readonly ServerAnswer[]): Check[] {
  const serving = answers.filter(({ refused, withoutQuorum }) => refused === undefined && !withoutQuorum).length;
  const away = serving > answers.length / 2 ? warn : fail;
  return answers.map(({ address, refused, version, mode, withoutQuorum }) => {
    const name = `server ${address}`;
    const todo = 'see whether it runs and listens there, and whether a firewall is between';
    if (refused !== undefined) return away(name, `no connection: ${refused}`, todo);
    if (withoutQuorum) {
      return away(name, 'it listens, and serves nobody: it has no quorum', 'start the other servers of the ensemble');
    }
    if (version === undefined) {
      return ok(name, 'it takes connections, and does not say what it is (embedded, or "srvr" is not allowed there)');
    }
    return ok(name, `ZooKeeper ${version}, ${mode ?? 'of unknown mode'}`);
  });
}

export function judgeAcls({ looked, open, closedToUs }: AclLook): Check {
  if (open.length > 0) {
    const todo = 'a center that starts closes them: restart one';
    return warn('access', `anybody may change ${open.length} of ${some(looked, 'node')}: ${naming(open)}`, todo);
  }
  if (closedToUs.length > 0) {
    const words = `${closedToUs.length} of ${some(looked, 'node')} belong to somebody else: ${naming(closedToUs)}`;
    return warn('access', words, 'give the secret that the centers have, with --coordination-secret-file');
  }
  return ok('access', `nobody but the installation may change any of ${some(looked, 'node')}`);
}

export interface Registered {
  readonly agents: readonly string[];
  /** Ids of centers. */
  readonly candidates: readonly string[];
  readonly sessions: number;
}

export function judgeRegistered({ agents, candidates, sessions }: Registered): Check {
  const who = agents.length === 0 ? 'no agent' : `${some(agents.length, 'agent')} (${naming(agents)})`;
  const words = `${some(sessions, 'session')} of the installation: ${who}, ${some(candidates.length, 'center')}`;
  return agents.length === 0
    ? warn('registered', words, 'start agents, or see in their logs why they do not reach ZooKeeper')
    : ok('registered', words);
}
