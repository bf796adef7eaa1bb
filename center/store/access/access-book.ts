// What the store keeps of users besides the objects: what they prove who they are with, never in a form that helps to do so.
import type { TokenScope } from '../../../manifests/index.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { Stored, TokenRow } from '../store-types.js';

/** Whose a token or session is. File: of a token file of the center, see TokenRow. */
export type Owner =
  | { readonly kind: 'File'; readonly name: string; readonly role: TokenRow['role'] }
  | { readonly kind: 'User' | 'ServiceAccount'; readonly name: string; readonly uid: string };

/** Somebody who is known. */
export interface Credential {
  readonly owner: Owner;
  /** Name of the Token object; absent for a password, and for a token of a file. */
  readonly token?: string;
  readonly scope?: TokenScope;
  /** Wall time, ms, after which it counts no more; undefined: it stays. */
  readonly expires?: number;
}

export interface SessionCredential extends Credential {
  readonly expires: number;
  /** Nothing else is allowed before the user has set a password of their own. */
  readonly mustChangePassword: boolean;
}

export interface NewSession {
  readonly sha256: string;
  /** What it was opened with: the password of a user, or a token. */
  readonly userUid?: string;
  readonly tokenSha256?: string;
  /** Wall time, ms. */
  readonly expires: number;
  /** SHA-256 of the session that it takes the place of. */
  readonly replaces?: string;
}

export interface StoredPassword {
  readonly userUid: string;
  readonly hash: string;
  readonly mustChange: boolean;
}

export interface NewPassword {
  readonly user: string;
  readonly hash: string;
  readonly mustChange: boolean;
  /** SHA-256 of the one session that stays. */
  readonly keep?: string;
}

export interface NewToken {
  readonly sha256: string;
  readonly owner: { readonly kind: 'User' | 'ServiceAccount'; readonly name: string };
  readonly description?: string;
  readonly scope?: TokenScope;
  /** Wall time, ms. */
  readonly expires: number;
  /** Who makes it. */
  readonly user: string;
}

export interface AccessBook {
  /** By SHA-256 (hex), of a token file or of a Token that has not expired, and whose owner is there and not disabled. */
  token(sha256: string): Promise<Credential | undefined>;
  /** By SHA-256 (hex). Being asked for keeps a session from ending for want of use. */
  session(sha256: string): Promise<SessionCredential | undefined>;
  openSession(session: NewSession): Promise<void>;
  closeSession(sha256: string): Promise<void>;
  /** Of a user that is not disabled. */
  password(user: string): Promise<StoredPassword | undefined>;
  /** Ends the sessions of the user, but for the one to keep. Throws CT_NOT_FOUND. */
  setPassword(password: NewPassword, audit?: AuditSource): Promise<void>;
  /** Throws CT_NOT_FOUND for an owner that is not there. */
  createToken(token: NewToken, audit?: AuditSource): Promise<Stored>;
  isSetUp(): Promise<boolean>;
  /** Makes the first user, an administrator who must set a password before anything else; false when the store has, or had, one. */
  setUp(user: string, hash: string): Promise<boolean>;
}
