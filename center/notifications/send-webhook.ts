// The same news for programs: one JSON document by POST, with a signature.
import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Notification } from '../store/notifications/notification-book.js';
import { checkedAddress, inTime, isAllowed } from './allowed-hosts.js';
import { DeliveryError } from './delivery-error.js';

/** What takes longer is given up, ms. */
const WEBHOOK_LIMIT_MS = 5_000;

export interface WebhookAbout {
  /** Same for each try: who gets it twice can tell. */
  readonly id: string;
  readonly namespace: string;
  readonly notifier: string;
}

export interface WebhookWays {
  readonly url: string;
  /** Key of the signature. */
  readonly secret?: string;
  readonly allowed: readonly string[];
  readonly signal: AbortSignal;
  /** Wall time, ms. */
  readonly now: number;
}

export function webhookBody({ id, namespace, notifier }: WebhookAbout, notifications: readonly Notification[]): string {
  const events = notifications.map(({ event, facts }) => ({ event, ...withInstants(facts) }));
  return JSON.stringify({ id, notifier: { namespace, name: notifier }, events });
}

/** Times as RFC 3339, as everywhere in the API. */
function withInstants(value: unknown): Record<string, unknown> {
  const entries = Object.entries(value as Record<string, unknown>).map(([key, inner]): [string, unknown] => {
    const isTime = typeof inner === 'number' && /^(time|since|.*Time)$/.test(key);
    if (isTime) return [key, new Date(inner).toISOString()];
    return [key, typeof inner === 'object' && inner !== null ? withInstants(inner) : inner];
  });
  return Object.fromEntries(entries);
}

/** `v1=` and the HMAC-SHA256, in hex, of the time in seconds, a point and the body. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** Throws DeliveryError for anything but an answer of 200 to 299. */
export async function sendWebhook(body: string, { id }: WebhookAbout, ways: WebhookWays): Promise<void> {
  const { url, secret, allowed, signal, now } = ways;
  const { protocol, hostname, port: given, host } = new URL(url);
  const port = given === '' ? (protocol === 'https:' ? 443 : 80) : Number(given);
  if (protocol !== 'https:' && !isAllowed(allowed, hostname, port)) {
    throw new DeliveryError(`${host}: plain http is for hosts that the center allows (--notify-allow)`, {
      certain: true,
    });
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WEBHOOK_LIMIT_MS)]);
  const address = await inTime(checkedAddress(hostname, port, allowed), limit, host);
  const seconds = Math.floor(now / 1000);
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'CloudTask',
    'cloudtask-delivery': id,
    'cloudtask-timestamp': String(seconds),
    ...(secret === undefined ? {} : { 'cloudtask-signature': signatureOf(secret, seconds, body) }),
  };
  const status = await post(url, { body, headers, address, limit, host });
  if (status >= 200 && status < 300) return;
  const moved = status >= 300 && status < 400 ? ', and no other URL is followed' : '';
  throw new DeliveryError(`${host}: the answer is ${status}${moved}`, { certain: true });
}

interface Post {
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly address: string;
  readonly limit: AbortSignal;
  readonly host: string;
}

/** The status of the answer; of the rest nothing is read, so that nobody learns through the center what is there. */
function post(url: string, { body, headers, address, limit, host }: Post): Promise<number> {
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    let connected = false;
    const request = send(url, {
      ...{ method: 'POST', headers, signal: limit, agent: false },
      // The address that was checked, whatever the name says by now.
      lookup: (_name, options, done) => {
        const family = isIP(address);
        if (options.all) (done as (error: null, all: object[]) => void)(null, [{ address, family }]);
        else done(null, address, family);
      },
    });
    // Nothing has been said before the handshake is done.
    const established = url.startsWith('https:') ? 'secureConnect' : 'connect';
    request.on('socket', (socket) => socket.once(established, () => (connected = true)));
    request.on('response', (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', (error: Error & { code?: string }) => {
      const why = limit.aborted ? 'does not answer in time' : (error.code ?? error.message);
      reject(new DeliveryError(`${host}: ${why}`, { certain: !connected }));
    });
    request.end(body);
  });
}
