// Who is told of what: entries of Task, Namespace and Cluster, each of which names a Notifier.
import { type Static, type TProperties, Type } from '@sinclair/typebox';
import { Duration, LabelSelector, NAME_PATTERN } from './metadata.js';

/** Entries of one list. */
export const NOTIFY_MAX = 16;
/** Addresses of one entry, or of one Notifier. */
export const RECIPIENTS_MAX = 50;
/** Longest address that SMTP can carry. */
const ADDRESS_MAX = 254;
const ONE_LINE = '^[^\\n\\r\\u0000]*$';

export const RUN_EVENTS = [
  'Failed',
  'Succeeded',
  'Recovered',
  'Missed',
  'Lost',
  'Late',
  'LongerThan',
  'NoEligibleAgent',
  'Resolved',
] as const;
/** What can be told of a run, or of its task. */
export type RunEvent = (typeof RUN_EVENTS)[number];
export const AGENT_EVENTS = ['AgentOffline', 'AgentOnline'] as const;
/** What can be told of an agent. */
export type AgentEvent = (typeof AGENT_EVENTS)[number];

export const CLUSTER_EVENTS = [
  ...AGENT_EVENTS,
  'ClockSuspect',
  'NoAgents',
  'NothingFires',
  'CenterLost',
  'CoordinationUnreachable',
  'StoreUnreachable',
  'Resolved',
] as const;
/** What can be told of a cluster and its installation. */
export type ClusterEvent = (typeof CLUSTER_EVENTS)[number];

/** What a Notifier can be told, tests aside. */
export const NOTIFY_EVENTS = [...new Set([...RUN_EVENTS, 'Flapping', ...CLUSTER_EVENTS] as const)];
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

export const Recipients = (description: string) =>
  Type.Array(Type.String({ format: 'email-address', maxLength: ADDRESS_MAX }), {
    minItems: 1,
    maxItems: RECIPIENTS_MAX,
    description,
    examples: [['ops@example.com']],
  });

const shared = (where: string) => ({
  notifier: Type.String({ pattern: NAME_PATTERN, maxLength: 253, description: `Name of a Notifier of ${where}.` }),
  to: Type.Optional(Recipients('Addresses that get the mail instead of those of the Notifier. Not for webhooks.')),
  subject: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: ONE_LINE,
      description: 'Stands in the subject in front of what has happened, instead of "[CloudTask]": one line.',
    }),
  ),
  text: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4096, description: 'What to do about it, for those who read the mail.' }),
  ),
});

const Flapping = Type.Object(
  {
    changes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 50,
        default: 5,
        description: 'Changes between failing and succeeding that are told one by one; 0: all.',
      }),
    ),
    window: Type.Optional(Duration('Within this time, and steady when there is none for so long.', { default: '1h' })),
  },
  {
    additionalProperties: false,
    description:
      'A task that changes more often is told of once, as flapping, and then not until it is steady. Not together with after.',
  },
);

const runNotify = <T extends TProperties>(where: string, description: string, whose: T) =>
  Type.Array(
    Type.Object(
      {
        on: Type.Optional(
          Type.Array(Type.Union(RUN_EVENTS.map((event) => Type.Literal(event))), {
            minItems: 1,
            default: ['Failed', 'Recovered', 'Missed', 'Lost'],
            description:
              'What is told: Failed, which TimedOut is too; Succeeded; Recovered: it succeeded, and the run before it had not; Missed; Lost; Late: it was not started within lateAfter of its time point; LongerThan: it still ran after longerThan; NoEligibleAgent: no agent may run the task; Resolved: one may again.',
          }),
        ),
        longerThan: Type.Optional(
          Duration('A run that runs for longer is told of, once, while it runs. Goes with on: LongerThan.', {
            examples: ['30m'],
          }),
        ),
        lateAfter: Type.Optional(
          Duration(
            'A time point that is not started within this time is told of, once. Jitter counts. 1m unless given. Goes with on: Late.',
            { examples: ['5m'] },
          ),
        ),
        after: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1000,
            default: 1,
            description:
              'Failures in a row, of any kind, after which it is told, once; and when the task has recovered from these.',
          }),
        ),
        flapping: Type.Optional(Flapping),
        ...whose,
        ...shared(where),
      },
      { additionalProperties: false, description: 'One Notifier, and what it is told.' },
    ),
    { maxItems: NOTIFY_MAX, description },
  );

export const TaskNotify = runNotify(
  'the same namespace',
  'Who is told how runs end, instead of whom the Namespace names. An empty list: nobody.',
  {},
);
/** Which of the tasks an entry is about. */
const selector = Type.Optional({ ...LabelSelector, description: 'Only of tasks with these labels.' });
export const NamespaceNotify = runNotify(
  'the namespace itself',
  'Who is told how runs of its tasks end, for tasks without notify of their own. An empty list: nobody.',
  { selector },
);
export const ClusterRunNotify = runNotify(
  'the namespace cloudtask-system',
  'Who is told how runs of its tasks end, for tasks that have no notify, in namespaces that have none.',
  {
    selector,
    namespaces: Type.Optional(
      Type.Array(Type.String({ pattern: NAME_PATTERN, maxLength: 253 }), {
        minItems: 1,
        maxItems: 100,
        description: 'Only of tasks of these namespaces.',
      }),
    ),
  },
);
/** An entry about runs, wherever it stands. */
export type RunNotify = Static<typeof ClusterRunNotify>[number];

export const ClusterNotify = Type.Array(
  Type.Object(
    {
      on: Type.Optional(
        Type.Array(Type.Union(CLUSTER_EVENTS.map((event) => Type.Literal(event))), {
          minItems: 1,
          default: [...CLUSTER_EVENTS],
          description:
            'What is told: the registration of an agent is gone (AgentOffline), or is there (AgentOnline); the clock of an agent is wrong (ClockSuspect); the cluster has tasks and no agents (NoAgents). Of the whole installation: time points are due and nothing fires (NothingFires), a center is gone (CenterLost), a center cannot reach ZooKeeper (CoordinationUnreachable) or could not reach the store (StoreUnreachable). Resolved: one of these is over.',
        }),
      ),
      ...shared('the namespace cloudtask-system'),
    },
    { additionalProperties: false, description: 'One Notifier, and what it is told.' },
  ),
  {
    maxItems: NOTIFY_MAX,
    description: 'Who is told of the agents of the cluster, and of what is wrong with the installation.',
  },
);
export type ClusterNotify = Static<typeof ClusterNotify>[number];
