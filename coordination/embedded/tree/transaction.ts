import type { AclRecord } from '../../jute/records.js';

/**
 * What a transaction does. Values are absolute (the resulting version, the resulting count of creations), never
 * relative: replaying a change onto a tree that has it already leaves that tree as it is.
 */
export type Change =
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly acl: readonly AclRecord[];
      readonly ephemeralOwner: bigint;
      readonly parentCreations: number;
    }
  | { readonly kind: 'delete'; readonly path: string }
  | { readonly kind: 'setData'; readonly path: string; readonly data: Uint8Array | null; readonly version: number }
  | { readonly kind: 'setAcl'; readonly path: string; readonly acl: readonly AclRecord[]; readonly version: number }
  | {
      readonly kind: 'openSession';
      readonly session: bigint;
      readonly timeoutMs: number;
      readonly password: Uint8Array;
    }
  | { readonly kind: 'sessionTimeout'; readonly session: bigint; readonly timeoutMs: number }
  | { readonly kind: 'closeSession'; readonly session: bigint };

export type TreeChange = Extract<Change, { path: string }>;

/** All or nothing. Without changes it stands for a refused write, which takes a zxid like any other. */
export interface Transaction {
  readonly zxid: bigint;
  /** Wall time, ms since the epoch. */
  readonly time: number;
  readonly changes: readonly Change[];
}
