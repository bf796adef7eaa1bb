// How agents come to their certificates: see manifests/protocol/join.ts.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import type { AgentCertificate, AgentJoin, AgentRenewal } from '../../../manifests/index.js';
import type { AgentCertificates, Issued } from '../../auth/index.js';
import { parametersOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { requireAgentName } from './agent-protocol.js';

const AGENT = `${GROUP_PATH}/agents/:name`;
/** A request for a key on P-256 has half a kilobyte. */
const BODY_MAX_BYTES = 16 * 1024;

export function agentCertificateRoutes(context: ApiContext): Route[] {
  const common = { method: 'POST', kind: 'Agent', bodyLimit: BODY_MAX_BYTES } as const;
  return [
    {
      ...{ ...common, path: `${AGENT}/join`, verb: 'join', role: 'none' },
      summary: 'Get a first certificate for an agent, by a join token (`token`, `cluster`, `request`)',
      handle: (request) => join(context, request),
    },
    {
      ...{ ...common, path: `${AGENT}/certificate`, verb: 'renew', role: 'agent' },
      summary: 'Get another certificate for an agent, by the one that it has (`request`)',
      handle: (request, _reply, user) => renew(context, request, user),
    },
  ];
}

/** Each one leaves an entry in the audit, refused ones as long as they are few. */
async function join(context: ApiContext, request: FastifyRequest): Promise<AgentCertificate> {
  const agents = requireAuthority(context);
  const { name = '' } = parametersOf(request);
  requireAgentName(name);
  const { token, cluster, request: csr } = (request.body ?? {}) as Partial<Record<keyof AgentJoin, unknown>>;
  if (typeof token !== 'string' || typeof cluster !== 'string' || typeof csr !== 'string') {
    throw new CloudTaskError('CT_BAD_REQUEST', 'the body must be {"token", "cluster", "request"}');
  }
  const source = { requestId: request.id, sourceIP: request.ip, verb: 'join' };
  const about = { kind: 'Agent', namespace: '', name } as const;
  try {
    const issued = await agents.join(name, { token, cluster, request: csr });
    await context.refusals.note({ ...source, ...about, user: `agent:${name}`, status: 200 });
    return reply(context, issued);
  } catch (error) {
    const status = error instanceof CloudTaskError ? error.row.http : 500;
    await context.refusals.note({ ...source, ...about, user: '', status });
    throw error;
  }
}

async function renew(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<AgentCertificate> {
  const agents = requireAuthority(context);
  if (user?.agent === undefined) {
    throw new CloudTaskError('CT_FORBIDDEN', 'a certificate is renewed with the certificate before it');
  }
  const { request: csr } = (request.body ?? {}) as Partial<Record<keyof AgentRenewal, unknown>>;
  if (typeof csr !== 'string') throw new CloudTaskError('CT_BAD_REQUEST', 'the body must be {"request"}');
  const { certificate } = await agents.renew(user.agent, csr);
  return { certificate };
}

/** Throws CT_NOT_FOUND. */
export function requireAuthority({ agents }: Pick<ApiContext, 'agents'>): AgentCertificates {
  if (agents !== undefined) return agents;
  throw new CloudTaskError('CT_NOT_FOUND', {
    detail: 'this center gives agents no certificates',
    hint: "it does with 'ctask center --tls'; without, agents use the file agent.token of its data directory",
  });
}

/** An agent takes part in coordination, so it gets the secret with the certificate that says who it is. */
function reply({ coordinationSecret }: ApiContext, { certificate }: Issued): AgentCertificate {
  return { certificate, ...(coordinationSecret === undefined ? {} : { coordinationSecret }) };
}
