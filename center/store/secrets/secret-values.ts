// Sealed values beside the objects they belong to, written in the same transaction.
import { CloudTaskError, invariant } from '../../../base/index.js';
import { SEALED, type Secret } from '../../../manifests/index.js';
import { inList, type SqlDatabase, type Upsert } from '../database.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WrittenRow } from '../task-revisions.js';
import type { WriteTransaction } from '../write-queue.js';
import type { SealedValue } from './secret-book.js';
import { readSecretKeys } from './secret-keys.js';

type Transaction = WriteTransaction<StateSchema>;

const UPSERT: Upsert = {
  table: 'secret_values',
  columns: ['secret_uid', 'key', 'mark', 'sealed', 'key_number'],
  key: ['secret_uid', 'key'],
  update: ['mark', 'sealed', 'key_number'],
};

/**
 * Keeps what the secrets among the rows hold, and forgets what they do not hold any more. Throws CT_MANIFEST_INVALID for
 * a mark that stands for no value: it was read elsewhere, or long ago.
 */
export async function keepSecretValues(
  tx: Transaction,
  written: readonly WrittenRow[],
  sealed: readonly SealedValue[] = [],
): Promise<void> {
  await requireKeys(tx, sealed);
  for (const { row } of written) if (row.kind === 'Secret') await keepValues(tx, row, sealed);
}

/** A key that was forgotten since the values were sealed opens them no more. Throws CT_UNAVAILABLE: sealed anew they are
 * taken. */
async function requireKeys(tx: Transaction, sealed: readonly SealedValue[]): Promise<void> {
  if (sealed.length === 0) return;
  const known = new Set((await readSecretKeys(tx.write)).map(({ number }) => number));
  if (sealed.every(({ keyNumber }) => known.has(keyNumber))) return;
  throw new CloudTaskError('CT_UNAVAILABLE', 'the key of secrets was changed meanwhile');
}

async function keepValues(tx: Transaction, row: ObjectRow, sealed: readonly SealedValue[]): Promise<void> {
  const { data = {}, stringData } = JSON.parse(row.spec) as Secret['spec'];
  const marks = new Map(Object.entries(data));
  const plain = stringData !== undefined || [...marks.values()].some((mark) => !mark.startsWith(SEALED));
  invariant(!plain, 'secret-not-sealed', 'a value of a secret comes to the store sealed');
  const given = sealed.filter(({ namespace, name }) => namespace === row.namespace && name === row.name);
  const wanted = given.filter(({ key, mark }) => marks.get(key) === mark);
  await tx.upsert(
    UPSERT,
    wanted.map(({ key, mark, sealed: value, keyNumber }) => [row.uid, key, mark, value, keyNumber]),
  );
  const there = await tx.write
    .selectFrom('secret_values')
    .select(['key', 'mark'])
    .where('secret_uid', '=', row.uid)
    .execute();
  const known = new Map(there.map(({ key, mark }) => [key, mark]));
  const unknown = [...marks].filter(([key, mark]) => known.get(key) !== mark).map(([key]) => key);
  if (unknown.length > 0) throw unknownMarks(row, unknown);
  for (const key of known.keys()) {
    if (marks.has(key)) continue;
    await tx.write.deleteFrom('secret_values').where('secret_uid', '=', row.uid).where('key', '=', key).execute();
  }
}

function unknownMarks({ namespace, name }: ObjectRow, keys: readonly string[]): CloudTaskError {
  return new CloudTaskError('CT_MANIFEST_INVALID', {
    subject: `Secret ${namespace}/${name}`,
    detail: `data of ${keys.map((key) => `"${key}"`).join(', ')} is a mark, and the value it stood for is not there`,
    hint: 'write the values into stringData',
    causes: keys.map((key) => ({
      reason: 'FieldValueInvalid',
      field: `spec.data.${key}`,
      message: `spec.data.${key}: Invalid value: a mark stands only for the value that is stored under it`,
    })),
  });
}

export async function forgetSecretValues(tx: Transaction, uid: string): Promise<void> {
  await tx.write.deleteFrom('secret_values').where('secret_uid', '=', uid).execute();
}

/** Secrets asked for per statement. */
const SLICE = 200;

/** See SecretBook.values. */
export async function readSecretValues(
  db: SqlDatabase<StateSchema>,
  secrets: readonly { readonly namespace: string; readonly name: string }[],
): Promise<SealedValue[]> {
  const values: SealedValue[] = [];
  for (const [namespace, names] of byNamespace(secrets)) {
    for (let start = 0; start < names.length; start += SLICE) {
      const rows = await db.read
        .selectFrom('secret_values as v')
        .innerJoin('objects as o', 'o.uid', 'v.secret_uid')
        .select(['o.namespace', 'o.name', 'v.key', 'v.mark', 'v.sealed', 'v.key_number as keyNumber'])
        .where('o.kind', '=', 'Secret')
        .where('o.namespace', '=', namespace)
        .where(inList(db, 'o.name', names.slice(start, start + SLICE)))
        .execute();
      values.push(...rows);
    }
  }
  return values;
}

function byNamespace(secrets: readonly { namespace: string; name: string }[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { namespace, name } of secrets) {
    const names = groups.get(namespace);
    if (names === undefined) groups.set(namespace, [name]);
    else names.push(name);
  }
  return groups;
}
