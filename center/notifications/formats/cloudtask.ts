// Our own: everything that is known of each event, with a signature.
import { createHmac } from 'node:crypto';
import type { WebhookFormat } from './webhook-format.js';

export const cloudTask: WebhookFormat = {
  outputs: 0,
  compose: ({ about, notifications, words, secret, now }) => {
    const { id, namespace, notifier } = about;
    const events = notifications.map(({ event, facts }, index) => {
      const { links } = words[index]!;
      return { event, ...withInstants(facts), ...(links.length === 0 ? {} : { links }) };
    });
    const body = JSON.stringify({ id, notifier: { namespace, name: notifier }, events });
    const seconds = Math.floor(now / 1000);
    const headers = {
      'cloudtask-delivery': id,
      'cloudtask-timestamp': String(seconds),
      ...(secret === undefined ? {} : { 'cloudtask-signature': signatureOf(secret, seconds, body) }),
    };
    return [{ body, headers }];
  },
};

/** `v1=` and the HMAC-SHA256, in hex, of the time in seconds, a point and the body. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** Times as RFC 3339, as everywhere in the API. */
function withInstants(value: unknown): Record<string, unknown> {
  const entries = Object.entries(value as Record<string, unknown>).map(([key, inner]): [string, unknown] => {
    const isTime = typeof inner === 'number' && /^(time|since|.*Time)$/.test(key);
    if (isTime) return [key, new Date(inner).toISOString()];
    const isMap = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return [key, isMap ? withInstants(inner) : inner];
  });
  return Object.fromEntries(entries);
}
