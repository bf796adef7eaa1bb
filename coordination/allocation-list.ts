// The allocation list of an agent: a derived index of the trigger records it owns, so that an agent needs one watch and
// a few reads instead of one per task. The record's owner is the truth; the lists can always be recomputed from records.
// The leader writes chunks first and then touches `rev`, whose data version the agent watches.

/** One slot that an agent owns. `revision` and `suspended` mirror the record, so that the agent knows which to re-read. */
export interface AllocationEntry {
  readonly taskUid: string;
  readonly slot: string;
  readonly revision: number;
  readonly suspended: boolean;
  readonly ownerEpoch: number;
}

/** Well under ZooKeeper's 1 MB, and small enough that changing one entry rewrites little. */
export const CHUNK_MAX_BYTES = 64 * 1024;

const lineOf = (entry: AllocationEntry): string =>
  `${entry.taskUid} ${entry.slot === '' ? '-' : entry.slot} ${entry.revision} ${entry.ownerEpoch} ${entry.suspended ? 's' : 'a'}\n`;

/** Packs entries, in order of uid and slot, into as few chunks as fit. The same entries give the same bytes. */
export function encodeAllocation(entries: readonly AllocationEntry[]): Buffer[] {
  const sorted = [...entries].sort((a, b) =>
    a.taskUid === b.taskUid ? compare(a.slot, b.slot) : compare(a.taskUid, b.taskUid),
  );
  const chunks: Buffer[] = [];
  let text = '';
  for (const entry of sorted) {
    const line = lineOf(entry);
    if (text.length + line.length > CHUNK_MAX_BYTES) {
      chunks.push(Buffer.from(text));
      text = '';
    }
    text += line;
  }
  if (text !== '') chunks.push(Buffer.from(text));
  return chunks;
}

/** Names become parts of paths, here and on the agent's disk. */
const UID = /^[\w-]{1,64}$/;
const SLOT = /^[\w-][\w.-]{0,253}$/;

/** Throws TypeError for what is no list: an agent then keeps the one that it has. */
export function decodeAllocation(chunks: readonly Uint8Array[]): AllocationEntry[] {
  const entries: AllocationEntry[] = [];
  for (const chunk of chunks) {
    for (const line of Buffer.from(chunk).toString('utf8').split('\n')) {
      if (line === '') continue;
      const [taskUid, slot, revision, ownerEpoch, flag] = line.split(' ');
      if (taskUid === undefined || slot === undefined || flag === undefined || !UID.test(taskUid) || !SLOT.test(slot)) {
        throw new TypeError('not an allocation chunk');
      }
      entries.push({
        taskUid,
        slot: slot === '-' ? '' : slot,
        revision: Number(revision),
        ownerEpoch: Number(ownerEpoch),
        suspended: flag === 's',
      });
    }
  }
  return entries;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
