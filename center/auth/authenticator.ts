import type { Clock } from '../../base/index.js';
import type { Store, TokenRow } from '../store/index.js';
import { tokenHash } from './token-files.js';

/** Valid tokens remembered, and for how long: so long a token that was taken away may still work. */
const REMEMBERED_MAX = 1000;
const REMEMBERED_MS = 10_000;

/** Longer headers are no token of ours and are not worth hashing. */
const HEADER_MAX_CHARS = 512;

/** Enough to tell tokens apart, and no help in finding one: a token has 256 bits. */
const TOKEN_ID_CHARS = 12;

export interface Identity extends TokenRow {
  readonly tokenId: string;
}

function tokenOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > HEADER_MAX_CHARS) return undefined;
  return /^Bearer +(\S+) *$/i.exec(header)?.[1];
}

/**
 * Says who sends a request. A token is only ever compared by its SHA-256, so that how long the comparison takes tells
 * nothing about a token that would be valid.
 */
export class Authenticator {
  private readonly store: Pick<Store, 'findToken'>;
  private readonly clock: Clock;
  private readonly remembered = new Map<string, { row: TokenRow; until: number }>();

  constructor(options: { store: Pick<Store, 'findToken'>; clock: Clock }) {
    this.store = options.store;
    this.clock = options.clock;
  }

  /** As `authenticate`, and which token it is, for the audit: the beginning of its SHA-256. */
  async identify(header: string | undefined): Promise<Identity | undefined> {
    const token = tokenOf(header);
    if (token === undefined) return undefined;
    const hash = tokenHash(token);
    const row = await this.ownerOf(hash);
    return row === undefined ? undefined : { ...row, tokenId: hash.slice(0, TOKEN_ID_CHARS) };
  }

  /** The owner of the bearer token in an Authorization header; undefined when there is none or it is not known. */
  async authenticate(header: string | undefined): Promise<TokenRow | undefined> {
    const token = tokenOf(header);
    return token === undefined ? undefined : this.ownerOf(tokenHash(token));
  }

  private async ownerOf(hash: string): Promise<TokenRow | undefined> {
    const known = this.remembered.get(hash);
    if (known !== undefined && known.until > this.clock.monotonic()) return known.row;
    this.remembered.delete(hash);
    const row = await this.store.findToken(hash);
    if (row !== undefined) this.remember(hash, row);
    return row;
  }

  private remember(hash: string, row: TokenRow): void {
    const oldest = this.remembered.keys().next();
    if (this.remembered.size >= REMEMBERED_MAX && !oldest.done) this.remembered.delete(oldest.value);
    this.remembered.set(hash, { row, until: this.clock.monotonic() + REMEMBERED_MS });
  }
}
