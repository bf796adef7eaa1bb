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
  const notification = { id: ++ids, key: `k${ids}`, event, attempts: 1, facts };
  return { notification, context: { output, nextTime: NEWS_TIME + 3_600_000, externalUrl: EXTERNAL_URL } };
}

export function agentNews(event: Notification['event'], agent = 'eu-1'): News {
  const facts = { about: 'Agent', agent, cluster: 'eu', hostname: `${agent}.example.com`, time: NEWS_TIME } as const;
  return {
    notification: { id: ++ids, key: `k${ids}`, event, attempts: 1, facts },
    context: { output: [], externalUrl: EXTERNAL_URL },
  };
}

export function testNews(): News {
  return {
    notification: {
      id: ++ids,
      key: `k${ids}`,
      event: 'Test',
      attempts: 1,
      facts: { about: 'Test', user: 'ann', time: NEWS_TIME },
    },
    context: { output: [], externalUrl: EXTERNAL_URL },
  };
}

const MINUTE = 60_000;
const failing = { since: NEWS_TIME - 120 * MINUTE, runs: 3 };
const OUTPUT = [
  ...['reading 12,408 payments of 2025-12-31', 'matching with the ledger of the bank'],
  ...['account 4711: balance differs by 0.03 EUR', 'account 4712: balance differs by 120.00 EUR', ''],
  ...['Traceback (most recent call last):', '  File "/srv/billing/reconcile.py", line 212, in <module>'],
  ...['    main()', '  File "/srv/billing/reconcile.py", line 187, in main'],
  ...[
    '    raise Unbalanced(f"{len(wrong)} accounts differ, the first of them is {wrong[0].name} of {wrong[0].owner}")',
  ],
  'reconcile.Unbalanced: 2 accounts differ, the first of them is 4711 of Example Trading',
];

/** A mail about each kind of event, and one about many. */
export function mailsOfEachKind(): Readonly<Record<string, readonly News[]>> {
  const previews = { task: 'previews', name: 'previews-29456', namespace: 'billing' };
  const text = 'Look at the queue first, then call Ann.\nThe bank answers until 17:00.';
  const message = 'the deadline of 10m had passed when an agent came back';
  return {
    failed: [runNews('Failed', { failing, text }, OUTPUT)],
    'timed-out': [runNews('Failed', { state: 'TimedOut', message: 'it ran longer than 1m30s', attempts: 1 }, OUTPUT)],
    lost: [
      runNews(
        'Lost',
        { ...previews, state: 'Lost', message: 'agent eu-1 is gone, and nobody knows how it ended' },
        OUTPUT,
      ),
    ],
    missed: [missed(previews, message)],
    recovered: [runNews('Recovered', { state: 'Succeeded', exitCode: 0, failing, attempts: 1 })],
    succeeded: [runNews('Succeeded', { state: 'Succeeded', exitCode: 0, attempts: 1 })],
    'agent-offline': [agentNews('AgentOffline')],
    'agent-online': [agentNews('AgentOnline')],
    test: [testNews()],
    many: [
      ...['eu-1', 'eu-2'].map((agent) => agentNews('AgentOffline', agent)),
      runNews('Failed', { failing }, OUTPUT),
      missed(previews, message),
      ...['ledger', 'invoices'].map((task) =>
        runNews('Recovered', { task, name: `${task}-7`, state: 'Succeeded', failing }),
      ),
    ],
  };
}

/** It never started. */
function missed(of: object, message: string): News {
  const { notification, context } = runNews('Missed', { ...of, state: 'Missed', message, attempts: 0 });
  const { startTime: _, agent: __, exitCode: ___, ...facts } = notification.facts as RunFacts;
  return { notification: { ...notification, facts }, context };
}
