// What the store keeps for secrets besides the objects: values, always sealed. It never sees a plain one, nor the key.

/** The key that values are sealed with, itself sealed with the key of the key file. */
export interface WrappedKey {
  /** Names the key of the key file. */
  readonly keyId: string;
  readonly wrapped: string;
}

/** A value as it lies in the store. */
export interface SealedValue {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  /** Text that stands for the value in the object; see SEALED. */
  readonly mark: string;
  readonly sealed: string;
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

export interface SecretBook {
  wrappedKey(): Promise<WrappedKey | undefined>;
  /** Keeps the key if there is none yet; the one that the store has then. */
  firstKey(key: WrappedKey): Promise<WrappedKey>;
  /** All values of the secrets of these names that exist. */
  values(secrets: readonly { readonly namespace: string; readonly name: string }[]): Promise<SealedValue[]>;
}
