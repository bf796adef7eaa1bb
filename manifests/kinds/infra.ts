import { type Static, Type } from '@sinclair/typebox';
import { CAPACITY_MAX } from '../cluster-limits.js';
import { Condition, Duration, kindSchema, LABEL_NAME_PATTERN, Timestamp } from './metadata.js';
import { ClusterNotify, ClusterRunNotify, NamespaceNotify } from './notify.js';

const MassLoss = Type.Object(
  {
    minAgents: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Fewer agents than this never stop the moves. 3 unless given.' }),
    ),
    percent: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'Share of the agents that must be gone, in percent. 30 unless given.',
      }),
    ),
    window: Type.Optional(Duration('Agents count that went within this time of one another. 60s unless given.')),
    holdFor: Type.Optional(
      Duration(
        'The tasks of the agents that are gone stay for at most this long. 5m unless given; 0s never stops moves.',
      ),
    ),
    releasedTime: Type.Optional(
      Timestamp('Agents that went before this do not stop moves any more; set by "ctask rebalance --release".'),
    ),
  },
  {
    additionalProperties: false,
    description: 'When many agents are gone at once, their tasks stay for a while: the network may be what is gone.',
  },
);

const RebalanceRequest = Type.Object(
  {
    id: Type.String({ maxLength: 64, description: 'Names the request.' }),
    digest: Type.String({
      maxLength: 64,
      description: 'Of the moves that were shown: exactly these are made, or none.',
    }),
  },
  { additionalProperties: false, description: 'Moves asked for; set by "ctask rebalance".' },
);

const RebalanceStatus = Type.Object(
  {
    request: Type.String({ description: 'The request this is about.' }),
    state: Type.Union([Type.Literal('Running'), Type.Literal('Done'), Type.Literal('Refused')], {
      description: 'Refused: the allocation was not any more as it was when the moves were computed.',
    }),
    moves: Type.Integer({ description: 'Moves of the request.' }),
    left: Type.Integer({ description: 'Moves that wait for a run to end.' }),
  },
  { additionalProperties: false, description: 'What became of the latest request to rebalance.' },
);

export const Cluster = kindSchema(
  'Cluster',
  'A named set of agents that share tasks.',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the cluster is for.' })),
      lostAfter: Type.Optional(
        Duration('An open run counts as Lost when its agent has been silent on ZooKeeper and HTTP for this long.', {
          default: '5m',
        }),
      ),
      rebalance: Type.Optional(
        Type.Union([Type.Literal('Manual'), Type.Literal('Slow')], {
          default: 'Slow',
          description:
            'Slow: when the busiest agent has owned over a quarter of the average more than the least busy one for five minutes, idle tasks move, one in a hundred a minute. Manual: only "ctask rebalance" moves them.',
        }),
      ),
      massLoss: Type.Optional(MassLoss),
      notify: Type.Optional(ClusterNotify),
      notifyRuns: Type.Optional(ClusterRunNotify),
      rebalanceRequest: Type.Optional(RebalanceRequest),
      unknownTasksForgottenTime: Type.Optional(
        Timestamp(
          'Trigger records of tasks that the store does not know, and that were found so before this, are deleted: an operator says that these tasks are gone. Of any cluster; it holds for all.',
        ),
      ),
    },
    { additionalProperties: false, description: 'What the user wants.' },
  ),
  Type.Object(
    {
      agents: Type.Optional(Type.Integer({ description: 'Agents that are Ready.' })),
      tasks: Type.Optional(Type.Integer({ description: 'Tasks of the cluster.' })),
      running: Type.Optional(Type.Integer({ description: 'Runs that are running.' })),
      rebalance: Type.Optional(RebalanceStatus),
      conditions: Type.Optional(Type.Array(Condition, { description: 'MovesStopped, RestoreGuard.' })),
    },
    { additionalProperties: false, description: 'What the center observed.' },
  ),
);
export type Cluster = Static<typeof Cluster>;

export const Namespace = kindSchema(
  'Namespace',
  'A folder of tasks with its own permissions.',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the namespace is for.' })),
      notify: Type.Optional(NamespaceNotify),
    },
    { additionalProperties: false, default: {}, description: 'What the user wants.' },
  ),
  Type.Object(
    { tasks: Type.Optional(Type.Integer({ description: 'Tasks in the namespace.' })) },
    { additionalProperties: false, description: 'What the center observed.' },
  ),
);
export type Namespace = Static<typeof Namespace>;

export const Agent = kindSchema(
  'Agent',
  'The process on one machine that runs tasks. It registers itself.',
  Type.Object(
    {
      cluster: Type.Optional(
        Type.String({ default: 'default', pattern: LABEL_NAME_PATTERN, description: 'Cluster the agent belongs to.' }),
      ),
      unschedulable: Type.Optional(
        Type.Boolean({ default: false, description: 'While true the agent gets no further tasks (cordon).' }),
      ),
      drain: Type.Optional(
        Type.Union([Type.Literal('WaitForRuns'), Type.Literal('IgnoreRuns')], {
          description:
            'While set the agent gets no further tasks and hands over those it has: each when its open run has ended (WaitForRuns), or all at once (IgnoreRuns).',
        }),
      ),
      cancelRunsTime: Type.Optional(
        Timestamp(
          'Runs that a drain still waits for at this time (WaitForRuns) are cancelled; set by "ctask drain --cancel-after".',
        ),
      ),
      capacity: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: CAPACITY_MAX,
          description:
            'Share of the tasks that the agent gets, in relation to the others of its cluster. Unless given, what the agent says of itself (--capacity), which is 1 by default.',
        }),
      ),
    },
    { additionalProperties: false, description: 'What the user wants.' },
  ),
  Type.Object(
    {
      state: Type.Optional(
        Type.Union([Type.Literal('Ready'), Type.Literal('NotReady')], {
          description: 'Ready while its registration in ZooKeeper stands.',
        }),
      ),
      hostname: Type.Optional(Type.String({ description: 'Name of the machine.' })),
      os: Type.Optional(Type.String({ description: 'Operating system, e.g. linux.' })),
      arch: Type.Optional(Type.String({ description: 'Processor architecture, e.g. x64.' })),
      version: Type.Optional(Type.String({ description: 'Version of CloudTask on the agent.' })),
      tzdata: Type.Optional(Type.String({ description: 'Version of the time-zone data on the agent.' })),
      bootId: Type.Optional(Type.String({ description: 'Identity of the boot of the machine.' })),
      cpus: Type.Optional(Type.Integer({ description: 'Number of processors.' })),
      memoryBytes: Type.Optional(Type.Integer({ description: 'Main memory.' })),
      diskBytes: Type.Optional(Type.Integer({ description: 'Size of the file system of its data directory.' })),
      diskFreeBytes: Type.Optional(Type.Integer({ description: 'What of it is free for the agent.' })),
      cgroups: Type.Optional(
        Type.String({
          description:
            'Directory of cgroup v2 in which attempts get groups, and its controllers; or why they get none.',
        }),
      ),
      load: Type.Optional(Type.Number({ description: 'Load average of the last minute.' })),
      running: Type.Optional(Type.Integer({ description: 'Runs that are running.' })),
      tasks: Type.Optional(Type.Integer({ description: 'Slots the agent owns.' })),
      spoolBytes: Type.Optional(Type.Integer({ description: 'Bytes of logs that the center has not acknowledged.' })),
      refusedTasks: Type.Optional(
        Type.Array(
          Type.Object(
            {
              uid: Type.String({ description: 'UID of the task.' }),
              message: Type.String({ description: 'Why it cannot be scheduled there.' }),
            },
            { additionalProperties: false, description: 'One task.' },
          ),
          { description: 'Tasks that the agent was given and cannot schedule: nothing of them fires.' },
        ),
      ),
      pendingReports: Type.Optional(
        Type.Integer({ description: 'Reports of runs that the center has not acknowledged.' }),
      ),
      oldestReportTime: Type.Optional(Timestamp('The earliest time point that one of these reports is about.')),
      capacity: Type.Optional(Type.Integer({ description: 'Capacity that the agent says it has.' })),
      clockOffsetMs: Type.Optional(
        Type.Number({
          description:
            'How far the clock of ZooKeeper is ahead of that of the agent, ms; there while they disagree, and nothing is started.',
        }),
      ),
      holdUntil: Type.Optional(
        Timestamp('The agent announced to be back by then: until then its tasks stay with it (agent option --hold).'),
      ),
      heartbeatTime: Type.Optional(Timestamp('When the center last heard from the agent.')),
      conditions: Type.Optional(Type.Array(Condition, { description: 'Ready, Schedulable, ClockSuspect, Drained.' })),
    },
    { additionalProperties: false, description: 'What the agent reported and the center observed.' },
  ),
);
export type Agent = Static<typeof Agent>;

export const EventSpec = Type.Object(
  {
    type: Type.Union([Type.Literal('Normal'), Type.Literal('Warning')], {
      description: 'Whether somebody should look.',
    }),
    reason: Type.String({ description: 'One CamelCase word for programs.' }),
    message: Type.String({ description: 'One sentence for people.' }),
    regarding: Type.Object(
      {
        kind: Type.String({ description: 'Kind of the object.' }),
        namespace: Type.Optional(Type.String({ description: 'Namespace of the object.' })),
        name: Type.String({ description: 'Name of the object.' }),
        uid: Type.Optional(Type.String({ description: 'UID of the object.' })),
      },
      { additionalProperties: false, description: 'The object the event is about.' },
    ),
    source: Type.String({ description: 'Part of CloudTask that saw it, e.g. allocation or agent/eu-1.' }),
    count: Type.Integer({ minimum: 1, description: 'How often it happened.' }),
    firstTime: Timestamp('When it first happened.'),
    lastTime: Timestamp('When it last happened.'),
  },
  { additionalProperties: false, description: 'What happened.' },
);

export const Event = kindSchema(
  'Event',
  'Something that happened to an object, kept for a while.',
  EventSpec,
  Type.Object({}, { additionalProperties: false, description: 'Always empty.' }),
);
export type Event = Static<typeof Event>;
