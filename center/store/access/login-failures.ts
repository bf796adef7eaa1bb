// How long somebody must wait whose log-ins have failed. Counted in the store, so that trying several centers helps nobody.
import { createHash } from 'node:crypto';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { LoginTry } from './access-book.js';

/** Failures after which waiting begins. A token has no user name that could be tried. */
const FREE_PER_USER = 5;
const FREE_PER_ADDRESS = 20;
const FIRST_WAIT_MS = 1000;
const WAIT_MAX_MS = 15 * 60_000;
/** Failures are forgotten when there was none for so long. */
const FORGET_MS = 60 * 60_000;
/** Users and addresses remembered; those that failed longest ago are forgotten first. */
const ROWS_MAX = 10_000;
/** One key in 256 sweeps: looking costs more than all else. So there may be some hundreds more. */
const SWEEPS = '00';
const SLICE = 1000;

type Transaction = WriteTransaction<StateSchema>;

/** See AccessBook.beginLogin. */
export async function beginLogin(tx: Transaction, { address, user }: LoginTry): Promise<number> {
  const ofUser = user === undefined ? 0 : await waitOf(tx, keyOf('user', user), FREE_PER_USER);
  const wait = Math.max(ofUser, await waitOf(tx, keyOf('address', address), FREE_PER_ADDRESS));
  if (wait > 0) return wait;
  if (user !== undefined) await count(tx, keyOf('user', user));
  await count(tx, keyOf('address', address));
  return 0;
}

/** The user is forgiven everything, the address the try that it was: it may try other users' passwords in between. */
export async function loginSucceeded(tx: Transaction, { address, user }: LoginTry): Promise<void> {
  if (user !== undefined) await tx.write.deleteFrom('login_failures').where('what', '=', keyOf('user', user)).execute();
  await tx.write
    .updateTable('login_failures')
    .set((row) => ({ failures: row('failures', '-', 1) }))
    .where('what', '=', keyOf('address', address))
    .execute();
}

async function waitOf(tx: Transaction, what: string, free: number): Promise<number> {
  const row = await tx.write.selectFrom('login_failures').selectAll().where('what', '=', what).executeTakeFirst();
  // A clock that was set back must not make anybody wait longer.
  const passed = Math.max(0, tx.now - (row?.last_time ?? 0));
  if (row === undefined || passed >= FORGET_MS || row.failures < free) return 0;
  return Math.max(0, Math.min(FIRST_WAIT_MS * 2 ** (row.failures - free), WAIT_MAX_MS) - passed);
}

/** Takes the opportunity to forget what is too much. */
async function count(tx: Transaction, what: string): Promise<void> {
  await tx.write
    .deleteFrom('login_failures')
    .where('last_time', '<=', tx.now - FORGET_MS)
    .execute();
  await tx.write
    .insertInto('login_failures')
    .values({ what, failures: 1, last_time: tx.now })
    .onConflict((conflict) =>
      conflict
        .column('what')
        .doUpdateSet((row) => ({ failures: row('login_failures.failures', '+', 1), last_time: tx.now })),
    )
    .execute();
  if (!what.startsWith(SWEEPS)) return;
  const newest = tx.write.selectFrom('login_failures').select('what').orderBy('last_time', 'desc').orderBy('what');
  await tx.write.deleteFrom('login_failures').where('what', 'in', newest.offset(ROWS_MAX).limit(SLICE)).execute();
}

function keyOf(kind: 'user' | 'address', text: string): string {
  return createHash('sha256').update(`${kind} ${text}`).digest('hex');
}
