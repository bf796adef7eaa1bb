// How an agent joins: it knows the center by the pin in its token before it says anything, and gets a certificate for its key.
//
//   POST /apis/cloudtask.dev/v1/agents/{name}/join         AgentJoin → AgentCertificate, without any other credential
//   POST /apis/cloudtask.dev/v1/agents/{name}/certificate  AgentRenewal → AgentCertificate, with the certificate so far

/** The name in the certificate that centers show to agents: agents ask for it whatever address they use, so that they need no
 * certificate for each name and address of a center. */
export const CENTER_TLS_NAME = 'center.cloudtask.internal';

export interface AgentJoin {
  /** `id.secret` of the join token. */
  readonly token: string;
  readonly cluster: string;
  /** PKCS #10, PEM. Its key counts, its names do not. */
  readonly request: string;
}

export interface AgentRenewal {
  readonly request: string;
}

export interface AgentCertificate {
  /** PEM. */
  readonly certificate: string;
  /** What the installation keeps its nodes of coordination closed with; absent where they are open, and where a certificate is renewed. */
  readonly coordinationSecret?: string;
}

export interface JoinToken {
  /** SHA-256 of the certificate (DER) of the center's authority, hex. */
  readonly pin: string;
  /** What the center is told: `id.secret`. The id is the name of the Token. */
  readonly credential: string;
}

const JOIN_TOKEN = /^ctj_([0-9a-f]{64})\.([a-z0-9][a-z0-9-]{0,252}\.[A-Za-z0-9_-]{43})$/;

export function formatJoinToken({ pin, credential }: JoinToken): string {
  return `ctj_${pin}.${credential}`;
}

/** undefined for what is no join token. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const [, pin, credential] = JOIN_TOKEN.exec(text.trim()) ?? [];
  return pin === undefined || credential === undefined ? undefined : { pin, credential };
}
