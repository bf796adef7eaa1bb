// The keys of the values, opened with those of the key file.
import { randomBytes } from 'node:crypto';
import { CloudTaskError, messageOf, SEALING_KEY_BYTES, seal, unseal } from '../../base/index.js';
import type { NumberedKey, SecretBook, WrappedKey } from '../store/index.js';
import { DataKey } from './data-key.js';
import { addKey, type FileKey, readKeyFile } from './key-file.js';

const WRAPPED_PLACE = 'key of the values';
const MARKS_PLACE = 'key of the marks';
const HINT = 'copy the key file that the secrets were written with here, from a backup or from another center';

export interface KeyRingOptions {
  readonly keyFile: string;
  /** Asked for when it is needed: the store is made with what uses this ring. */
  readonly book: () => SecretBook;
}

export interface SealingKey {
  readonly number: number;
  readonly key: DataKey;
}

/** Keys stay open once they were: a key file that is lost later does no harm until the next start. */
export class KeyRing {
  private readonly options: KeyRingOptions;
  private readonly opened = new Map<number, DataKey>();
  private making: Promise<NumberedKey[]> | undefined;

  constructor(options: KeyRingOptions) {
    this.options = options;
  }

  /** Opens all keys of the store. Throws CT_CONFIG_INVALID when this center cannot: values would be lost on it. */
  async start(): Promise<void> {
    for (const key of await this.options.book().keys()) await this.open(key);
  }

  /** The newest key, which is made if there is none. Asked of the store each time, since another center may have made it. Throws CT_UNAVAILABLE. */
  async newest(): Promise<SealingKey> {
    return this.orUnavailable(async () => {
      let keys = await this.options.book().keys();
      if (keys.length === 0) {
        this.making ??= this.make().finally(() => {
          this.making = undefined;
        });
        keys = await this.making;
      }
      const newest = keys.at(-1)!;
      return { number: newest.number, key: await this.open(newest) };
    });
  }

  /** Throws CT_UNAVAILABLE when this center has no such key. */
  async numbered(number: number): Promise<DataKey> {
    const known = this.opened.get(number);
    if (known !== undefined) return known;
    return this.orUnavailable(async () => {
      const key = (await this.options.book().keys()).find((one) => one.number === number);
      if (key === undefined) throw new Error('the key of secrets was changed meanwhile');
      return this.open(key);
    });
  }

  private async orUnavailable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const detail = `this center cannot open secrets: ${messageOf(cause)}`;
      throw new CloudTaskError('CT_UNAVAILABLE', { detail, cause });
    }
  }

  private async make(): Promise<NumberedKey[]> {
    const { keyFile, book } = this.options;
    const fileKey = (await readKeyFile(keyFile))?.at(-1) ?? (await addKey(keyFile));
    // Another center may have been faster; then its key file is needed here.
    return book().firstKey(wrappedKey(fileKey));
  }

  private async open(wrapped: NumberedKey): Promise<DataKey> {
    const known = this.opened.get(wrapped.number);
    if (known !== undefined) return known;
    const { keyFile: subject } = this.options;
    const fileKeys = await readKeyFile(subject);
    if (fileKeys === undefined) {
      const detail = 'the file is missing, and the store holds secrets that are sealed with its key';
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject, detail, hint: HINT });
    }
    const fileKey = fileKeys.find(({ id }) => id === wrapped.keyId);
    if (fileKey === undefined) {
      const ids = fileKeys.map(({ id }) => id).join(', ');
      const detail = `the secrets of the store are sealed with key ${wrapped.keyId}, and this is key ${ids}`;
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject, detail, hint: HINT });
    }
    try {
      const marks = wrapped.marks === undefined ? undefined : unseal(fileKey.key, MARKS_PLACE, wrapped.marks);
      const key = new DataKey(unseal(fileKey.key, WRAPPED_PLACE, wrapped.wrapped), marks);
      this.opened.set(wrapped.number, key);
      return key;
    } catch (cause) {
      const detail = `key ${wrapped.keyId} does not open what the store has sealed with it: it was changed there`;
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject, detail, cause });
    }
  }
}

/** A new key of the values; with `marks`, one that makes the marks of an older one. */
export function wrappedKey(fileKey: FileKey, marks?: Buffer): WrappedKey {
  return {
    keyId: fileKey.id,
    wrapped: seal(fileKey.key, WRAPPED_PLACE, randomBytes(SEALING_KEY_BYTES)),
    ...(marks === undefined ? {} : { marks: seal(fileKey.key, MARKS_PLACE, marks) }),
  };
}
