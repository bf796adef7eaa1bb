// Seals the values of secrets on their way into the store, and opens them for agents. The values are sealed with keys
// that the store keeps, sealed with keys of the key file.
import { CloudTaskError } from '../../base/index.js';
import { SEALED, type Secret, secretText } from '../../manifests/index.js';
import type { SealedObjects, SealedValue, Sealer } from '../store/index.js';
import type { DataKey } from './data-key.js';
import { KeyRing, type KeyRingOptions, type SealingKey } from './key-ring.js';

/** The key file and the key of the values are made with the first value, so that an installation without secrets has
 * neither. */
export class SecretKeeper implements Sealer {
  readonly ring: KeyRing;

  constructor(options: KeyRingOptions) {
    this.ring = new KeyRing(options);
  }

  /** Throws CT_CONFIG_INVALID when the store holds a key that this center cannot open: values would be lost on it. */
  async start(): Promise<void> {
    await this.ring.start();
  }

  async seal<T extends { readonly kind: string }>(objects: readonly T[]): Promise<SealedObjects<T>> {
    const values: SealedValue[] = [];
    const key = objects.some(holdsValues) ? await this.ring.newest() : undefined;
    const sealed = objects.map((object) => {
      if (key === undefined || !holdsValues(object)) return object;
      return sealedSecret(object as unknown as Secret, key, values) as unknown as T;
    });
    return { objects: sealed, values };
  }

  /** By `namespace/name`, then by key. Throws CT_UNAVAILABLE when this center has no key for them. */
  async unseal(values: readonly SealedValue[]): Promise<Map<string, Record<string, string>>> {
    const secrets = new Map<string, Record<string, string>>();
    for (const value of values) {
      const id = `${value.namespace}/${value.name}`;
      const data = secrets.get(id) ?? {};
      secrets.set(id, data);
      data[value.key] = plainValue(await this.ring.numbered(value.keyNumber), value);
    }
    return secrets;
  }
}

/** Throws CT_STORE for a value that was changed in the store. */
export function plainValue(key: DataKey, value: SealedValue): string {
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

function holdsValues(object: { readonly kind: string }): boolean {
  if (object.kind !== 'Secret') return false;
  const { stringData, data = {} } = (object as unknown as Secret).spec ?? {};
  return stringData !== undefined || Object.values(data).some((value) => !value.startsWith(SEALED));
}

/** Marks under `data` instead of values; what is sealed is added to `values`. */
function sealedSecret(secret: Secret, { number, key }: SealingKey, values: SealedValue[]): Secret {
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
    values.push({ ...place, mark, sealed: key.seal(place, mark, value), keyNumber: number });
  }
  const sorted = Object.fromEntries(Object.entries(marks).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...secret, spec: { ...rest, ...(Object.keys(sorted).length === 0 ? {} : { data: sorted }) } };
}
