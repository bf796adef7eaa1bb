// Passwords are kept as scrypt of them (RFC 7914), each with the parameters it was made with.
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { CloudTaskError } from '../../base/index.js';
import { PASSWORD_MAX_CHARS, passwordProblem } from '../../manifests/index.js';

/** OWASP's figures for scrypt: 128 MiB and a third of a second. Tests may take less. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
const COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** What scrypt needs is 128 · N · r bytes; a little more for itself. */
const MEMORY_SLACK = 1024 * 1024;
/** Derivations at a time, which is 256 MiB, and those that may wait for their turn: log-ins must not take the center's memory. */
const PARALLEL = 2;
const WAITING_MAX = 64;

export class PasswordHashes {
  private readonly cost: ScryptCost;
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly unknown: Promise<string>;

  constructor(cost: ScryptCost = COST) {
    this.cost = cost;
    const { N, r, p } = cost;
    const nobodys = randomBytes(KEY_BYTES).toString('base64');
    this.unknown = Promise.resolve(`scrypt$${N}$${r}$${p}$${randomBytes(SALT_BYTES).toString('base64')}$${nobodys}`);
  }

  /** Throws CT_BAD_REQUEST for a password that is too short or too long, CT_TOO_MANY_REQUESTS when too many wait. */
  async hash(password: string): Promise<string> {
    const problem = passwordProblem(password);
    if (problem !== undefined) throw new CloudTaskError('CT_BAD_REQUEST', problem);
    const salt = randomBytes(SALT_BYTES);
    const key = await this.derive(password, salt, this.cost);
    const { N, r, p } = this.cost;
    return `scrypt$${N}$${r}$${p}$${salt.toString('base64')}$${key.toString('base64')}`;
  }

  /** True when the password is the one of the hash. Takes as long without a hash. Throws CT_TOO_MANY_REQUESTS when too many wait. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const [scheme, ...parts] = (hash ?? (await this.unknown)).split('$');
    // A character has two units at the most; what is longer is nobody's password.
    if (password.length > 2 * PASSWORD_MAX_CHARS) return false;
    if (scheme === 'sha256') {
      // Of a secret that we made: there is nothing to guess. The derivation is for the time it takes.
      await this.verify(password, undefined);
      return timingSafeEqual(sha256(password), Buffer.from(parts[0] ?? '', 'hex'));
    }
    const [N, r, p, salt = '', key = ''] = parts;
    const expected = Buffer.from(key, 'base64');
    const actual = await this.derive(password, Buffer.from(salt, 'base64'), {
      N: Number(N),
      r: Number(r),
      p: Number(p),
    });
    return timingSafeEqual(actual, expected) && hash !== undefined;
  }

  /** True when the hash was made with less than what is usual now. */
  outdated(hash: string): boolean {
    const [scheme, N, r, p] = hash.split('$');
    const { cost } = this;
    return scheme === 'scrypt' && (Number(N) < cost.N || Number(r) < cost.r || Number(p) < cost.p);
  }

  private async derive(password: string, salt: Buffer, { N, r, p }: ScryptCost): Promise<Buffer> {
    if (this.running >= PARALLEL) {
      if (this.waiting.length >= WAITING_MAX)
        throw new CloudTaskError('CT_TOO_MANY_REQUESTS', 'too many log in at once');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      const maxmem = 128 * N * r + MEMORY_SLACK;
      return await new Promise((resolve, reject) => {
        // The same password however a keyboard composes it.
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        );
      });
    } finally {
      // Whoever waits takes over the place.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}

/** Of a secret with 256 random bits: see `verify`. */
export function hashOfSecret(secret: string): string {
  return `sha256$${sha256(secret).toString('hex')}`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
