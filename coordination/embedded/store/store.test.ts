// Damage to files on disk: what was never acknowledged is cut, everything else is a loud error.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { silentLogger } from '../../../base/index.js';
import { OPEN_ACL } from '../tree/node.js';
import type { Transaction } from '../tree/transaction.js';
import { listFiles } from './files.js';
import { Journal } from './journal.js';
import { recover } from './recover.js';

const create = (zxid: number, path: string, data = 'x'): Transaction => ({
  zxid: BigInt(zxid),
  time: 1_700_000_000_000 + zxid,
  changes: [
    {
      kind: 'create',
      path,
      data: Buffer.from(data),
      acl: OPEN_ACL,
      ephemeralOwner: 0n,
      parentCreations: zxid,
    },
  ],
});

/** Writes each transaction with an fsync of its own, so each is a frame. */
async function writeJournal(directory: string, transactions: readonly Transaction[]): Promise<string> {
  let wake: (() => void) | undefined;
  const first = transactions[0]!.zxid - 1n;
  const journal = await Journal.open(directory, first, {
    durable: () => wake?.(),
    failed: (error) => t.fail(String(error)),
  });
  for (const transaction of transactions) {
    const durable = new Promise<void>((resolve) => {
      wake = resolve;
    });
    journal.append(transaction);
    await durable;
  }
  await journal.close();
  return (await listFiles(directory, 'journal')).at(-1)!.path;
}

const paths = async (directory: string) => {
  const { restoration } = await recover(directory, silentLogger);
  return [...restoration.finish().tree.entries()].map(([path]) => path).filter((path) => !path.startsWith('/zoo'));
};

t.test('a journal is read back', async (t) => {
  const directory = t.testdir();
  await writeJournal(directory, [create(1, '/a'), create(2, '/b'), create(3, '/a/c')]);
  t.same(await paths(directory), ['/', '/a', '/b', '/a/c']);
  const { restoration, transactions } = await recover(directory, silentLogger);
  t.equal(restoration.zxid, 3n);
  t.equal(transactions, 3);
});

t.test('a tail torn at any byte is cut, and nothing before it is lost', async (t) => {
  const directory = t.testdir();
  const file = await writeJournal(directory, [create(1, '/a'), create(2, '/b')]);
  const whole = readFileSync(file);
  const firstFrameEnd = 28 + 12 + whole.readUInt32BE(28 + 4);
  for (let length = firstFrameEnd; length < whole.length; length++) {
    writeFileSync(file, whole.subarray(0, length));
    t.same(await paths(directory), ['/', '/a'], `cut at ${length}`);
    t.equal(readFileSync(file).length, firstFrameEnd, 'the rest is gone from the file');
  }
});

t.test('a bit flipped anywhere in the last append is a torn tail; before it, it is damage', async (t) => {
  const directory = t.testdir();
  const file = await writeJournal(directory, [create(1, '/a'), create(2, '/b'), create(3, '/c')]);
  const whole = readFileSync(file);
  const second = 28 + 12 + whole.readUInt32BE(28 + 4);
  const third = second + 12 + whole.readUInt32BE(second + 4);
  for (let at = 0; at < whole.length; at += 3) {
    const flipped = Buffer.from(whole);
    flipped[at] = flipped[at]! ^ 0x10;
    writeFileSync(file, flipped);
    if (at >= third) t.same(await paths(directory), ['/', '/a', '/b'], `byte ${at}`);
    else await t.rejects(recover(directory, silentLogger), { code: 'CT_COORDINATION_DATA' }, `byte ${at}`);
  }
});

t.test('zeros after the end, as a crash may leave them, are cut', async (t) => {
  const directory = t.testdir();
  const file = await writeJournal(directory, [create(1, '/a')]);
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(5000)]));
  t.same(await paths(directory), ['/', '/a']);
});

t.test('a torn segment that is not the last is damage', async (t) => {
  const directory = t.testdir();
  const file = await writeJournal(directory, [create(1, '/a'), create(2, '/b')]);
  await writeJournal(directory, [create(3, '/c')]);
  truncateSync(file, readFileSync(file).length - 1);
  await t.rejects(recover(directory, silentLogger), { code: 'CT_COORDINATION_DATA' });
});

t.test('a missing segment is damage', async (t) => {
  const directory = t.testdir();
  await writeJournal(directory, [create(1, '/a')]);
  await writeJournal(directory, [create(3, '/c')]);
  await t.rejects(recover(directory, silentLogger), { code: 'CT_COORDINATION_DATA' });
});

t.test('a segment whose header was never finished is no damage', async (t) => {
  const directory = t.testdir();
  await writeJournal(directory, [create(1, '/a')]);
  writeFileSync(`${directory}/journal-0000000000000002`, 'CTjo');
  t.same(await paths(directory), ['/', '/a']);
  t.equal((await listFiles(directory, 'journal')).length, 1);
});

t.test('bytes of a journal that a client stored as data do not look like a later frame', async (t) => {
  const directory = t.testdir();
  const file = await writeJournal(directory, [create(1, '/a'), create(2, '/b')]);
  const bytes = readFileSync(file);
  const last = create(3, '/c');
  const data = { ...last.changes[0]!, data: bytes } as Transaction['changes'][number];
  const other = t.testdir({});
  const nested = await writeJournal(other, [create(1, '/a'), create(2, '/b'), { ...last, changes: [data] }]);
  truncateSync(nested, readFileSync(nested).length - 1);
  t.same(await paths(other), ['/', '/a', '/b'], 'a torn tail, although it contains whole frames of another file');
});
