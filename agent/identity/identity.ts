// agent.json: who this agent is across restarts of its process (rule R6). Holds the password of the coordination session,
// hence 0600.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudTaskError, messageOf, newUid, writeFileDurably } from '../../base/index.js';
import type { SessionIdentity } from '../../coordination/index.js';

/** A registration left behind is recognised by its incarnation; one of more than this many processes ago has expired. */
const INCARNATIONS_KEPT = 8;

interface IdentityFile {
  readonly name: string;
  readonly incarnations: readonly string[];
  readonly since?: number;
  readonly session?: { readonly id: string; readonly password: string; readonly zxid: string };
  readonly memory?: Memory;
}

/** What this agent last saw of coordination: less than that is a restored backup (rule R13). */
export interface Memory {
  /** Version of its heartbeat node. */
  readonly beat: number;
  /** Number of the checkpoint. */
  readonly checkpoint: number;
  /** Restores that were dealt with. */
  readonly restores: number;
  /** Wall time, ms. */
  readonly at: number;
  /** Set from the time coordination was found to have gone back until that is dealt with: the restores at that time. */
  readonly doubts?: number;
}

export interface Identity {
  readonly name: string;
  /** Random per process. */
  readonly incarnation: string;
  /** Of earlier processes on this data directory, latest first. */
  readonly earlierIncarnations: readonly string[];
  /** When this data directory was begun, wall time, ms; undefined for one of a version that did not note it. */
  readonly since: number | undefined;
  /** Of the machine, as this process found it. What must not outlive a boot carries its own (ClaimIntent). */
  readonly bootId: string;
  /** Session of the earlier process, if it may still live. */
  readonly session: SessionIdentity | undefined;
  /** undefined for an agent that has never been connected. */
  memory: Memory | undefined;
}

/**
 * Reads what an earlier process left and adds this process to it. Throws CT_CONFIG_INVALID when the data directory is that
 * of an agent of another name: its claims and reports must not be continued under a new one.
 */
export async function openIdentity(dataDir: string, name: string, bootId: string, now: number): Promise<Identity> {
  const path = join(dataDir, 'agent.json');
  const earlier = await readIdentity(path);
  if (earlier !== undefined && earlier.name !== name) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: `data directory "${dataDir}" belongs to agent "${earlier.name}", not "${name}"`,
      hint: 'give each agent a data directory of its own',
    });
  }
  const identity: Identity = {
    name,
    incarnation: newUid(),
    earlierIncarnations: earlier?.incarnations ?? [],
    since: earlier === undefined ? now : earlier.since,
    bootId,
    session: earlier?.session && decodeSession(earlier.session),
    memory: earlier?.memory,
  };
  await saveIdentity(dataDir, identity, identity.session);
  return identity;
}

/** Keeps the session for the next process; undefined when it was closed in good order. */
export async function saveIdentity(
  dataDir: string,
  identity: Identity,
  session: SessionIdentity | undefined,
): Promise<void> {
  const { name, incarnation, earlierIncarnations, since, memory } = identity;
  const file: IdentityFile = {
    name,
    incarnations: [incarnation, ...earlierIncarnations].slice(0, INCARNATIONS_KEPT),
    ...(since === undefined ? {} : { since }),
    ...(session === undefined ? {} : { session: encodeSession(session) }),
    ...(memory === undefined ? {} : { memory }),
  };
  await writeFileDurably(join(dataDir, 'agent.json'), `${JSON.stringify(file, null, 2)}\n`, 0o600);
}

async function readIdentity(path: string): Promise<IdentityFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as IdentityFile;
  } catch (error) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: `"${path}" is damaged: ${messageOf(error)}`,
      hint: 'remove it: the agent then starts with a new session',
      cause: error,
    });
  }
}

function encodeSession({ id, password, zxid }: SessionIdentity) {
  return { id: id.toString(), password: Buffer.from(password).toString('base64'), zxid: zxid.toString() };
}

function decodeSession(session: NonNullable<IdentityFile['session']>): SessionIdentity {
  return {
    id: BigInt(session.id),
    password: Buffer.from(session.password, 'base64'),
    zxid: BigInt(session.zxid),
  };
}
