// What the store keeps of users besides the objects: what they prove who they are with, never in a form that helps to do so.
import type { TokenScope } from '../../../manifests/index.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { Stored, TokenRow } from '../store-types.js';

/** Whose a token or session is. File: of a token file of the center, see TokenRow. */
export type Owner =
  | { readonly kind: 'File'; readonly name: string; readonly role: TokenRow['role'] }
  | {
      readonly kind: 'User' | 'ServiceAccount';
      readonly name: string;
      readonly uid: string;
      /** Of a user who logs in at an issuer: see AccessBook.issuerGroups. */
      readonly issuerGroups?: readonly string[];
    }
  /** Of a certificate; `uid`: AgentIdentity.identity. */
  | { readonly kind: 'Agent'; readonly name: string; readonly uid: string; readonly cluster: string };

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

/** A token that agents join by. */
export interface NewJoinToken {
  readonly sha256: string;
  readonly cluster: string;
  readonly uses: number;
  readonly description?: string;
  /** Wall time, ms. */
  readonly expires: number;
  /** Who makes it. */
  readonly user: string;
}

export interface Joining {
  readonly agent: string;
  readonly cluster: string;
  readonly tokenSha256: string;
  readonly tokenName: string;
  /** SHA-256 of the public key (SPKI, DER) that it asks a certificate for, hex. */
  readonly keySha256: string;
  /** When that certificate ends; wall time, ms. */
  readonly expires: number;
}

/** An agent that has joined, and when it leaves and joins again another one. */
export interface AgentIdentity {
  readonly agent: string;
  readonly identity: string;
  readonly cluster: string;
}

/** Whom an issuer has identified. */
export interface IssuerIdentity {
  readonly issuer: string;
  /** What it calls them, which is never given to anybody else. */
  readonly subject: string;
  /** What the User is to be called that is made at the first log-in. */
  readonly name: string;
  readonly displayName?: string;
  readonly email?: string;
  /** As subjects of bindings name them. */
  readonly groups: readonly string[];
}

/** Of whom, and from where, somebody tries to log in; a token has no user name. */
export interface LoginTry {
  readonly address: string;
  readonly user?: string;
}

export interface AccessBook {
  /** By SHA-256 (hex), of a token file or of a Token that has not expired, and whose owner is there and not disabled. */
  token(sha256: string): Promise<Credential | undefined>;
  /** Notes that a Token was used now, unless that was noted less than `everyMs` ago, by whichever center. */
  tokenUsed(name: string, everyMs: number): Promise<void>;
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
  /** What agents know the centers of this store by: the SHA-256 of the certificate of their authority; undefined for none. */
  authority(): Promise<string | undefined>;
  /** Says that it is this one, unless it is another already; resolves with the one that it is. */
  claimAuthority(pin: string): Promise<string>;
  createJoinToken(token: NewJoinToken, audit?: AuditSource): Promise<Stored>;
  /**
   * Uses up a join token for an agent; not once more for the key that it was used with already. Throws CT_UNAUTHORIZED for a token that
   * is unknown, expired or used up, CT_FORBIDDEN for one of another cluster, and while an agent of that name has a certificate.
   */
  joinAgent(joining: Joining): Promise<AgentIdentity>;
  /** undefined for one that has been deleted, or has joined anew since. */
  agentIdentity(agent: string, identity: string): Promise<AgentIdentity | undefined>;
  /** The agent gets another certificate, which ends then (wall time, ms). */
  noteCertificate(agent: string, expires: number): Promise<void>;
  /** Remembers that an agent has been given these tasks. */
  giveTasks(agent: string, taskUids: readonly string[]): Promise<void>;
  /** Which of these tasks an agent has been given at any time. */
  givenTasks(agent: string, taskUids: readonly string[]): Promise<string[]>;
  /** Counts a try as failed, until `loginSucceeded` says otherwise: of tries at the same time, all count, at whichever center. Resolves with
   * ms to wait when there were too many; then it is not counted. */
  beginLogin(of: LoginTry): Promise<number>;
  loginSucceeded(of: LoginTry): Promise<void>;
  /** The User of somebody whom an issuer has identified, made at the first log-in; it may do what bindings say. Throws CT_FORBIDDEN for
   * one that is disabled, and when the name belongs to another user. */
  userOfIssuer(identity: IssuerIdentity, audit: AuditSource): Promise<{ readonly uid: string; readonly name: string }>;
  /** The groups that its issuer named at the last log-in of a user, for ISSUER_GROUPS_MS; [] for all other users. */
  issuerGroups(user: string): Promise<readonly string[]>;
  isSetUp(): Promise<boolean>;
  /** Makes the first user, an administrator who must set a password before anything else; false when the store has, or had, one. */
  setUp(user: string, hash: string): Promise<boolean>;
}
