import type { Clock } from '../../base/index.js';
import type { Credential, Store } from '../store/index.js';

/** How exactly people are told when a token was used last. */
const NOTED_EVERY_MS = 60_000;
/** Tokens remembered; one that is forgotten is noted once more than it need be. */
const TOKENS_MAX = 10_000;

/** Notes the use of tokens, once a minute each at the most: no request waits for it, and most write nothing. */
export class TokenUses {
  private readonly access: Pick<Store['access'], 'tokenUsed'>;
  private readonly clock: Clock;
  /** Monotonic ms, by name of the Token, oldest first. */
  private readonly noted = new Map<string, number>();

  constructor(access: Pick<Store['access'], 'tokenUsed'>, clock: Clock) {
    this.access = access;
    this.clock = clock;
  }

  note({ token }: Credential): void {
    if (token === undefined) return;
    const now = this.clock.monotonic();
    const before = this.noted.get(token);
    if (before !== undefined && now - before < NOTED_EVERY_MS) return;
    this.noted.delete(token);
    this.noted.set(token, now);
    if (this.noted.size > TOKENS_MAX) this.noted.delete(this.noted.keys().next().value ?? '');
    // A store that takes no writes now is no reason to refuse somebody who reads.
    this.access.tokenUsed(token, NOTED_EVERY_MS).catch(() => this.noted.delete(token));
  }
}
