// PagerDuty: Events API v2 (https://developer.pagerduty.com/docs/send-alert-event). A task that fails opens an incident, further failures
// of it belong to the same one, and its recovery resolves it.
import { createHash } from 'node:crypto';
import type {
  Notification,
  NotificationEvent,
  NotificationFacts,
} from '../../store/notifications/notification-book.js';
import type { NewsWords } from '../describe-news.js';
import { oneLine } from '../plain-text.js';
import type { WebhookFormat, WebhookMessage, WebhookNews } from './webhook-format.js';

const SUMMARY_MAX = 1_024;
const KEY_MAX = 255;

export const pagerDuty: WebhookFormat = {
  url: 'https://events.pagerduty.com/v2/enqueue',
  outputs: 20,
  incidents: true,
  compose: (news) => {
    // What has come since is told with the last of it: what is over already wakes nobody.
    const last = new Map<string, number[]>();
    news.notifications.forEach((notification, index) => {
      const key = incidentOf(notification, news.words[index]!, news.about.id);
      last.set(key, [...(last.get(key) ?? []), index]);
    });
    return [...last].map(([key, indexes]) => messageOf(key, indexes, news));
  },
};

function messageOf(
  key: string,
  indexes: readonly number[],
  { notifications, words, about, secret }: WebhookNews,
): WebhookMessage {
  const at = indexes.at(-1)!;
  const one = words[at]!;
  const { facts } = notifications[at]!;
  const shared = { routing_key: secret ?? '', dedup_key: key };
  if (one.alarm === 'resolve') return { of: indexes, body: JSON.stringify({ ...shared, event_action: 'resolve' }) };
  const { title, why, word, output, text, links, commands } = one;
  const body = {
    ...{ ...shared, event_action: 'trigger', client: 'CloudTask' },
    ...(links[0] === undefined ? {} : { client_url: links[0].url }),
    links: links.map(({ label, url }) => ({ href: url, text: label })),
    payload: {
      summary: oneLine(`${title}: ${why}`, SUMMARY_MAX),
      source: sourceOf(one, notifications[at]!),
      severity: one.alarm,
      timestamp: timeOf(facts),
      ...(facts.about === 'Run' ? { component: facts.task } : {}),
      ...{ group: facts.about === 'Run' ? facts.namespace : about.namespace, class: word },
      custom_details: {
        ...Object.fromEntries(one.facts),
        ...(indexes.length === 1 ? {} : { 'Events of it': indexes.length }),
        ...(text === undefined ? {} : { 'What to do': text.trim() }),
        ...(output.length === 0 ? {} : { 'Last lines of output': output.join('\n') }),
        ...(commands.length === 0 ? {} : { 'Look closer': commands.join('\n') }),
      },
    },
  };
  return { of: indexes, body: JSON.stringify(body) };
}

/** When it happened, as far as it is known: of a run that is open yet, when it began or should have. */
function timeOf(facts: Notification['facts']): string | undefined {
  const time = facts.about === 'Run' ? (facts.endTime ?? facts.startTime ?? facts.scheduledTime) : facts.time;
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** Where it happened: the machine, as far as it is known. */
function sourceOf({ about }: NewsWords, { facts }: Notification): string {
  return oneLine(facts.about === 'Run' ? (facts.agent ?? about) : about);
}

/** The incident that it belongs to: of a task, by slot, or of an agent. A test is one of its own. */
function incidentOf({ facts, event }: Notification, { about }: NewsWords, id: string): string {
  const slot = facts.about === 'Run' && facts.slot !== '' ? ` slot ${facts.slot}` : '';
  const key = `cloudtask/${event === 'Test' ? `test ${id}` : `${kindOf(event, facts)}${about}${slot}`}`;
  return key.length <= KEY_MAX ? key : `cloudtask/${createHash('sha256').update(key).digest('hex')}`;
}

/** One thing may be wrong in several ways, and each is over by itself: runs that fail when one succeeds, a run that is late when it begins. */
function kindOf(event: NotificationEvent, facts: NotificationFacts): string {
  if (facts.about === 'Alarm') return `${facts.resolves ?? event} `;
  const overdue = facts.about === 'Run' ? (facts.ends ?? event) : undefined;
  return overdue === 'Late' || overdue === 'LongerThan' ? `${overdue} ` : '';
}
