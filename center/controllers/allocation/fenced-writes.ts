// Many conditional writes of the leader in few transactions, each fenced by the epoch.
import {
  type CoordinationError,
  type Coordinator,
  inParallel,
  isCoordinationError,
  isStaleEpoch,
  type Layout,
  type Operation,
} from '../../../coordination/index.js';

/** Operations per transaction, the check included: small enough not to hold up the claims of agents. */
const OPERATIONS_PER_MULTI = 50;
const MULTIS_IN_FLIGHT = 8;

export interface FencedWrite {
  readonly operation: Operation;
  /** Called when the write is committed, before others are. `version` is that of the data afterwards. */
  committed(): void;
  /** Called when this very write was refused: badVersion, nodeExists, noNode. */
  refused(error: CoordinationError): void;
}

/**
 * Rejects when a newer leader exists (`isStaleEpoch`), and when an outcome is unknown: then some writes may have happened
 * whose `committed` was not called. A transaction with a write that is refused is halved until that write stands alone.
 */
export async function writeFenced(
  coordinator: Coordinator,
  layout: Layout,
  epoch: number,
  writes: readonly FencedWrite[],
): Promise<void> {
  const size = OPERATIONS_PER_MULTI - 1;
  const slices = Array.from({ length: Math.ceil(writes.length / size) }, (_, i) =>
    writes.slice(i * size, (i + 1) * size),
  );
  const fence: Operation = { op: 'check', path: layout.epoch, version: epoch };
  await inParallel(slices, MULTIS_IN_FLIGHT, (slice) => writeSlice(coordinator, fence, slice));
}

async function writeSlice(coordinator: Coordinator, fence: Operation, slice: readonly FencedWrite[]): Promise<void> {
  try {
    await coordinator.multi([fence, ...slice.map((write) => write.operation)]);
  } catch (error) {
    if (!isCoordinationError(error, 'badVersion', 'nodeExists', 'noNode', 'notEmpty') || isStaleEpoch(error))
      throw error;
    if (slice.length === 1) {
      slice[0]!.refused(error);
      return;
    }
    const middle = slice.length >> 1;
    await writeSlice(coordinator, fence, slice.slice(0, middle));
    await writeSlice(coordinator, fence, slice.slice(middle));
    return;
  }
  for (const write of slice) write.committed();
}
