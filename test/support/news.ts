// News of each kind, as the outbox holds them.
import type { NewsContext } from '../../center/notifications/describe-news.js';
import type { Notification, NotifyWords, RunFacts } from '../../center/store/notifications/notification-book.js';

export const NEWS_TIME = Date.UTC(2026, 0, 1, 6);
export const EXTERNAL_URL = 'https://tasks.example.com';

export interface News {
  readonly notification: Notification;
  readonly context: NewsContext;
}

let ids = 0;

export function runNews(
  event: Notification['event'],
  extra: Partial<RunFacts> & NotifyWords = {},
  output: readonly string[] = [],
): News {
  const facts = {
    ...{ about: 'Run', uid: 'u', name: 'payment-reconcile-29456', namespace: 'billing', task: 'payment-reconcile' },
    ...{ slot: '', state: 'Failed', trigger: 'Schedule', attempts: 2, exitCode: 3, agent: 'eu-1' },
    ...{ scheduledTime: NEWS_TIME, startTime: NEWS_TIME, endTime: NEWS_TIME + 90_000 },
    ...extra,
  } as RunFacts;
  const notification = { id: ++ids, event, attempts: 1, facts };
  return { notification, context: { output, nextTime: NEWS_TIME + 3_600_000, externalUrl: EXTERNAL_URL } };
}

export function agentNews(event: Notification['event'], agent = 'eu-1'): News {
  const facts = { about: 'Agent', agent, cluster: 'eu', hostname: `${agent}.example.com`, time: NEWS_TIME } as const;
  return {
    notification: { id: ++ids, event, attempts: 1, facts },
    context: { output: [], externalUrl: EXTERNAL_URL },
  };
}

export function testNews(): News {
  return {
    notification: { id: ++ids, event: 'Test', attempts: 1, facts: { about: 'Test', user: 'ann', time: NEWS_TIME } },
    context: { output: [], externalUrl: EXTERNAL_URL },
  };
}
