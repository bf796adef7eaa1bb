// A mail server on loopback, and what it was handed.
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Test } from 'tap';
import { Emitter } from '../../base/index.js';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** By name in lower case, unfolded. */
  readonly headers: Readonly<Record<string, string>>;
  /** All parts, decoded. */
  readonly body: string;
}

export class MailServer {
  readonly mails: ReceivedMail[] = [];
  readonly events = new Emitter<{ mail: ReceivedMail; data: { taken(): void } }>();
  port = 0;
  /** Mails are read and neither taken nor refused, until somebody says so. */
  stalls = false;
  private readonly options: SMTPServerOptions;
  private server: SMTPServer | undefined;

  constructor(options: SMTPServerOptions = {}) {
    this.options = options;
  }

  /** On the port of before, if there was one. */
  async start(): Promise<void> {
    const server = new SMTPServer({
      ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false, closeTimeout: 100 },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom === false ? '' : mailFrom.address;
          const mail = readMail(
            Buffer.concat(chunks).toString('latin1'),
            from,
            rcptTo.map(({ address }) => address),
          );
          const taken = () => {
            this.mails.push(mail);
            this.events.emit('mail', mail);
            done();
          };
          if (!this.stalls) return taken();
          this.events.emit('data', { taken });
        });
      },
      ...this.options,
    });
    server.on('error', () => undefined); // connections that are cut are part of what is tested
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.server.address() as AddressInfo).port;
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Resolves when so many have been taken. */
  async received(count: number, signal: AbortSignal): Promise<readonly ReceivedMail[]> {
    if (this.mails.length < count) await this.events.next('mail', () => this.mails.length >= count, signal);
    return this.mails;
  }
}

export async function startMailServer(t: Test, options: SMTPServerOptions = {}): Promise<MailServer> {
  const server = new MailServer(options);
  await server.start();
  t.teardown(() => server.stop());
  return server;
}

function readMail(raw: string, from: string, to: readonly string[]): ReceivedMail {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const headers: Record<string, string> = {};
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const at = line.indexOf(':');
    headers[line.slice(0, at).toLowerCase()] = words(line.slice(at + 1).trim());
  }
  return { from, to, headers, body: quotedPrintable(raw.slice(head.length)) };
}

/** Encoded words of headers (RFC 2047). */
function words(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_all, way: string, value: string) =>
      way.toLowerCase() === 'b'
        ? Buffer.from(value, 'base64').toString('utf8')
        : quotedPrintable(value.replaceAll('_', ' ')),
    );
}

function quotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}
