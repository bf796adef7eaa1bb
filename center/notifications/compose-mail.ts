// One mail about one event or about many of them.
import { createHash } from 'node:crypto';
import type { Notification } from '../store/notifications/notification-book.js';
import { consolePage } from './console-links.js';
import { instant, type NewsContext, type NewsWords, newsWords } from './describe-news.js';
import { htmlPage, type MailFoot } from './mail-html.js';
import { inFull, summaryOf, toneOf, withRuns } from './news-summary.js';
import { oneLine } from './plain-text.js';

/** Subjects are shown in about so many characters. */
const SUBJECT_MAX = 150;
/** Events of one mail that are told in full; mail programs cut what is longer than 100 kB. Of all there is a line. */
export const MAIL_IN_FULL = 5;

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** The thread that it belongs to: of a task, of an agent, else of the notifier. */
  readonly references: string;
  readonly inReplyTo: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MailAbout {
  /** Same for each try. */
  readonly id: string;
  readonly namespace: string;
  readonly notifier: string;
  readonly from: string;
  /** How people reach the center. */
  readonly externalUrl?: string | undefined;
}

export function composeMail(
  about: MailAbout,
  notifications: readonly Notification[],
  contexts: readonly NewsContext[],
): Mail {
  const { id, namespace, notifier, from } = about;
  const all = withRuns(notifications.map((one, index) => newsWords(one, contexts[index] ?? { output: [] })));
  const domain = domainOf(from);
  const subjects = new Set(all.map((words) => words.about));
  const thread = subjects.size === 1 ? [...subjects][0]! : 'several';
  const digest = createHash('sha256').update(`${namespace}\0${notifier}\0${thread}`).digest('hex').slice(0, 32);
  const root = `<thread.${digest}@${domain}>`;
  const foot = footOf(about, notifications);
  const heading = summaryOf(all);
  const full = inFull(all, MAIL_IN_FULL).map((index) => all[index]!);
  return {
    subject: oneLine(`${prefixOf(notifications)} ${heading}`, SUBJECT_MAX),
    text: textPage(heading, all, full, foot),
    html: htmlPage({ heading, tone: toneOf(all), all, full, foot }),
    messageId: `<${id}@${domain}>`,
    // There is no mail of that name: programs put together what refers to the same.
    ...{ references: root, inReplyTo: root },
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'List-Id': `<${notifier}.${namespace}.cloudtask.${domain}>`,
      'List-Unsubscribe': unsubscribe(about, notifications),
      'X-CloudTask-Events': [...new Set(notifications.map(({ event }) => event))].join(', '),
    },
  };
}

const domainOf = (from: string): string => /@([^>]+)>?$/.exec(from)?.[1] ?? 'cloudtask';

/** The task's own words, when all events have the same. */
function prefixOf(notifications: readonly Notification[]): string {
  const own = new Set(notifications.map(({ facts }) => facts.subject));
  const [one] = own;
  return own.size === 1 && one !== undefined ? `${oneLine(one)}:` : '[CloudTask]';
}

/** Where it stands who is told: of one task or cluster its page, else the notifier's. */
function whereTold(about: MailAbout, notifications: readonly Notification[]): string | undefined {
  const { externalUrl, namespace, notifier } = about;
  if (externalUrl === undefined) return undefined;
  const own = consolePage(externalUrl, 'notifiers', namespace, notifier);
  const pages = new Set(
    notifications.map(({ facts }) => {
      if (facts.about === 'Run') return consolePage(externalUrl, 'tasks', facts.namespace, facts.task, 'manifest');
      return facts.about === 'Agent' ? consolePage(externalUrl, 'clusters', facts.cluster) : own;
    }),
  );
  return pages.size === 1 ? [...pages][0]! : own;
}

/**
 * Nobody gets out of it by a click: who is told is part of a manifest, and takes the right to change that. So there is no one-click form
 * of it (RFC 8058), but the page where it stands, or a mail to those who send this one.
 */
function unsubscribe(about: MailAbout, notifications: readonly Notification[]): string {
  const page = whereTold(about, notifications);
  if (page !== undefined) return `<${page}>`;
  const address = /<([^>]+)>$/.exec(about.from)?.[1] ?? about.from;
  const subject = encodeURIComponent(`unsubscribe ${about.namespace}/${about.notifier}`);
  return `<mailto:${encodeURIComponent(address).replace('%40', '@')}?subject=${subject}>`;
}

function footOf(about: MailAbout, notifications: readonly Notification[]): MailFoot {
  const page = whereTold(about, notifications);
  const says = `Sent by CloudTask: notifier ${about.namespace}/${about.notifier}. spec.notify says who is told of what`;
  return { says, ...(page === undefined ? {} : { page }) };
}

function textPage(heading: string, all: readonly NewsWords[], full: readonly NewsWords[], foot: MailFoot): string {
  const list = all.map(({ title, why, time }) => `  ${instant(time)}  ${title}: ${why}`).join('\n');
  const parts = [...(all.length > 1 ? [`${heading}\n\n${list}`] : []), ...full.map(textOf)];
  return `${parts.join('\n\n----\n\n')}\n\n-- \n${foot.says}${foot.page === undefined ? '' : `: ${foot.page}`}\n`;
}

function textOf({ title, why, facts, text, output, commands, links }: NewsWords): string {
  const width = Math.max(...facts.map(([name]) => name.length), ...links.map(({ label }) => label.length)) + 2;
  const row = (name: string, value: string) => `  ${name.padEnd(width)}${value}`;
  return [
    `${title}: ${why}`,
    ...(text === undefined ? [] : [text.trim()]),
    [...facts.map(([name, value]) => row(name, value)), ...links.map(({ label, url }) => row(label, url))].join('\n'),
    ...(output.length === 0 ? [] : [`Last lines of output:\n\n${output.map((line) => `  ${line}`).join('\n')}`]),
    ...(commands.length === 0 ? [] : [`Look closer:\n\n${commands.map((line) => `  ${line}`).join('\n')}`]),
  ].join('\n\n');
}
