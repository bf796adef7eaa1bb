// ZooKeeper as this machine sees it: servers, then a session, then what stands below the root. It writes nothing.
import { CloudTaskError, isCloudTaskError, messageOf, silentLogger, systemClock } from '../../../base/index.js';
import { survey } from '../../../center/diagnosis/look-at-coordination.js';
import {
  askServers,
  type Coordinator,
  createCoordinationSession,
  isCoordinationError,
  type Layout,
  lookAtAcls,
  readCandidates,
  readGuard,
  storeIdOf,
} from '../../../coordination/index.js';
import { type Check, checksOf } from '../../commands/doctor/check.js';
import { judgeNodes } from '../../commands/doctor/judge-center.js';
import type { CoordinationAuth } from '../coordination-secret.js';
import { judgeAcls, judgeRegistered, judgeServers } from './judge-zookeeper.js';

const SESSION_MS = 4000;
/** An ensemble that gives no session within this has no quorum, or is not there. */
const CONNECT_MS = 10_000;

const { ok, fail, unknown } = checksOf('Coordination');

export interface Seen {
  readonly checks: readonly Check[];
  /** Which store the root belongs to; absent when that could not be read. */
  readonly storeId?: string;
}

/** Throws CT_CONFIG_INVALID for what is no connect string. */
export async function lookAtZooKeeper(servers: string, layout: Layout, auth: CoordinationAuth): Promise<Seen> {
  const answers = await askServers(servers).catch((cause: unknown) => {
    throw new CloudTaskError('CT_CONFIG_INVALID', { detail: `--zookeeper: ${messageOf(cause)}`, cause });
  });
  const checks = judgeServers(answers);
  if (answers.every(({ refused }) => refused !== undefined)) {
    return { checks: [...checks, unknown('session', 'no server could be asked')] };
  }
  const session = createCoordinationSession({
    ...{ connectString: servers, sessionTimeoutMs: SESSION_MS, auth, clock: systemClock, log: silentLogger },
  });
  try {
    await session.start(AbortSignal.timeout(CONNECT_MS));
  } catch (error) {
    await session.stop();
    const why = isCloudTaskError(error) ? messageOf(error) : `none was given within ${CONNECT_MS / 1000} s`;
    const todo = 'see whether a majority of the servers runs; without one nothing new is started';
    return { checks: [...checks, fail('session', why, todo)] };
  }
  try {
    const coordinator = session.current;
    const root = layout.root || '/';
    const opened = ok('session', `${servers} gives sessions, time-out ${coordinator.sessionTimeoutMs} ms`);
    const { checks: inside, ...seen } = await lookBelow(coordinator, layout, root);
    return { checks: [...checks, opened, ...inside], ...seen };
  } catch (error) {
    return { checks: [...checks, unknown('look', `it could not be looked at: ${messageOf(error)}`, 'try again')] };
  } finally {
    await session.stop();
  }
}

async function lookBelow(coordinator: Coordinator, layout: Layout, root: string): Promise<Seen> {
  if ((await coordinator.exists(root)) === undefined) {
    const todo = 'look at --root, and at the /chroot of --zookeeper: both as the centers have them';
    return { checks: [fail('root', `there is no ${root}: no center has ever used it`, todo)] };
  }
  const acls = await lookAtAcls(coordinator, layout);
  if (acls.closedToUs.includes(root)) {
    const todo = 'give the coordination.secret of the installation with --coordination-secret-file';
    return { checks: [fail('root', `${root} is closed to this session`, todo)] };
  }
  const storeId = await storeIdOf(coordinator, layout);
  const whose = storeId === '' ? 'no center has used it yet' : `of store ${storeId}`;
  const { nodes, agents, sessions } = await survey(coordinator, layout);
  const candidates = await unlessMissing(readCandidates(coordinator, layout), []);
  const guard = await readGuard(coordinator, layout);
  const found = { root, candidates, nodes, ...(guard === undefined ? {} : { guard: guard.value.state }) };
  return {
    checks: [
      ok('root', `${root} is there, ${whose}`),
      judgeAcls(acls),
      ...judgeNodes(found),
      judgeRegistered({ agents, sessions, candidates }),
    ],
    storeId,
  };
}

/** Of a root that no center has used. */
async function unlessMissing<T>(reading: Promise<T>, none: T): Promise<T> {
  return reading.catch((error: unknown) => {
    if (isCoordinationError(error, 'noNode')) return none;
    throw error;
  });
}
