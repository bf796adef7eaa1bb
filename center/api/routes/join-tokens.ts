// Tokens that agents join by. Whoever makes one lets a machine in that is then told the secrets of the tasks it gets.
import type { FastifyReply } from 'fastify';
import { CloudTaskError, parseDuration } from '../../../base/index.js';
import { newTokenSecret, tokenHash } from '../../auth/index.js';
import { bad } from '../request-options.js';
import { type Requester, requireMay } from '../requester.js';
import type { ApiContext } from '../route.js';
import { requireAuthority } from './agent-certificates.js';

const EXPIRES_DEFAULT_MS = 3_600_000;
const EXPIRES_MAX_MS = 24 * 3_600_000;
const USES_MAX = 1000;

export interface JoinTokenWish {
  readonly cluster: string;
  readonly uses?: unknown;
  readonly expires?: unknown;
  readonly description?: string;
  readonly scope?: unknown;
}

/** Throws CT_BAD_REQUEST, CT_FORBIDDEN, and CT_NOT_FOUND without an authority. */
export async function createJoinToken(
  context: ApiContext,
  wish: JoinTokenWish,
  reply: FastifyReply,
  user: Requester,
): Promise<object> {
  requireMay(user, { verb: 'create', kind: 'Token' });
  requireMay(user, { verb: 'join', kind: 'Agent' });
  const agents = requireAuthority(context);
  if (wish.scope !== undefined) throw bad('scope', 'agents join by the token, and do nothing else with it');
  const { uses = 1, description } = wish;
  if (!Number.isInteger(uses) || (uses as number) < 1 || (uses as number) > USES_MAX) {
    throw bad('uses', `it must be 1 to ${USES_MAX}`);
  }
  const expires = context.clock.now() + lifetimeOf(wish.expires);
  const most = user.identity?.expires;
  if (most !== undefined && expires > most) {
    throw new CloudTaskError('CT_FORBIDDEN', 'a token may not make another one that lives longer than itself');
  }
  const secret = newTokenSecret();
  const object = await context.store.access.createJoinToken(
    {
      ...{ sha256: tokenHash(secret), cluster: wish.cluster, uses: uses as number, expires, user: user.subject },
      ...(description === undefined ? {} : { description }),
    },
    user.audit,
  );
  reply.code(201);
  const { coordination } = context;
  const where = coordination === undefined ? {} : { coordination };
  return { token: agents.joinToken(object.metadata.name, secret), object, ...where };
}

/** ms. */
function lifetimeOf(value: unknown): number {
  if (value === undefined) return EXPIRES_DEFAULT_MS;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined || ms <= 0) throw bad('expires', `"${String(value)}" is not a duration such as 1h`);
  if (ms > EXPIRES_MAX_MS) throw bad('expires', 'a token that agents join by lives 24 hours at the most');
  return ms;
}
