// Seals the values of secrets on their way into the store, and opens them for agents. The values are sealed with a key
// that the store keeps, sealed with the key of the key file: so the latter can be changed without touching a value.
import { randomBytes } from 'node:crypto';
import { CloudTaskError, messageOf, SEALING_KEY_BYTES, seal, unseal } from '../../base/index.js';
import { SEALED, type Secret, secretText } from '../../manifests/index.js';
import type { SealedObjects, SealedValue, Sealer, SecretBook, WrappedKey } from '../store/index.js';
import { DataKey } from './data-key.js';
import { createKeyFile, type FileKey, readKeyFile } from './key-file.js';

const WRAPPED_PLACE = 'key of the values';

export interface SecretKeeperOptions {
  readonly keyFile: string;
  /** Asked for when it is needed: the store is made with this keeper. */
  readonly book: () => SecretBook;
}

/** Modes: no key (nobody has written a secret yet) → with key. The key file and the key of the values are made with the
 * first value, so that an installation without secrets has neither. */
export class SecretKeeper implements Sealer {
  private readonly options: SecretKeeperOptions;
  private opened: Promise<DataKey> | undefined;

  constructor(options: SecretKeeperOptions) {
    this.options = options;
  }

  /** Throws CT_CONFIG_INVALID when the store holds a key that this center cannot open: values would be lost on it. */
  async start(): Promise<void> {
    const wrapped = await this.options.book().wrappedKey();
    if (wrapped !== undefined) this.opened = Promise.resolve(await this.open(wrapped));
  }

  async seal<T extends { readonly kind: string }>(objects: readonly T[]): Promise<SealedObjects<T>> {
    const values: SealedValue[] = [];
    const key = objects.some(holdsValues) ? await this.dataKey(true) : undefined;
    const sealed = objects.map((object) => {
      if (key === undefined || !holdsValues(object)) return object;
      return sealedSecret(object as unknown as Secret, key, values) as unknown as T;
    });
    return { objects: sealed, values };
  }

  /** By `namespace/name`, then by key. Throws CT_UNAVAILABLE when this center has no key for them. */
  async unseal(values: readonly SealedValue[]): Promise<Map<string, Record<string, string>>> {
    const secrets = new Map<string, Record<string, string>>();
    if (values.length === 0) return secrets;
    const key = await this.dataKey(false);
    for (const value of values) {
      const id = `${value.namespace}/${value.name}`;
      const data = secrets.get(id) ?? {};
      secrets.set(id, data);
      data[value.key] = this.plain(key, value);
    }
    return secrets;
  }

  private plain(key: DataKey, value: SealedValue): string {
    try {
      return key.unseal(value, value.mark, value.sealed);
    } catch (cause) {
      throw new CloudTaskError('CT_STORE', {
        subject: `Secret ${value.namespace}/${value.name}`,
        detail: `the value of "${value.key}" does not open: it was changed in the store, or belongs elsewhere`,
        cause,
      });
    }
  }

  private async dataKey(make: boolean): Promise<DataKey> {
    this.opened ??= this.find(make);
    try {
      return await this.opened;
    } catch (cause) {
      this.opened = undefined; // somebody may copy the key file meanwhile
      const detail = `this center cannot open secrets: ${messageOf(cause)}`;
      throw new CloudTaskError('CT_UNAVAILABLE', { detail, cause });
    }
  }

  private async find(make: boolean): Promise<DataKey> {
    const { keyFile, book } = this.options;
    const known = await book().wrappedKey();
    if (known !== undefined || !make) return this.open(known);
    const fileKey = (await readKeyFile(keyFile)) ?? (await createKeyFile(keyFile));
    const wrapped = seal(fileKey.key, WRAPPED_PLACE, randomBytes(SEALING_KEY_BYTES));
    // Another center may have been faster; then its key file is needed here.
    return this.open(await book().firstKey({ keyId: fileKey.id, wrapped }), fileKey);
  }

  private async open(wrapped: WrappedKey | undefined, known?: FileKey): Promise<DataKey> {
    const { keyFile: subject } = this.options;
    const fileKey = known ?? (await readKeyFile(subject));
    const hint = 'copy the key file that the secrets were written with here, from a backup or from another center';
    if (fileKey === undefined || wrapped === undefined) {
      const detail = 'the file is missing, and the store holds secrets that are sealed with its key';
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject, detail, hint });
    }
    try {
      return new DataKey(unseal(fileKey.key, WRAPPED_PLACE, wrapped.wrapped));
    } catch (cause) {
      const detail = `the secrets of the store are sealed with key ${wrapped.keyId}, and this is key ${fileKey.id}`;
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject, detail, hint, cause });
    }
  }
}

function holdsValues(object: { readonly kind: string }): boolean {
  if (object.kind !== 'Secret') return false;
  const { stringData, data = {} } = (object as unknown as Secret).spec ?? {};
  return stringData !== undefined || Object.values(data).some((value) => !value.startsWith(SEALED));
}

/** Marks under `data` instead of values; what is sealed is added to `values`. */
function sealedSecret(secret: Secret, key: DataKey, values: SealedValue[]): Secret {
  const { stringData = {}, data = {}, ...rest } = secret.spec;
  const { namespace = 'default', name } = secret.metadata;
  if (name === undefined) {
    throw new CloudTaskError('CT_BAD_REQUEST', 'a Secret needs metadata.name: its values are sealed for that name');
  }
  const marks: Record<string, string> = {};
  for (const [each, text] of Object.entries(data)) {
    if (text.startsWith(SEALED)) marks[each] = text;
  }
  const plain = Object.entries(data).flatMap(([each, text]): [string, string][] =>
    text.startsWith(SEALED) ? [] : [[each, secretText(text) ?? '']],
  );
  for (const [each, value] of [...plain, ...Object.entries(stringData)]) {
    const place = { namespace, name, key: each };
    const mark = key.mark(place, value);
    marks[each] = mark;
    values.push({ ...place, mark, sealed: key.seal(place, mark, value) });
  }
  const sorted = Object.fromEntries(Object.entries(marks).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...secret, spec: { ...rest, ...(Object.keys(sorted).length === 0 ? {} : { data: sorted }) } };
}
