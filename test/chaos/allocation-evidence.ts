// From ZooKeeper's log: the versions of each trigger record, the writes to allocation lists, and which agent was
// registered when.
import type { ListWrite, Presence, RecordVersion } from './history.js';
import type { Transaction } from './zookeeper-log.js';

export interface AllocationEvidence {
  readonly versions: RecordVersion[];
  readonly listWrites: ListWrite[];
  readonly presence: Presence[];
}

export function allocationEvidence(transactions: readonly Transaction[], root = '/cloudtask'): AllocationEvidence {
  const versions: RecordVersion[] = [];
  const listWrites: ListWrite[] = [];
  const presence: { agent: string; from: number; to?: number; session: bigint }[] = [];
  const end = (match: (one: { agent: string; session: bigint }) => boolean, time: number) => {
    for (const one of presence) if (one.to === undefined && match(one)) one.to = time;
  };
  for (const transaction of transactions) {
    const { time, session } = transaction;
    if (transaction.type === 'closeSession') {
      end((one) => one.session === session, time);
      continue;
    }
    const { path } = transaction;
    if (path.startsWith(`${root}/agents/`)) {
      const agent = path.slice(`${root}/agents/`.length);
      if (transaction.type === 'delete') end((one) => one.agent === agent, time);
      if (transaction.type === 'create') presence.push({ agent, from: time, session });
    } else if (path.startsWith(`${root}/allocations/`)) {
      listWrites.push({ time, path });
    } else if (/\/triggers\/[0-9a-f]{2}\/./.test(path) && transaction.type !== 'delete') {
      versions.push(version(transaction, path));
    }
  }
  return {
    versions,
    listWrites,
    presence: presence.map(({ agent, from, to }) => ({ agent, from, ...(to === undefined ? {} : { to }) })),
  };
}

function version(transaction: Extract<Transaction, { data: Buffer }>, path: string): RecordVersion {
  const data = JSON.parse(transaction.data.toString()) as Record<string, unknown>;
  const { owner, ownerEpoch, revision, suspended, suspendedUntil, cursor, attempt, claimId } = data;
  return {
    zxid: transaction.zxid,
    time: transaction.time,
    taskUid: path.slice(path.lastIndexOf('/') + 1).split('.')[0]!,
    owner: owner as string | null,
    cursor: cursor as number,
    attempt: attempt as number,
    claimId: claimId as string,
    leaderPart: JSON.stringify({ owner, ownerEpoch, revision, suspended, suspendedUntil }),
  };
}
