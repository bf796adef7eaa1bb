// What each event is called, and how bad it is. All ways of telling take their words from here: a new event is one line.
import type { NotificationEvent, NotificationFacts } from '../store/notifications/notification-book.js';

/** How people are to take it: bad news, news that is no trouble yet, good news, or neither. */
export type Tone = 'bad' | 'warn' | 'good' | 'plain';

/** What an incident of PagerDuty becomes of it: one that is opened, with a severity, or one that is over. */
export type Alarm = 'critical' | 'error' | 'warning' | 'info' | 'resolve';

export interface EventWords {
  /** Stands in front of what it happened to. */
  readonly title: string;
  readonly tone: Tone;
  readonly alarm: Alarm;
  /** Whether the last lines of output say more. */
  readonly output?: true;
}

export const EVENT_WORDS: Readonly<Record<NotificationEvent | 'Late' | 'LongerThan', EventWords>> = {
  Failed: { title: 'Failed', tone: 'bad', alarm: 'error', output: true },
  Missed: { title: 'Missed', tone: 'bad', alarm: 'error' },
  Lost: { title: 'Lost', tone: 'bad', alarm: 'error', output: true },
  Late: { title: 'Late', tone: 'warn', alarm: 'warning' },
  LongerThan: { title: 'Running long', tone: 'warn', alarm: 'warning', output: true },
  Flapping: { title: 'Flapping', tone: 'bad', alarm: 'error' },
  Recovered: { title: 'Recovered', tone: 'good', alarm: 'resolve' },
  Succeeded: { title: 'Succeeded', tone: 'good', alarm: 'resolve' },
  AgentOffline: { title: 'Agent offline', tone: 'bad', alarm: 'critical' },
  AgentOnline: { title: 'Agent online', tone: 'good', alarm: 'resolve' },
  NoEligibleAgent: { title: 'No eligible agent', tone: 'bad', alarm: 'error' },
  NoAgents: { title: 'No agents', tone: 'bad', alarm: 'critical' },
  ClockSuspect: { title: 'Clock suspect', tone: 'warn', alarm: 'warning' },
  NothingFires: { title: 'Nothing fires', tone: 'bad', alarm: 'critical' },
  CenterLost: { title: 'Lost', tone: 'bad', alarm: 'critical' },
  CoordinationUnreachable: { title: 'No ZooKeeper', tone: 'bad', alarm: 'critical' },
  StoreUnreachable: { title: 'No store', tone: 'bad', alarm: 'critical' },
  Resolved: { title: 'Resolved', tone: 'good', alarm: 'resolve' },
  Over: { title: 'Over', tone: 'good', alarm: 'resolve' },
  Test: { title: 'Test', tone: 'plain', alarm: 'info' },
};

export function titleOf(event: NotificationEvent, facts: NotificationFacts): string {
  if (event === 'Failed' && facts.about === 'Run' && facts.state === 'TimedOut') return 'Timed out';
  if (facts.about === 'Alarm' && facts.resolves !== undefined) return `Resolved: ${EVENT_WORDS[facts.resolves].title}`;
  return EVENT_WORDS[event].title;
}
