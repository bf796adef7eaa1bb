// What `ctask doctor --zookeeper` and `--store` see: the store and coordination themselves, when no center tells of them.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CloudTaskError, isCloudTaskError, messageOf } from '../../base/index.js';
import type { StorePlace } from '../../center/store/copy/index.js';
import { inspectStore, type StoreInspection } from '../../center/store/inspect/index.js';
import { Layout } from '../../coordination/index.js';
import { type Check, checksOf } from '../commands/doctor/check.js';
import type { Places } from '../commands/doctor/here.js';
import { readOptions } from './command.js';
import { agentCoordinationAuth } from './coordination-secret.js';
import { dataDirectoryPath } from './data-dir.js';
import { judgeStore, judgeTogether } from './doctor/judge-store.js';
import { lookAtZooKeeper } from './doctor/look-at-zookeeper.js';
import { centerOptions } from './option-tables.js';
import { storeOf } from './store-option.js';

const PLACES = ['zookeeper', 'root', 'coordinationSecretFile', 'store', 'storePasswordFile'];
const STORE_FILE = 'store.db';

/** Changes nothing. What cannot be reached is told by a check. Throws CT_CONFIG_INVALID for places that are none. */
export async function lookHere(places: Places): Promise<readonly Check[]> {
  const rows = centerOptions.filter(({ name }) => PLACES.includes(name));
  const options = await readOptions(rows, { ...places }, process.env);
  const zookeeper = options.zookeeper as string | undefined;
  const place = await placeOf(options.store as string | undefined, () => storeOf(options));
  const { checks: ofStore, store } = place === undefined ? { checks: [] } : await lookAtStore(place);
  if (zookeeper === undefined) return ofStore;
  const beside = place?.kind === 'sqlite' ? dirname(place.path) : dataDirectoryPath({}, 'center', process.env);
  const auth = await agentCoordinationAuth(options, join(beside, 'coordination.secret'));
  const { checks, storeId } = await lookAtZooKeeper(zookeeper, new Layout(options.root as string), auth);
  return [...ofStore, ...checks, ...judgeTogether(store?.identity, storeId)];
}

/** A path where a center takes the URL of a database. */
async function placeOf(
  given: string | undefined,
  database: () => Promise<{ url: string; password?: string } | undefined>,
): Promise<StorePlace | undefined> {
  if (given === undefined) return undefined;
  if (given.includes('://')) return { kind: 'postgres', ...(await database())! };
  const path = resolve(given);
  const directory = existsSync(path) && statSync(path).isDirectory();
  return { kind: 'sqlite', path: directory ? join(path, STORE_FILE) : path };
}

async function lookAtStore(place: StorePlace): Promise<{ checks: Check[]; store?: StoreInspection }> {
  try {
    const store = await inspectStore(place);
    return { checks: judgeStore(store), store };
  } catch (error) {
    if (error instanceof CloudTaskError && error.code === 'CT_CONFIG_INVALID') throw error;
    const todo = isCloudTaskError(error, 'CT_NOT_FOUND')
      ? 'name the data directory of the center, or of "ctask up" the directory center in its own'
      : 'see whether the database server runs, and what --store and --store-password-file say';
    return { checks: [checksOf('Store').fail('reach', messageOf(error), todo)] };
  }
}
