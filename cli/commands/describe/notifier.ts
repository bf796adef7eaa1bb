import {
  type NotificationEntry,
  type Notifier,
  type NotifierUse,
  type QuietHours,
  webhookTarget,
} from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';
import { isoTime } from '../../output/times.js';

const NONE = '<none>';

/** Of the latest notifications. */
const SHOWN = 10;

/** Where it sends to, whether that works, what names it and what it has told. Of a webhook only the host: the rest of the URL may be a
 * credential. */
export async function describeNotifier(object: Notifier, description: Description, deps: CliDeps): Promise<void> {
  const { metadata, spec, status = {} } = object;
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
  const api = await deps.api();
  const path = (part: string) => resourcePath('notifiers', metadata.namespace, metadata.name, part);
  const uses = await api.get<{ items: NotifierUse[] }>(path('uses'));
  description.table(
    'Named By',
    ['Kind', 'Name', 'On'],
    uses.items.map(({ kind, name, on }) => [kind, name, on.join(',')]),
  );
  const latest = await api.get<{ items: NotificationEntry[] }>(path('notifications'));
  description.table(
    'Latest Notifications',
    ['Event', 'About', 'State', 'Time', 'Error'],
    latest.items
      .slice(0, SHOWN)
      .map(({ event, regarding, run, state, time, error }) => [
        ...[event, run ?? regarding?.name ?? NONE, state, isoTime(Date.parse(time))],
        error ?? NONE,
      ]),
  );
}

function quietWords({ from, to, timeZone = 'UTC', weekdays, except }: QuietHours): string {
  const days = weekdays === undefined ? '' : ` ${weekdays.join(', ')}`;
  return `${from} to ${to} ${timeZone}${days}${except === undefined ? '' : `, except ${except.join(', ')}`}`;
}
