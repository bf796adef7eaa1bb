// Reading and writing trigger records. Every write is conditional on the version read; none is retried here: an unknown
// outcome is the caller's to resolve with the same claimId (rule R3).
import { CoordinationError, type Coordinator, isCoordinationError } from './coordinator.js';
import { BUCKETS, type Layout, parseTriggerName } from './layout.js';
import { inParallel } from './parallel.js';
import {
  decodeTriggerRecord,
  encodeTriggerRecord,
  type TriggerRecord,
  type VersionedRecord,
} from './trigger-record.js';

/** Reads in flight at a time: enough to hide the round trip, few enough that pings are not kept waiting. */
const READS_IN_FLIGHT = 128;
const LISTS_IN_FLIGHT = 16;
/** Claims in one multi: about 15 KB; a larger one would hold the server's pipeline for longer. */
export const CLAIM_BATCH_MAX = 50;
const BATCHES_IN_FLIGHT = 4;

/** undefined when there is no record. Rejects with CoordinationError; with SyntaxError or TypeError for a broken record. */
export async function readTriggerRecord(coordinator: Coordinator, path: string): Promise<VersionedRecord | undefined> {
  try {
    const { data, stat } = await coordinator.getData(path);
    return { record: decodeTriggerRecord(data), version: stat.version, mtime: stat.mtime };
  } catch (error) {
    if (isCoordinationError(error, 'noNode')) return undefined;
    throw error;
  }
}

/** Reads many, pipelined with a bound. One entry per path, in order; undefined where there is no record. */
export async function readTriggerRecords(
  coordinator: Coordinator,
  paths: readonly string[],
): Promise<(VersionedRecord | undefined)[]> {
  const records = new Array<VersionedRecord | undefined>(paths.length);
  await inParallel(paths, READS_IN_FLIGHT, async (path, index) => {
    records[index] = await readTriggerRecord(coordinator, path);
  });
  return records;
}

/** Compare-and-set of one record. Rejects with badVersion, noNode, unknown, expired … */
export async function writeClaim(
  coordinator: Coordinator,
  path: string,
  versioned: Pick<VersionedRecord, 'version'>,
  next: TriggerRecord,
): Promise<VersionedRecord> {
  const stat = await coordinator.setData(path, encodeTriggerRecord(next), versioned.version);
  return { record: next, version: stat.version, mtime: stat.mtime };
}

export interface Claim {
  readonly path: string;
  readonly record: TriggerRecord;
  /** Data version the claim is conditional on. */
  readonly version: number;
}

/**
 * Writes many claims with few round trips: transactions of at most 50, a failed one is halved until the claims that fail
 * stand alone. One result per claim, in order. After `unknown` nothing is tried again: those claims may have happened.
 */
export async function claimBatch(
  coordinator: Coordinator,
  claims: readonly Claim[],
): Promise<(VersionedRecord | CoordinationError)[]> {
  const results = new Array<VersionedRecord | CoordinationError>(claims.length);
  const starts = Array.from({ length: Math.ceil(claims.length / CLAIM_BATCH_MAX) }, (_, i) => i * CLAIM_BATCH_MAX);
  await inParallel(starts, BATCHES_IN_FLIGHT, async (start) => {
    const slice = claims.slice(start, start + CLAIM_BATCH_MAX);
    (await claimSlice(coordinator, slice)).forEach((result, i) => {
      results[start + i] = result;
    });
  });
  return results;
}

async function claimSlice(
  coordinator: Coordinator,
  claims: readonly Claim[],
): Promise<(VersionedRecord | CoordinationError)[]> {
  try {
    if (claims.length === 1) {
      const { path, record, version } = claims[0]!;
      return [await writeClaim(coordinator, path, { version }, record)];
    }
    const replies = await coordinator.multi(
      claims.map(({ path, record, version }) => ({ op: 'setData', path, data: encodeTriggerRecord(record), version })),
    );
    return claims.map((claim, i) => {
      const reply = replies[i];
      if (reply?.op !== 'setData') return new CoordinationError('server', 'multi', claim.path);
      return { record: claim.record, version: reply.stat.version, mtime: reply.stat.mtime };
    });
  } catch (error) {
    if (!isCoordinationError(error)) throw error;
    if (claims.length === 1 || isCoordinationError(error, 'unknown', 'expired', 'closed'))
      return claims.map(() => error);
    const middle = claims.length >> 1;
    const halves = await Promise.all([
      claimSlice(coordinator, claims.slice(0, middle)),
      claimSlice(coordinator, claims.slice(middle)),
    ]);
    return halves.flat();
  }
}

export interface ScannedRecord extends VersionedRecord {
  readonly name: string;
  readonly taskUid: string;
  readonly slot: string;
}

/** Reads every trigger record: 256 lists, then the records, pipelined with a bound. `visit` is called in no order. */
export async function scanTriggerRecords(
  coordinator: Coordinator,
  layout: Layout,
  visit: (record: ScannedRecord) => void,
  broken: (path: string, error: unknown) => void,
): Promise<void> {
  const buckets = Array.from({ length: BUCKETS }, (_, index) => layout.bucket(index));
  await inParallel(buckets, LISTS_IN_FLIGHT, async (bucket) => {
    let names: string[];
    try {
      names = (await coordinator.getChildren(bucket)).children;
    } catch (error) {
      if (isCoordinationError(error, 'noNode')) return; // made with its first record
      throw error;
    }
    await inParallel(names, READS_IN_FLIGHT / LISTS_IN_FLIGHT, async (name) => {
      const path = `${bucket}/${name}`;
      try {
        const found = await readTriggerRecord(coordinator, path);
        if (found !== undefined) visit({ ...found, name, ...parseTriggerName(name) });
      } catch (error) {
        if (isCoordinationError(error)) throw error;
        broken(path, error);
      }
    });
  });
}
