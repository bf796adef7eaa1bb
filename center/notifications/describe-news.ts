// What has happened, in words: a heading, facts, and what to type to look closer. Mail shows it as text and as HTML.
import { formatDuration } from '../../base/index.js';
import type { AlarmFacts, Notification, RunFacts } from '../store/notifications/notification-book.js';
import { type Link, linksOf } from './console-links.js';
import { EVENT_WORDS, type EventWords, titleOf } from './event-words.js';
import { lastLines, oneLine } from './plain-text.js';

/** More than the field can hold. */
const OWN_WORDS = { lines: 5_000, width: 5_000 };

/** What is known of it when the message is written. */
export interface NewsContext {
  /** Last lines of output of the last attempt. */
  readonly output: readonly string[];
  /** Of a run: when its task is due next, ms. */
  readonly nextTime?: number;
  /** How people reach the center; no links without it. */
  readonly externalUrl?: string;
}

export interface NewsWords extends Pick<EventWords, 'tone' | 'alarm'> {
  /** What happened: `Failed`. */
  readonly word: string;
  /** Sorts by what happened, then by what it happened to: `Failed billing/report`. */
  readonly title: string;
  /** Behind the title: `exit code 1`. */
  readonly why: string;
  /** What they have in common who are told of together. */
  readonly about: string;
  /** When it happened, ms. */
  readonly time: number;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What the task's author wrote for this case. */
  readonly text: string | undefined;
  readonly output: readonly string[];
  readonly commands: readonly string[];
  /** Pages of the console. */
  readonly links: readonly Link[];
}

export function newsWords(notification: Notification, context: NewsContext): NewsWords {
  const words = wordsOf(notification, context);
  if (notification.facts.perhapsToldIn === undefined) return words;
  return { ...words, why: `${words.why} (perhaps told before)` };
}

function wordsOf({ event, facts }: Notification, { output, nextTime, externalUrl }: NewsContext): NewsWords {
  const { tone, alarm } = EVENT_WORDS[event];
  const word = titleOf(event, facts);
  const shared = { tone, alarm, word, links: linksOf(facts, externalUrl) };
  const text = facts.text === undefined ? undefined : lastLines(Buffer.from(facts.text), OWN_WORDS).join('\n');
  if (facts.about === 'Run') {
    const about = `${facts.namespace}/${facts.task}`;
    return {
      ...shared,
      time: facts.endTime ?? facts.startTime ?? facts.scheduledTime ?? 0,
      title: `${word} ${about}`,
      why: whyOf(event, facts),
      about,
      text,
      output,
      ...runWords(facts, nextTime),
    };
  }
  if (facts.about === 'Alarm') {
    const { what, message, since, resolves, time: end = since, seen, commands } = facts;
    return {
      ...shared,
      ...{ title: `${word} ${what}`, about: what, time: end, text, output },
      why: alarmWhy(facts),
      facts: [
        ...(resolves === undefined ? [] : [['What', oneLine(message)] as const]),
        ['Since', instant(since)],
        ...(resolves === undefined
          ? []
          : [[seen === undefined ? 'Until' : 'Found until', instant(seen ?? end)] as const]),
      ],
      commands,
    };
  }
  const time = instant(facts.time);
  if (facts.about === 'Agent') {
    const { agent, cluster, hostname } = facts;
    return {
      ...shared,
      ...{
        title: `${word} ${agent}`,
        why: `cluster ${cluster}`,
        ...{ about: `agent ${agent}`, time: facts.time, text, output },
      },
      facts: [
        ['Cluster', cluster],
        ['Machine', oneLine(hostname ?? 'unknown')],
        ['Since', time],
      ],
      commands: [`ctask describe agent/${agent}`, `ctask get tasks -A --field-selector spec.cluster=${cluster}`],
    };
  }
  return {
    ...shared,
    ...{ title: word, why: 'notifications of this notifier arrive', about: 'test', time: facts.time, text, output: [] },
    facts: [
      ['Asked by', oneLine(facts.user)],
      ['At', time],
    ],
    commands: [],
  };
}

function alarmWhy({ message, since, resolves, time = since, seen }: AlarmFacts): string {
  if (resolves === undefined) return oneLine(message);
  if (seen === undefined) return `after ${formatDuration(time - since)}`;
  return `nobody has found it for ${formatDuration(time - seen)}: it is forgotten`;
}

function whyOf(event: string, facts: RunFacts): string {
  const { state, message, reason, exitCode, signal, failing, limitMs = 0, startTime, scheduledTime, changes } = facts;
  if (event === 'Flapping') {
    const { count = 0, windowMs = 0 } = changes ?? {};
    const times = `${count} times within ${formatDuration(windowMs)}`;
    return `changed ${times} between failing and succeeding; told again when it is steady`;
  }
  if (event === 'Recovered' && changes !== undefined) return `steady for ${formatDuration(changes.windowMs)}`;
  if (event === 'Recovered') {
    const { runs = 1, since = 0 } = failing ?? {};
    return `after ${runs === 1 ? 'one run' : `${runs} runs`} since ${instant(since)}`;
  }
  if (event === 'LongerThan') return `still running after ${formatDuration(limitMs)}`;
  if (event === 'Late') {
    if (startTime === undefined) return `not started ${formatDuration(limitMs)} after it was due`;
    return `started ${formatDuration(startTime - (scheduledTime ?? startTime))} after it was due`;
  }
  if (state === 'Succeeded') return 'the run succeeded';
  if (message !== undefined) return oneLine(message);
  if (signal !== undefined) return `signal ${signal}`;
  return exitCode === undefined ? (reason ?? state) : `exit code ${exitCode}`;
}

function runWords(facts: RunFacts, nextTime: number | undefined): Pick<NewsWords, 'facts' | 'commands'> {
  const { name, slot, trigger, agent, attempts, scheduledTime, startTime, endTime, failing, state } = facts;
  const { message, exitCode } = facts;
  const ran =
    startTime === undefined
      ? undefined
      : endTime === undefined
        ? instant(startTime)
        : `${instant(startTime)}, for ${formatDuration(Math.max(0, endTime - startTime))}`;
  const since =
    failing === undefined || state === 'Succeeded' || failing.runs < 2
      ? undefined
      : `${instant(failing.since)}, ${failing.runs} runs in a row`;
  const rows: [string, string | undefined][] = [
    ['Run', name],
    ['Slot', slot === '' ? undefined : slot],
    ['Due', scheduledTime === undefined ? undefined : instant(scheduledTime)],
    ['Trigger', trigger === 'Schedule' ? undefined : trigger],
    ['Started', ran],
    ['Agent', agent],
    // What else it says is in the heading.
    ['Exit code', message === undefined || exitCode === undefined ? undefined : String(exitCode)],
    ['Attempts', attempts > 1 ? String(attempts) : undefined],
    ['Failing since', since],
    ['Next run', nextTime === undefined ? undefined : instant(nextTime)],
  ];
  return {
    facts: rows.flatMap(([key, value]) => (value === undefined ? [] : [[key, oneLine(value)] as const])),
    commands: runCommands(facts),
  };
}

function runCommands({ name, namespace, task, state, endTime, attempts }: RunFacts): string[] {
  const of = `${name} -n ${namespace}`;
  if (endTime !== undefined) {
    const again = state === 'Succeeded' ? [] : [`ctask retry run/${of}`];
    return [`ctask describe run/${of}`, `ctask logs run/${of}`, ...again];
  }
  if (state === 'Pending' && attempts === 0)
    return [`ctask why ${task} -n ${namespace}`, `ctask get runs -n ${namespace}`];
  return [`ctask describe run/${of}`, `ctask logs run/${of} -f`, `ctask cancel run/${of}`];
}

/** `2026-11-23 14:05:00 UTC` */
export const instant = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
