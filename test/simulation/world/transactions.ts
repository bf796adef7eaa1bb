// Every transaction of the simulated coordination server, as the checker reads them from ZooKeeper's log.
import type { Change, Transaction } from '../../../coordination/embedded/tree/transaction.js';
import { Layout } from '../../../coordination/index.js';
import type { Transaction as LogTransaction } from '../../chaos/zookeeper-log.js';
import { senderNow } from '../replaced/net.js';

const CENTERS: ReadonlySet<string> = new Set(['c1', 'c2']);

let seen: LogTransaction[] = [];
/** Machine of the center that leads, as the epoch's node says. */
let leader = '';
const leaderParts = new Map<string, string>();
/** Told of a write that only the leader may make, made by another center (invariant X5). */
let usurped: (path: string, by: string) => void = () => undefined;

export function resetTransactions(onUsurped: (path: string, by: string) => void): void {
  seen = [];
  leader = '';
  leaderParts.clear();
  usurped = onUsurped;
}

export function transactions(): readonly LogTransaction[] {
  return seen;
}

export interface Election {
  /** By the clock of the server, ms since the epoch. */
  readonly at: number;
  readonly center: string;
}

/** Who came to lead, oldest first. */
export function elections(): Election[] {
  const { epoch } = new Layout();
  return seen.flatMap((transaction): Election[] => {
    if (!('data' in transaction) || transaction.path !== epoch) return [];
    const { leader: center } = JSON.parse(transaction.data.toString() || '{}') as { leader?: string };
    return center === undefined ? [] : [{ at: transaction.time, center }];
  });
}

/** Called for each transaction before it is on the server's disk. A number that comes again says that the server crashed,
 * and that those after it were never durable: nobody was told of them, they did not happen. */
export function observe({ zxid, time, changes }: Transaction): void {
  // The one change that takes no number of its own.
  if (changes.length === 1 && changes[0]!.kind === 'sessionTimeout') return;
  while (seen.length > 0 && seen.at(-1)!.zxid >= zxid) seen.pop();
  for (const change of changes) {
    const translated = translate(change, { zxid, time });
    if (translated === undefined) continue;
    seen.push(translated);
    if ('data' in translated) judgeWriter(translated.path, translated.data);
  }
}

function judgeWriter(path: string, data: Buffer): void {
  const layout = new Layout();
  const by = senderNow()?.machine ?? '';
  if (path === layout.epoch) leader = (JSON.parse(data.toString() || '{}') as { leader?: string }).leader ?? '';
  if (!CENTERS.has(by)) return;
  if (path.startsWith(`${layout.root}/allocations/`) && by !== leader) usurped(path, by);
  if (!path.startsWith(`${layout.triggers}/`) || data.length === 0) return;
  const { owner, revision, suspended, suspendedUntil } = JSON.parse(data.toString()) as Record<string, unknown>;
  const part = JSON.stringify([owner, revision, suspended, suspendedUntil]);
  const changed = leaderParts.get(path) !== part;
  leaderParts.set(path, part);
  if (changed && by !== leader) usurped(path, by);
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
