import type { Clock } from '../../base/index.js';
import type { Credential, Store } from '../store/index.js';
import { tokenHash } from './token-files.js';
import { TokenUses } from './token-uses.js';

/** Valid tokens of files remembered, and for how long: so long one that was taken away may still work. Those of users and
 * sessions are looked up for each request: they end at once, whichever center ends them. */
const REMEMBERED_MAX = 1000;
const REMEMBERED_MS = 10_000;

/** Longer headers are no token of ours and are not worth hashing. */
const HEADER_MAX_CHARS = 512;

/** Enough to tell tokens apart, and no help in finding one: a token has 256 bits. */
const TOKEN_ID_CHARS = 12;

export interface Identity extends Credential {
  readonly tokenId: string;
  /** With a cookie instead of a token. */
  readonly session?: { readonly sha256: string; readonly expires: number; readonly mustChangePassword: boolean };
}

function tokenOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > HEADER_MAX_CHARS) return undefined;
  return /^Bearer +(\S+) *$/i.exec(header)?.[1];
}

type AccessReader = Pick<Store['access'], 'token' | 'session' | 'tokenUsed'>;

/**
 * Says who sends a request. A token is only ever compared by its SHA-256, so that how long the comparison takes tells
 * nothing about a token that would be valid.
 */
export class Authenticator {
  private readonly store: { readonly access: AccessReader };
  private readonly clock: Clock;
  private readonly uses: TokenUses;
  private readonly remembered = new Map<string, { credential: Credential; until: number }>();

  constructor(options: { store: { readonly access: AccessReader }; clock: Clock }) {
    this.store = options.store;
    this.clock = options.clock;
    this.uses = new TokenUses(options.store.access, options.clock);
  }

  /** The owner of the bearer token in an Authorization header; undefined when there is none or it is not known. */
  async identify(header: string | undefined): Promise<Identity | undefined> {
    const token = tokenOf(header);
    if (token === undefined) return undefined;
    const hash = tokenHash(token);
    const credential = await this.credentialOf(hash);
    if (credential !== undefined) this.uses.note(credential);
    return credential && { ...credential, tokenId: hash.slice(0, TOKEN_ID_CHARS) };
  }

  /** The owner of the session with this secret. */
  async identifySession(secret: string): Promise<Identity | undefined> {
    if (secret.length > HEADER_MAX_CHARS) return undefined;
    const sha256 = tokenHash(secret);
    const found = await this.store.access.session(sha256);
    if (found === undefined) return undefined;
    this.uses.note(found);
    const { expires, mustChangePassword, ...credential } = found;
    const session = { sha256, expires, mustChangePassword };
    return { ...credential, tokenId: sha256.slice(0, TOKEN_ID_CHARS), session };
  }

  private async credentialOf(hash: string): Promise<Credential | undefined> {
    const known = this.remembered.get(hash);
    if (known !== undefined && known.until > this.clock.monotonic()) return known.credential;
    this.remembered.delete(hash);
    const credential = await this.store.access.token(hash);
    if (credential?.owner.kind === 'File') this.remember(hash, credential);
    return credential;
  }

  private remember(hash: string, credential: Credential): void {
    const oldest = this.remembered.keys().next();
    if (this.remembered.size >= REMEMBERED_MAX && !oldest.done) this.remembered.delete(oldest.value);
    this.remembered.set(hash, { credential, until: this.clock.monotonic() + REMEMBERED_MS });
  }
}
