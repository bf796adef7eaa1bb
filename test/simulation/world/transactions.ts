// Every transaction of the simulated coordination server, as the checker reads them from ZooKeeper's log.
import type { Change, Transaction } from '../../../coordination/embedded/tree/transaction.js';
import type { Transaction as LogTransaction } from '../../chaos/zookeeper-log.js';

let seen: LogTransaction[] = [];

export function resetTransactions(): void {
  seen = [];
}

export function transactions(): readonly LogTransaction[] {
  return seen;
}

/** Called for each transaction before it is on the server's disk. A number that comes again says that the server crashed,
 * and that those after it were never durable: nobody was told of them, they did not happen. */
export function observe({ zxid, time, changes }: Transaction): void {
  // The one change that takes no number of its own.
  if (changes.length === 1 && changes[0]!.kind === 'sessionTimeout') return;
  while (seen.length > 0 && seen.at(-1)!.zxid >= zxid) seen.pop();
  for (const change of changes) {
    const translated = translate(change, { zxid, time });
    if (translated !== undefined) seen.push(translated);
  }
}

function translate(change: Change, at: { zxid: bigint; time: number }): LogTransaction | undefined {
  switch (change.kind) {
    case 'create': {
      const { path, data, ephemeralOwner: session } = change;
      return { ...at, type: 'create', session, path, data: Buffer.from(data ?? []), ephemeral: session !== 0n };
    }
    case 'setData': {
      const { path, data, version } = change;
      return { ...at, type: 'setData', session: 0n, path, data: Buffer.from(data ?? []), version };
    }
    case 'delete':
      return { ...at, type: 'delete', session: 0n, path: change.path };
    case 'closeSession':
      return { ...at, type: 'closeSession', session: change.session };
    default:
      return undefined;
  }
}
