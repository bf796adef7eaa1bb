// What the store keeps for secrets besides the objects: values, always sealed. It never sees a plain one, nor the key.

import type { AuditSource } from '../audit/audit-trail.js';

/** A key that values are sealed with, itself sealed with a key of the key file. */
export interface WrappedKey {
  /** Names the key of the key file. */
  readonly keyId: string;
  readonly wrapped: string;
  /** The key of the marks, sealed alike; absent where it follows from the key of the values. */
  readonly marks?: string;
}

/** Keys are numbered; the one with the greatest number seals. */
export interface NumberedKey extends WrappedKey {
  readonly number: number;
}

/** A value as it lies in the store. */
export interface SealedValue {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  /** Text that stands for the value in the object; see SEALED. */
  readonly mark: string;
  readonly sealed: string;
  /** Number of the key that it is sealed with. */
  readonly keyNumber: number;
}

/** A value that is sealed with a key that is not the newest. */
export interface StaleValue extends SealedValue {
  readonly uid: string;
}

/** The same value, sealed with the newest key. */
export interface ResealedValue extends Pick<StaleValue, 'uid' | 'key' | 'sealed'> {
  /** Nothing is written when the store does not hold `sealed` any more. */
  readonly resealed: string;
  readonly keyNumber: number;
}

/** A center, and the keys that it has in its key file. */
export interface KeyHolder {
  readonly center: string;
  /** Oldest first. */
  readonly keyIds: readonly string[];
  /** When it said so last, wall time, ms. */
  readonly time: number;
}

/** How far values are sealed with the newest key. */
export interface KeyUse {
  /** Oldest first, with how many values each of them seals. */
  readonly keys: readonly { readonly number: number; readonly keyId: string; readonly values: number }[];
  /** Centers that have said so lately. */
  readonly holders: readonly KeyHolder[];
  /** Ids of keys that centers take out of their files. */
  readonly dropped: readonly string[];
}

/** Turns plain values into sealed ones before anything is written. */
export interface Sealer {
  /** The sealed values of all secrets among `objects`, and the objects with marks in their place. */
  seal<T extends { readonly kind: string }>(objects: readonly T[]): Promise<SealedObjects<T>>;
}
export interface SealedObjects<T> {
  readonly objects: readonly T[];
  readonly values: readonly SealedValue[];
}

/** A center that has not said for so long what is in its key file is taken for gone, ms. */
export const HOLDER_SILENT_MS = 150_000;

export interface SecretBook {
  /** Oldest first; none before the first value. */
  keys(): Promise<NumberedKey[]>;
  /** Keeps the key if there is none yet; those that the store has then. */
  firstKey(key: WrappedKey): Promise<NumberedKey[]>;
  /** Seals from now on with this key instead of number `after`. Throws CT_CONFLICT when that is not the newest any more, or when
   * a center does not have the key of the key file. */
  nextKey(key: WrappedKey, after: number, audit?: AuditSource): Promise<void>;
  /** All values of the secrets of these names that exist. */
  values(secrets: readonly { readonly namespace: string; readonly name: string }[]): Promise<SealedValue[]>;
  /** Some of the values that are not sealed with the newest key; none when all are. */
  staleValues(limit: number): Promise<StaleValue[]>;
  reseal(values: readonly ResealedValue[]): Promise<void>;
  /** Forgets the keys that nothing is sealed with, but for the newest. */
  forgetKeys(): Promise<void>;
  use(): Promise<KeyUse>;
  /** Notes what a center has in its key file; the keys that it is to take out of it. */
  holds(center: string, keyIds: readonly string[]): Promise<string[]>;
  /** The center is gone. */
  holdsNoMore(center: string): Promise<void>;
  /** Has all centers take the key out of their files. Throws CT_CONFLICT while a value needs it. */
  drop(keyId: string, audit?: AuditSource): Promise<void>;
}
