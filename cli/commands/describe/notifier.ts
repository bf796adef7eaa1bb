import { type Notifier, type QuietHours, webhookTarget } from '../../../manifests/index.js';
import type { Description } from '../../output/description.js';
import { isoTime } from '../../output/times.js';

const NONE = '<none>';

/** Where it sends to, and whether that works. Of a webhook only the host: the rest of the URL may be a credential. */
export async function describeNotifier({ spec, status = {} }: Notifier, description: Description): Promise<void> {
  const { email, webhook, groupWait, quiet = [] } = spec;
  description.field('Description', spec.description ?? NONE);
  if (email !== undefined) {
    const { host, port, tls = 'StartTls', user, passwordFrom, from, to } = email;
    description
      .field('Mail Server', `${host}${port === undefined ? '' : `:${port}`} (${tls})`)
      .field('User', user === undefined ? NONE : `${user}, password of secret ${passwordFrom?.secret ?? NONE}`)
      .field('From', from)
      .field('To', to.join(', '));
  }
  if (webhook !== undefined) {
    description
      .field('Webhook', webhookTarget(webhook))
      .field('Format', webhook.format ?? 'CloudTask')
      .field(
        webhook.format === 'PagerDuty' ? 'Routing Key' : 'Signature',
        webhook.secretFrom === undefined ? NONE : `with secret ${webhook.secretFrom.secret}`,
      );
  }
  const { pending = 0, sent = 0, failed = 0, lastSentTime, lastError, lastErrorTime } = status;
  description
    .field('Group Wait', groupWait ?? '30s')
    .field('Quiet', quiet.length === 0 ? NONE : quiet.map(quietWords).join('; '))
    .field('Waiting', String(pending))
    .field('Last 7 Days', `${sent} sent, ${failed} given up`)
    .field('Last Sent', lastSentTime === undefined ? NONE : isoTime(Date.parse(lastSentTime)))
    .field('Last Error', lastError === undefined ? NONE : `${lastError} (${lastErrorTime ?? 'unknown'})`);
}

function quietWords({ from, to, timeZone = 'UTC', weekdays, except }: QuietHours): string {
  const days = weekdays === undefined ? '' : ` ${weekdays.join(', ')}`;
  return `${from} to ${to} ${timeZone}${days}${except === undefined ? '' : `, except ${except.join(', ')}`}`;
}
