// Logging in and out: a password or a token for a session, which is what browsers have instead of a token.
import { type Clock, CloudTaskError } from '../../base/index.js';
import type { AuditSource, Credential, IssuerIdentity, LoginTry, Store } from '../store/index.js';
import { PasswordHashes } from './password-hashes.js';
import { newTokenSecret, tokenHash } from './token-files.js';

/** Whoever works every day logs in once a week. */
export const SESSION_MAX_MS = 7 * 86_400_000;
/** The issuer may want to be asked whether somebody still works there. */
const ISSUER_SESSION_MAX_MS = 12 * 3_600_000;
const USERNAME_MAX_CHARS = 253;

export interface Login {
  readonly credential: Credential;
  /** Value of the cookie. */
  readonly secret: string;
  /** Wall time, ms. */
  readonly expires: number;
  readonly mustChangePassword: boolean;
}

export type LoginForm = { readonly username: string; readonly password: string } | { readonly token: string };

/** From where, and which session of the same browser ends. */
interface From {
  readonly address: string;
  readonly session?: string;
}

export class Logins {
  private readonly access: Store['access'];
  private readonly clock: Clock;
  private readonly hashes: PasswordHashes;

  constructor({ store, clock, hashes }: { store: Pick<Store, 'access'>; clock: Clock; hashes?: PasswordHashes }) {
    this.access = store.access;
    this.clock = clock;
    this.hashes = hashes ?? new PasswordHashes();
  }

  /** Throws CT_UNAUTHORIZED, the same for everything that may be wrong, and CT_TOO_MANY_REQUESTS. */
  async login(form: LoginForm, from: From): Promise<Login> {
    return 'token' in form ? this.withToken(form.token, from) : this.withPassword(form.username, form.password, from);
  }

  /** Somebody whom an issuer has identified. Throws CT_FORBIDDEN, see AccessBook.userOfIssuer. */
  async loginOfIssuer(identity: IssuerIdentity, from: From, audit: AuditSource): Promise<Login> {
    const { uid, name } = await this.access.userOfIssuer(identity, audit);
    const owner = { kind: 'User', name, uid, issuerGroups: identity.groups } as const;
    return this.open({ userUid: uid }, { owner, expires: this.clock.now() + ISSUER_SESSION_MAX_MS }, from);
  }

  async logout(sha256: string): Promise<void> {
    await this.access.closeSession(sha256);
  }

  /** What a password is stored as. Throws CT_BAD_REQUEST. */
  hash(password: string): Promise<string> {
    return this.hashes.hash(password);
  }

  /**
   * Sets the password of a user who knows the current one; all sessions end, and a new one begins. Throws CT_FORBIDDEN for a wrong
   * current one, CT_BAD_REQUEST for a new one that will not do.
   */
  async changePassword(
    { user, current, next }: { user: string; current: string; next: string },
    from: From,
    audit: AuditSource,
  ): Promise<Login> {
    if (current === next) throw new CloudTaskError('CT_BAD_REQUEST', 'the new password is the current one');
    const known = await this.verified(user, current, from.address);
    if (known === undefined) throw new CloudTaskError('CT_FORBIDDEN', 'the current password is not right');
    await this.access.setPassword({ user, hash: await this.hash(next), mustChange: false }, audit);
    return this.open({ userUid: known.userUid }, { owner: { kind: 'User', name: user, uid: known.userUid } }, from);
  }

  private async withPassword(username: string, password: string, from: From): Promise<Login> {
    const user = username.slice(0, USERNAME_MAX_CHARS + 1);
    const known = await this.verified(user, password, from.address);
    if (known === undefined) throw refused();
    const { userUid, mustChange } = known;
    if (this.hashes.outdated(known.hash)) {
      const hash = await this.hash(password);
      await this.access.setPassword({ user, hash, mustChange });
    }
    return this.open({ userUid }, { owner: { kind: 'User', name: user, uid: userUid } }, from, mustChange);
  }

  private async withToken(token: string, from: From): Promise<Login> {
    const sha256 = tokenHash(token.slice(0, USERNAME_MAX_CHARS));
    await this.begin({ address: from.address });
    const credential = await this.access.token(sha256);
    if (credential === undefined || isAgent(credential)) throw refused();
    await this.access.loginSucceeded({ address: from.address });
    return this.open({ tokenSha256: sha256 }, credential, from);
  }

  /** Throws CT_TOO_MANY_REQUESTS: each further failure doubles the wait, per user name, whether there is such a user or not, and per address. */
  private async begin(of: LoginTry): Promise<void> {
    const wait = await this.access.beginLogin(of);
    if (wait === 0) return;
    throw new CloudTaskError('CT_TOO_MANY_REQUESTS', {
      detail: 'too many log-ins have failed',
      retryAfterSeconds: Math.ceil(wait / 1000),
    });
  }

  private async verified(user: string, password: string, address: string) {
    await this.begin({ address, user });
    const known = await this.access.password(user);
    const right = await this.hashes.verify(password, known?.hash);
    if (known === undefined || !right) return undefined;
    await this.access.loginSucceeded({ address, user });
    return known;
  }

  private async open(
    of: { userUid: string } | { tokenSha256: string },
    credential: Credential,
    { session: replaces }: From,
    mustChangePassword = false,
  ): Promise<Login> {
    const secret = `cts_${newTokenSecret()}`;
    const expires = Math.min(this.clock.now() + SESSION_MAX_MS, credential.expires ?? Number.MAX_SAFE_INTEGER);
    const rest = replaces === undefined ? {} : { replaces };
    await this.access.openSession({ sha256: tokenHash(secret), ...of, expires, ...rest });
    return { credential, secret, expires, mustChangePassword };
  }
}

/** Agents are programs; nobody looks at a console as one. */
function isAgent({ owner }: Credential): boolean {
  return owner.kind === 'File' && owner.role === 'agent';
}

function refused(): CloudTaskError {
  return new CloudTaskError('CT_UNAUTHORIZED', 'the user name, password or token is not right');
}
