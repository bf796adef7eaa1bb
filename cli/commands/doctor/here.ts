// What `ctask doctor` looks at itself, beside a center or without one.
import type { CliDeps } from '../../deps.js';
import { usage } from '../../resources/target.js';
import { type Examination, examinationOf } from './examine.js';

/** As a center is told of them; absent ones may stand in variables. */
export interface Places {
  readonly zookeeper?: string;
  readonly root?: string;
  readonly coordinationSecretFile?: string;
  /** URL of a database, or path of a SQLite store, or of its directory. */
  readonly store?: string;
  readonly storePasswordFile?: string;
}

/** Throws CT_USAGE for what goes with a place, without one. */
export function asksHere({ zookeeper, store, root, coordinationSecretFile, storePasswordFile }: Places): boolean {
  if (zookeeper !== undefined || store !== undefined) return true;
  if ((root ?? coordinationSecretFile ?? storePasswordFile) === undefined) return false;
  throw usage('--root, --coordination-secret-file and --store-password-file go with --zookeeper or --store');
}

/** Throws CT_USAGE where nothing is said of what to look at, CT_CONFIG_INVALID for places that are none. */
export async function examineHere(places: Places, deps: CliDeps): Promise<Examination> {
  if (deps.lookHere === undefined) throw usage('this program cannot look at a store or at ZooKeeper itself');
  const { zookeeper, root, coordinationSecretFile, store, storePasswordFile } = places;
  const look = await deps.lookHere();
  return examinationOf(await look({ zookeeper, root, coordinationSecretFile, store, storePasswordFile }), [], deps);
}
