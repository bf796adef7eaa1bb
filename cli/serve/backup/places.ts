// Where an installation keeps what is backed up: the same options as those of its center say so.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  CloudTaskError,
  isCloudTaskError,
  type ResolvedOptions,
  silentLogger,
  systemClock,
} from '../../../base/index.js';
import type { StorePlace } from '../../../center/store/copy/index.js';
import {
  type Coordinator,
  createCoordinationSession,
  type EmbeddedServer,
  isCoordinationError,
  Layout,
  startEmbeddedServer,
} from '../../../coordination/index.js';
import { addOptions, readOptions } from '../command.js';
import type { CoordinationAuth } from '../coordination-secret.js';
import { dataDirectoryPath, PORT_FILE } from '../data-dir.js';
import { centerOptions } from '../option-tables.js';
import { storeOf } from '../store-option.js';

const PLACES = [
  'dataDir',
  'store',
  'storePasswordFile',
  'secretsKeyFile',
  'zookeeper',
  'root',
  'coordinationSecretFile',
];
const ASKED_MS = 4000;
/** Sessions of agents that are resumed keep their own time-outs. */
const TICK_MS = 1000;
/** An ensemble that does not answer within this has no quorum, or is not there. */
const CONNECT_MS = 15_000;

export interface Installation {
  /** Data directory of its center. */
  readonly centerDir: string;
  readonly store: StorePlace;
  /** Of the embedded server. */
  readonly coordinationDir: string;
  /** Connect string of an ensemble; undefined: embedded. */
  readonly zookeeper: string | undefined;
  readonly layout: Layout;
  readonly coordinationSecretFile: string;
  readonly secretsKeyFile: string;
}

export function addPlaceOptions(command: Command): Command {
  const rows = centerOptions.filter(({ name }) => PLACES.includes(name));
  return addOptions(command, rows).option(
    '--up',
    "the installation is one of 'ctask up': --data-dir is its directory",
    false,
  );
}

/** Makes nothing. Throws CT_CONFIG_INVALID. */
export async function installationOf(flags: Record<string, unknown>): Promise<Installation> {
  const options: ResolvedOptions = await readOptions(centerOptions, flags, process.env);
  const base = dataDirectoryPath(options, flags.up === true ? 'up' : 'center', process.env);
  const centerDir = flags.up === true ? join(base, 'center') : base;
  const store = await storeOf(options);
  return {
    centerDir,
    store: store === undefined ? { kind: 'sqlite', path: join(centerDir, 'store.db') } : { kind: 'postgres', ...store },
    coordinationDir: join(base, 'coordination'),
    zookeeper: options.zookeeper as string | undefined,
    layout: new Layout(options.root as string),
    coordinationSecretFile:
      (options.coordinationSecretFile as string | undefined) ?? join(centerDir, 'coordination.secret'),
    secretsKeyFile: (options.secretsKeyFile as string | undefined) ?? join(centerDir, 'secrets.key'),
  };
}

export const shownStore = (store: StorePlace): string =>
  store.kind === 'sqlite' ? store.path : 'the PostgreSQL database';

/** Works with coordination in a session of its own. An embedded server that does not run is started for as long: then nobody else
 * is there (`alone`), whatever sessions it remembers. Throws CT_COORDINATION. */
export async function coordinated<T>(
  { zookeeper, coordinationDir }: Pick<Installation, 'zookeeper' | 'coordinationDir'>,
  auth: CoordinationAuth,
  work: (coordinator: Coordinator, alone: boolean) => Promise<T>,
): Promise<T> {
  const embedded = zookeeper === undefined ? await embeddedServer(coordinationDir) : undefined;
  const connectString = zookeeper ?? embedded!.connectString;
  const session = createCoordinationSession({
    ...{ connectString, sessionTimeoutMs: ASKED_MS, auth, clock: systemClock, log: silentLogger },
  });
  try {
    await session.start(AbortSignal.timeout(CONNECT_MS)).catch((cause: unknown) => {
      throw new CloudTaskError('CT_COORDINATION', {
        subject: connectString,
        detail: `no answer within ${CONNECT_MS / 1000} s`,
        cause,
      });
    });
    return await work(session.current, embedded?.server !== undefined);
  } catch (error) {
    throw isCoordinationError(error, 'noAuth')
      ? new CloudTaskError('CT_COORDINATION', {
          ...{ subject: connectString, cause: error },
          detail: 'coordination is closed to this session',
          hint: 'give the coordination.secret of the installation with --coordination-secret-file',
        })
      : error;
  } finally {
    await session.stop();
    await embedded?.server?.stop();
  }
}

async function embeddedServer(dataDir: string): Promise<{ connectString: string; server?: EmbeddedServer }> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    const server = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: TICK_MS });
    return { connectString: server.connectString, server };
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_LOCKED')) throw error;
    return { connectString: `127.0.0.1:${await runningPort(dataDir)}` };
  }
}

async function runningPort(dataDir: string): Promise<string> {
  const path = join(dataDir, PORT_FILE);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new CloudTaskError('CT_COORDINATION', {
      ...{ subject: path, cause },
      detail: 'the embedded coordination server runs, and has not said on which port',
      hint: 'give its address: --zookeeper 127.0.0.1:PORT',
    });
  }
}
