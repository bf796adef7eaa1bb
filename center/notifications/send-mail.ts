// A mail, handed to a mail server.
import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Notifier } from '../../manifests/index.js';
import { checkedAddress, inTime } from './allowed-hosts.js';
import type { Mail } from './compose-mail.js';
import { codeWords, DeliveryError } from './delivery-error.js';
import { oneLine } from './plain-text.js';

type Email = NonNullable<Notifier['spec']['email']>;

/** What takes longer is given up, ms. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
export const MAIL_LIMIT_MS = 20_000;

const PORTS = { StartTls: 587, Tls: 465, None: 25 } as const;

export interface MailWays {
  readonly email: Email;
  readonly password?: string;
  readonly to: readonly string[];
  readonly allowed: readonly string[];
  readonly signal: AbortSignal;
}

/** Resolves with a sentence about recipients that the server refused while it took others. Throws DeliveryError. */
export async function sendMail(mail: Mail, ways: MailWays): Promise<string | undefined> {
  const { email, password, to, allowed, signal } = ways;
  const { host, tls = 'StartTls', user, from } = email;
  const port = email.port ?? PORTS[tls];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(MAIL_LIMIT_MS)]);
  const address = await inTime(checkedAddress(host, port, { allowed }), limit, host);
  const connection = await open(address, port, `${host}:${port}`, limit);
  const cut = () => connection.destroy(new Error('the mail server took too long'));
  limit.addEventListener('abort', cut, { once: true });
  const transport = createTransport({
    ...{ host, port, secure: tls === 'Tls', requireTLS: tls === 'StartTls', ignoreTLS: tls === 'None' },
    // What is sent is text of ours; none of it is a path or a URL to read.
    ...{ greetingTimeout: ANSWER_MS, socketTimeout: ANSWER_MS, disableFileAccess: true, disableUrlAccess: true },
    getSocket: (_options: unknown, done: (error: Error | null, socket: { connection: Socket }) => void) =>
      done(null, { connection }),
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
  });
  try {
    const { subject, text, html, messageId, references, inReplyTo, headers } = mail;
    const info = await transport.sendMail({
      ...{ from, to: [...to], subject, text, html, messageId, references, inReplyTo, headers },
      textEncoding: 'quoted-printable',
    });
    const refused = info.rejected;
    return refused.length === 0 ? undefined : `the mail server refused ${refused.join(', ')}`;
  } catch (error) {
    throw asDeliveryError(error, `${host}:${port}`);
  } finally {
    limit.removeEventListener('abort', cut);
    transport.close();
    connection.destroy();
  }
}

function open(address: string, port: number, name: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const failed = (why: string) => {
      socket.destroy();
      reject(new DeliveryError(`${name}: ${why}`, { certain: true }));
    };
    const aborted = () => failed('given up');
    const refused = (error: Error & { code?: string }) => failed(codeWords(error.code ?? error.message));
    socket.setTimeout(CONNECT_MS, () => failed('does not answer'));
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('error', refused);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.removeListener('error', refused);
      signal.removeEventListener('abort', aborted);
      resolve(socket);
    });
  });
}

const NO_TLS = '; of a server without TLS from the start: spec.email.tls: StartTls, or None';

function plainHint(code: string | undefined, message: string): string {
  const plain = code === 'ETLS' && message.includes('upgrading connection with STARTTLS');
  return plain ? '; of a server that has no STARTTLS: spec.email.tls: None, or Tls for TLS from the start' : '';
}

/** The library's errors, with what they say about whether the mail may have arrived. */
function asDeliveryError(error: unknown, name: string): DeliveryError {
  const { message, code, responseCode, command } = error as Error & {
    code?: string;
    responseCode?: number;
    command?: string;
  };
  // What OpenSSL says of an answer that is no TLS holds addresses of its own memory.
  const noTls = message.includes('wrong version number') || message.includes('packet length too long');
  const early = code === 'EAUTH' || code === 'ETLS' || noTls || message.startsWith('Greeting never received');
  const onlyThese = code === 'EENVELOPE' && command === 'RCPT TO';
  const why = noTls ? 'the answer is no TLS' : message;
  return new DeliveryError(`${oneLine(`${name}: ${why}`, 300)}${noTls ? NO_TLS : plainHint(code, message)}`, {
    certain: responseCode !== undefined || early,
    onlyThese,
  });
}
