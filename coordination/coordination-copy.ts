// What a backup holds of coordination, and how it is put under an empty root (decision 0038). Lists of the allocation and
// registrations are not in it: the one is made of the records, the other by who is there.
import { CloudTaskError, newUid } from '../base/index.js';
import { type Checkpoint, type Guard, readCheckpoint, readGuard } from './checkpoint.js';
import { type Coordinator, isCoordinationError } from './coordinator.js';
import { BUCKETS, bucketOf, type Layout, parseTriggerName } from './layout.js';
import { inParallel } from './parallel.js';
import { encodeTriggerRecord, type TriggerRecord } from './trigger-record.js';
import { scanTriggerRecords } from './trigger-records.js';

export interface CopiedRecord {
  /** See triggerName. */
  readonly name: string;
  readonly record: TriggerRecord;
}

export interface CoordinationCopy {
  /** Which store the root belongs to; '' for a root that no center has used. */
  readonly storeId: string;
  /** Of the latest election. */
  readonly epoch: number;
  readonly checkpoint?: Checkpoint;
  readonly guard?: Guard;
  /** By name. */
  readonly records: readonly CopiedRecord[];
}

/** Writes in flight at a time. */
const IN_FLIGHT = 64;
/** Longer than any installation counts up in the long run: versions that were given out since the backup are not used again. */
const VERSIONS_PER_MS = 1;

/** Rejects with CT_COORDINATION_DATA for a record that is not readable, and whatever the coordinator does. */
export async function readCoordinationCopy(coordinator: Coordinator, layout: Layout): Promise<CoordinationCopy> {
  await coordinator.sync(layout.root === '' ? '/' : layout.root);
  const records: CopiedRecord[] = [];
  const checkpoint = await readCheckpoint(coordinator, layout);
  const guard = await readGuard(coordinator, layout);
  await scanTriggerRecords(
    coordinator,
    layout,
    ({ name, record }) => records.push({ name, record }),
    (path, cause) => {
      throw new CloudTaskError('CT_COORDINATION_DATA', {
        subject: path,
        detail: 'the trigger record is not readable',
        cause,
      });
    },
  );
  records.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    storeId: await storeIdOf(coordinator, layout),
    epoch: (await coordinator.exists(layout.epoch))?.version ?? 0,
    ...(checkpoint === undefined ? {} : { checkpoint: checkpoint.value }),
    ...(guard === undefined ? {} : { guard: guard.value }),
    records,
  };
}

/** Which store the root belongs to; '' for none. */
export async function storeIdOf(coordinator: Coordinator, layout: Layout): Promise<string> {
  try {
    const { data } = await coordinator.getData(layout.store);
    return String((JSON.parse(data.toString()) as { storeId?: unknown }).storeId ?? '');
  } catch (error) {
    if (isCoordinationError(error, 'noNode')) return '';
    throw error;
  }
}

/** Throws CT_LOCKED when a center lives here: it would not notice what is put under it. */
export async function requireNoCenter(coordinator: Coordinator, layout: Layout): Promise<void> {
  try {
    if ((await coordinator.getChildren(layout.election)).children.length === 0) return;
  } catch (error) {
    if (isCoordinationError(error, 'noNode')) return;
    throw error;
  }
  throw new CloudTaskError('CT_LOCKED', {
    detail: `a center runs on ${shown(layout)}`,
    hint: 'stop all centers; one that was killed counts until its session has timed out',
  });
}

/**
 * Throws CT_ALREADY_EXISTS when a center has used the root. Agents that live on may have been there already, and a restore
 * that was cut short is gone on with.
 */
export async function requireEmptyRoot(coordinator: Coordinator, layout: Layout): Promise<void> {
  for (const path of [layout.store, layout.epoch]) {
    if ((await coordinator.exists(path)) === undefined) continue;
    throw new CloudTaskError('CT_ALREADY_EXISTS', {
      detail: `${shown(layout)} is in use: it has ${path}`,
      hint: 'give --keep-coordination when it was not lost, so that the store alone is restored; else another --root, or an empty ensemble',
    });
  }
}

/**
 * Puts the copy under a root that `requireEmptyRoot` found empty. Whatever agents have seen since: the guard is shut first, and the
 * checkpoint fits to that of no store, so that the center that starts there takes both places for restored (rule R13). The mark
 * of the store comes last.
 */
export async function writeCoordinationCopy(
  coordinator: Coordinator,
  layout: Layout,
  copy: CoordinationCopy,
  store: {
    readonly identity: string;
    readonly checkpoint: number;
    readonly resourceVersion: number;
    readonly ageMs: number;
  },
): Promise<void> {
  const age = Math.max(0, store.ageMs);
  await coordinator.ensurePath(layout.triggers);
  const guard: Guard = { restores: copy.guard?.restores ?? 0, state: 'raising', id: newUid() };
  await put(coordinator, layout.guard, Buffer.from(JSON.stringify(guard)));
  const buckets = new Set(copy.records.map(({ name }) => bucketOf(parseTriggerName(name).taskUid)));
  for (const bucket of [...Array(BUCKETS).keys()].filter((bucket) => buckets.has(bucket)))
    await coordinator.ensurePath(layout.bucket(bucket));
  await inParallel(copy.records, IN_FLIGHT, async ({ name, record }) => {
    const { taskUid, slot } = parseTriggerName(name);
    await put(coordinator, layout.trigger(taskUid, slot), encodeTriggerRecord(record));
  });
  const seen = Math.max(copy.checkpoint?.resourceVersion ?? 0, store.resourceVersion);
  const checkpoint: Checkpoint = {
    ...{ number: store.checkpoint + 1, mark: newUid() },
    resourceVersion: seen + age * VERSIONS_PER_MS,
  };
  await put(coordinator, layout.checkpoint, Buffer.from(JSON.stringify(checkpoint)));
  if (store.identity === '') return;
  await coordinator.create(layout.store, Buffer.from(JSON.stringify({ storeId: store.identity })));
}

async function put(coordinator: Coordinator, path: string, data: Buffer): Promise<void> {
  const there = await coordinator.exists(path);
  if (there === undefined) await coordinator.create(path, data);
  else await coordinator.setData(path, data, there.version);
}

const shown = (layout: Layout): string => `the root ${layout.root === '' ? '/' : layout.root} of coordination`;
