// Reads the transaction logs of Apache ZooKeeper servers: every write there was, in order, with its time. A reader of its
// own (ZooKeeper 3.8, FileTxnLog: header, then checksum, length, transaction, 'B'), so that neither our client nor our
// watches stand between the checker and what happened.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adler32 } from './adler32.js';

export type Transaction = {
  readonly zxid: bigint;
  /** Leader's wall clock, ms. */
  readonly time: number;
  readonly session: bigint;
} & (
  | { readonly type: 'create'; readonly path: string; readonly data: Buffer; readonly ephemeral: boolean }
  | { readonly type: 'setData'; readonly path: string; readonly data: Buffer; readonly version: number }
  | { readonly type: 'delete'; readonly path: string }
  | { readonly type: 'closeSession' }
);

const MAGIC = 0x5a4b4c47; // ZKLG
const HEADER_BYTES = 16;
const CODES = { create: 1, delete: 2, setData: 5, multi: 14, create2: 15, closeSession: -11 };

/**
 * The committed transactions of an ensemble, ascending. Each directory is that of one server. A transaction is committed
 * when a majority has logged it: a leader that was stopped logs what comes when it wakes, before it learns that another one
 * was elected, and a log that is replaced by a snapshot keeps it.
 */
export function readZooKeeperLogs(directories: readonly string[]): Transaction[] {
  const byZxid = new Map<bigint, { transactions: Transaction[]; readonly servers: Set<number> }>();
  for (const [server, directory] of directories.entries()) {
    const files = readdirSync(directory, { recursive: true }).map(String);
    for (const file of files.filter((name) => /(^|\/)log\.[0-9a-f]+$/.test(name))) {
      for (const { zxid, transactions } of readLog(readFileSync(join(directory, file)))) {
        const found = byZxid.get(zxid);
        if (found === undefined) byZxid.set(zxid, { transactions, servers: new Set([server]) });
        else found.servers.add(server);
      }
    }
  }
  return [...byZxid]
    .filter(([, { servers }]) => servers.size > directories.length / 2)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { transactions }]) => transactions);
}

/** Ends at the first record that is not whole: files are filled with zeros ahead, and a killed server leaves a torn one. */
function* readLog(bytes: Buffer): Generator<{ zxid: bigint; transactions: Transaction[] }> {
  if (bytes.length < HEADER_BYTES || bytes.readInt32BE(0) !== MAGIC) return;
  let at = HEADER_BYTES;
  while (at + 12 <= bytes.length) {
    const checksum = bytes.readBigInt64BE(at);
    const length = bytes.readInt32BE(at + 8);
    const start = at + 12;
    if (length <= 0 || start + length >= bytes.length) return;
    const body = bytes.subarray(start, start + length);
    if (BigInt(adler32(body)) !== checksum) return;
    at = start + length + 1;
    const session = body.readBigInt64BE(0);
    const zxid = body.readBigInt64BE(12);
    const head = { zxid, session, time: Number(body.readBigInt64BE(20)) };
    const transactions = readBody(body.readInt32BE(28), body.subarray(32), head);
    yield { zxid, transactions };
  }
}

type Head = Pick<Transaction, 'zxid' | 'session' | 'time'>;

function readBody(type: number, body: Buffer, head: Head): Transaction[] {
  const reader = new Reader(body);
  switch (type) {
    case CODES.create:
    case CODES.create2: {
      const path = reader.text();
      const data = reader.buffer();
      for (let entries = reader.int(); entries > 0; entries--) {
        reader.int();
        reader.text();
        reader.text();
      }
      return [{ ...head, type: 'create', path, data, ephemeral: reader.bool() }];
    }
    case CODES.setData:
      return [{ ...head, type: 'setData', path: reader.text(), data: reader.buffer(), version: reader.int() }];
    case CODES.delete:
      return [{ ...head, type: 'delete', path: reader.text() }];
    case CODES.closeSession:
      return [{ ...head, type: 'closeSession' }];
    case CODES.multi: {
      const parts: Transaction[] = [];
      for (let count = reader.int(); count > 0; count--) {
        const part = reader.int();
        parts.push(...readBody(part, reader.buffer(), head));
      }
      return parts;
    }
    default:
      return []; // sessions created, errors, checks: no write
  }
}

class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  int(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  bool(): boolean {
    this.at += 1;
    return this.bytes[this.at - 1] !== 0;
  }

  buffer(): Buffer {
    const length = Math.max(0, this.int());
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return this.buffer().toString();
  }
}
