// The one table behind docs/semantics.md: what happens to a task that is due every ten minutes, and its policies. Each combination
// is told by the code that runs on agents (story.ts); semantics.test.ts holds the invariants against what comes of it.
import type { TaskSpec } from '../../manifests/index.js';
import { type Story, type StoryEvent, type Told, tell } from './story.js';

export const concurrencyPolicies = ['Forbid', 'Queue', 'Replace', 'Allow'] as const;
export const missedRunPolicies = ['Skip', 'RunOnce', 'RunAll'] as const;
/** What the retry policy makes of the first process, which fails: it has none; the next attempt succeeds; fails, too. */
export const retries = ['none', 'succeeds', 'exhausted'] as const;

export interface Policies {
  readonly concurrency: (typeof concurrencyPolicies)[number];
  readonly missed: (typeof missedRunPolicies)[number];
  readonly retry: (typeof retries)[number];
}

export const combinations: readonly Policies[] = concurrencyPolicies.flatMap((concurrency) =>
  retries.flatMap((retry) => missedRunPolicies.map((missed) => ({ concurrency, missed, retry }))),
);

export const at = (time: string): number => Date.parse(`2026-03-02T${time}Z`);
const MINUTE = 60_000;

export interface Situation {
  readonly title: string;
  readonly text: string;
  readonly from: number;
  readonly cursor: number;
  readonly blocked?: true;
  readonly events?: readonly StoryEvent[];
  /** Of the agent, and how long a process of another task takes, in minutes. */
  readonly maxRunning?: number;
  readonly other?: number;
  /** Of the first process, of its next attempt, and of all others, in minutes. */
  readonly first: number;
  readonly again: number;
  readonly others: number;
}

/** The last time point, and when all is over. */
export const LAST_POINT = at('10:40:00');
const END = at('12:30:00');

const present = { from: at('09:59:30'), cursor: at('09:50:00') } as const;
const short = { first: 4, again: 4, others: 4 } as const;

export const situations: readonly Situation[] = [
  {
    title: 'Due while a run is running',
    text: 'The first process takes 24 minutes, the others take 4.',
    ...present,
    ...{ first: 24, again: 4, others: 4 },
  },
  {
    title: 'Due while a retry waits, and while it runs',
    text: 'The first process takes 1 minute; its next attempt begins 14 minutes after that and takes 10. The others take 4.',
    ...present,
    ...{ first: 1, again: 10, others: 4 },
  },
  {
    title: 'Nobody was there: the latest time point is younger than startingDeadline',
    text: 'From 10:01 to 10:30:30 no agent owned the task, or its agent was down, asleep or without ZooKeeper; 10:00 had been consumed before. Processes take 4 minutes.',
    ...{ from: at('10:30:30'), cursor: at('10:00:00') },
    ...short,
  },
  {
    title: 'Nobody was there: all time points are older than startingDeadline',
    text: 'The same until 10:38.',
    ...{ from: at('10:38:00'), cursor: at('10:00:00') },
    ...short,
  },
  {
    title: 'A take-over while a run of the former owner is open',
    text: 'The agent of the run of 10:00 is gone; at 10:05 another one takes the task over. That the run has ended is known at 10:24. Processes take 4 minutes.',
    ...{ from: at('10:05:00'), cursor: at('10:00:00'), blocked: true },
    events: [{ at: at('10:24:00'), what: 'unblock' }],
    ...short,
  },
  {
    title: 'Suspended, then resumed',
    text: 'Suspended at 10:05, resumed at 10:25. The first process takes 7 minutes, the others take 4.',
    ...present,
    events: [
      { at: at('10:05:00'), what: 'suspend' },
      { at: at('10:25:00'), what: 'resume' },
    ],
    ...{ first: 7, again: 4, others: 4 },
  },
  {
    title: 'Runs on demand beside the schedule',
    text: 'Somebody asks for a run at 10:02, while the first process runs, and at 10:38, so that it runs when 10:40 is due. Processes take 4 minutes.',
    ...present,
    events: [
      { at: at('10:02:00'), what: 'manual' },
      { at: at('10:38:00'), what: 'manual' },
    ],
    ...short,
  },
  {
    title: 'The agent has no place left',
    text: 'The agent runs one process at a time (`--max-running 1`). Another task of it runs from 10:09:30 to 10:10:30, from 10:19:30 to 10:20:30, and so on; when its turn comes later it takes a minute all the same. Processes take 4 minutes.',
    ...present,
    events: ['10:09:30', '10:19:30', '10:29:30', '10:39:30'].map((time) => ({ at: at(time), what: 'other' }) as const),
    ...{ maxRunning: 1, other: 1 },
    ...short,
  },
  {
    title: 'The agent has no place for longer than startingDeadline',
    text: 'The same, but the other task runs once, from 10:09 on, for 25 minutes.',
    ...present,
    events: [{ at: at('10:09:00'), what: 'other' }],
    ...{ maxRunning: 1, other: 25 },
    ...short,
  },
];

function specOf({ concurrency, missed, retry }: Policies): TaskSpec {
  return {
    schedules: [{ every: '10m', endTime: new Date(LAST_POINT).toISOString() }],
    run: { command: ['true'] },
    concurrencyPolicy: concurrency,
    missedRunPolicy: missed,
    retry: { limit: retry === 'none' ? 0 : 1, backoff: { initial: '14m', max: '14m', jitter: 0 } },
  };
}

export function storyOf(situation: Situation, policies: Policies): Story {
  const { first, again, others } = situation;
  let firstRun: string | undefined;
  return {
    spec: specOf(policies),
    ...{ from: situation.from, cursor: situation.cursor, blocked: situation.blocked ?? false },
    events: situation.events ?? [],
    until: END,
    maxRunning: situation.maxRunning,
    otherMs: (situation.other ?? 0) * MINUTE,
    fate(index, { env }) {
      if (index === 0) firstRun = env.CTASK_RUN_ID;
      if (index === 0) return { ms: first * MINUTE, exitCode: 1 };
      if (env.CTASK_RUN_ID !== firstRun) return { ms: others * MINUTE, exitCode: 0 };
      return { ms: again * MINUTE, exitCode: policies.retry === 'succeeds' ? 0 : 1 };
    },
  };
}

export interface Outcome {
  readonly policies: Policies;
  readonly told: Told;
}

/** Every combination in its order. */
export async function outcomesOf(situation: Situation): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const policies of combinations) {
    outcomes.push({ policies, told: await tell(storyOf(situation, policies)) });
  }
  return outcomes;
}
