// Agents by their certificates: who joins, who renews, and who sends a request.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, CloudTaskError } from '../../../base/index.js';
import { type AgentJoin, formatJoinToken } from '../../../manifests/index.js';
import type { Store } from '../../store/index.js';
import type { Identity } from '../authenticator.js';
import { tokenHash } from '../token-files.js';
import { AGENTS, type Authority, type Issued } from './authority.js';

const TOKEN_ID_CHARS = 12;

/** A certificate of the authority for an agent, as the socket shows it. */
interface Shown {
  readonly agent: string;
  readonly identity: string;
  readonly expires: number;
  readonly fingerprint: string;
}

export interface AgentCertificatesOptions {
  readonly authority: Authority;
  readonly store: Pick<Store, 'access'>;
  readonly clock: Clock;
  /** How long a certificate is good for, ms. */
  readonly lifetimeMs: number;
  /** The token that all agents share is taken too. */
  readonly allowSharedToken: boolean;
}

export class AgentCertificates {
  readonly allowSharedToken: boolean;
  private readonly options: AgentCertificatesOptions;
  private readonly shown = new WeakMap<Socket, Shown>();

  constructor(options: AgentCertificatesOptions) {
    this.options = options;
    this.allowSharedToken = options.allowSharedToken;
  }

  /** What is shown once to whoever makes a join token. */
  joinToken(id: string, secret: string): string {
    return formatJoinToken({ pin: this.options.authority.pin, credential: `${id}.${secret}` });
  }

  /**
   * The agent whose certificate the sender has shown, whatever else is sent; undefined without one of the authority. Asked of the store each
   * time: what was taken out of force is of no use any more. Throws CT_UNAUTHORIZED.
   */
  async identify(socket: Socket): Promise<Identity | undefined> {
    const shown = this.shown.get(socket) ?? shownBy(socket);
    if (shown === undefined) return undefined;
    this.shown.set(socket, shown);
    const { agent: name, identity: uid, expires, fingerprint } = shown;
    if (expires <= this.options.clock.now()) {
      throw new CloudTaskError('CT_UNAUTHORIZED', `the certificate of agent "${name}" has expired`);
    }
    const known = await this.options.store.access.agentIdentity(name, uid);
    if (known === undefined) {
      throw new CloudTaskError('CT_UNAUTHORIZED', {
        detail: `the certificate of agent "${name}" is out of force`,
        hint: 'an agent that was deleted, or has joined anew elsewhere, must join again with an empty data directory',
      });
    }
    const owner = { kind: 'Agent', name, uid, cluster: known.cluster } as const;
    return { owner, expires, tokenId: fingerprint.slice(0, TOKEN_ID_CHARS) };
  }

  /** Throws what AccessBook.joinAgent throws, and CT_BAD_REQUEST for a request that is none. */
  async join(agent: string, { token, cluster, request }: AgentJoin): Promise<Issued> {
    const { authority, store, clock, lifetimeMs } = this.options;
    const [tokenName = '', secret = ''] = token.split('.', 2);
    const key = (await import('./x509.js')).keyOfRequest(request);
    const { identity } = await store.access.joinAgent({
      ...{ agent, cluster, tokenName, tokenSha256: tokenHash(secret) },
      keySha256: createHash('sha256')
        .update(key.export({ type: 'spki', format: 'der' }))
        .digest('hex'),
      expires: clock.now() + lifetimeMs,
    });
    return authority.issueAgent(request, { name: agent, identity }, lifetimeMs);
  }

  /** Another certificate for an agent that has one, and may have another key. */
  async renew(agent: { name: string; identity: string }, request: string): Promise<Issued> {
    const { authority, store, lifetimeMs } = this.options;
    const issued = await authority.issueAgent(request, agent, lifetimeMs);
    await store.access.noteCertificate(agent.name, issued.expires);
    return issued;
  }
}

/** Why the certificate that somebody has shown does not count; undefined when there is none, or it does. */
export function certificateProblem(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || socket.authorized || !socket.getPeerX509Certificate()) return undefined;
  return String(socket.authorizationError ?? 'it is not of the authority of this center');
}

function shownBy(socket: Socket): Shown | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject, valid_to: end, fingerprint256 } = socket.getPeerCertificate();
  if (subject?.O !== AGENTS) return undefined;
  const { CN: agent, serialNumber: identity } = subject as unknown as Record<string, unknown>;
  if (typeof agent !== 'string' || typeof identity !== 'string') return undefined;
  const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase();
  return { agent, identity, expires: Date.parse(end), fingerprint };
}
