// One mail about one event or about many of them.
import { createHash } from 'node:crypto';
import type { Notification } from '../store/notifications/notification-book.js';
import { type NewsContext, type NewsWords, newsWords } from './describe-news.js';
import { summaryOf } from './news-summary.js';
import { escapeHtml, oneLine } from './plain-text.js';

/** Subjects are shown in about so many characters. */
const SUBJECT_MAX = 150;

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** The thread that it belongs to: of a task, of an agent, else of the notifier. */
  readonly references: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MailAbout {
  /** Same for each try. */
  readonly id: string;
  readonly namespace: string;
  readonly notifier: string;
  readonly from: string;
}

export function composeMail(
  about: MailAbout,
  notifications: readonly Notification[],
  contexts: readonly NewsContext[],
): Mail {
  const { id, namespace, notifier, from } = about;
  const all = notifications.map((one, index) => newsWords(one, contexts[index] ?? { output: [] }));
  const domain = /@([^>]+)>?$/.exec(from)?.[1] ?? 'cloudtask';
  const subjects = new Set(all.map((words) => words.about));
  const thread = subjects.size === 1 ? [...subjects][0]! : 'several';
  const digest = createHash('sha256').update(`${namespace}\0${notifier}\0${thread}`).digest('hex').slice(0, 32);
  const foot = `Sent by CloudTask: notifier ${namespace}/${notifier}. Who is told of what stands in spec.notify.`;
  const heading = summaryOf(all);
  const parts = all.map(textOf);
  return {
    subject: oneLine(`${prefixOf(notifications)} ${heading}`, SUBJECT_MAX),
    text: `${[...(all.length > 1 ? [heading] : []), ...parts].join('\n\n----\n\n')}\n\n-- \n${foot}\n`,
    html: page(heading, all, foot),
    messageId: `<${id}@${domain}>`,
    references: `<thread.${digest}@${domain}>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'List-Id': `<${notifier}.${namespace}.cloudtask>`,
      'X-CloudTask-Events': [...new Set(notifications.map(({ event }) => event))].join(', '),
    },
  };
}

/** The task's own words, when all events have the same. */
function prefixOf(notifications: readonly Notification[]): string {
  const own = new Set(notifications.map(({ facts }) => facts.subject));
  const [one] = own;
  return own.size === 1 && one !== undefined ? `${oneLine(one)}:` : '[CloudTask]';
}

const WIDTH = 10;

function textOf({ title, why, facts, text, output, commands }: NewsWords): string {
  return [
    `${title}: ${why}`,
    facts.map(([name, value]) => `  ${name.padEnd(WIDTH)}${value}`).join('\n'),
    ...(text === undefined ? [] : [text.trim()]),
    ...(output.length === 0 ? [] : [`Last lines of output:\n\n${output.map((line) => `  ${line}`).join('\n')}`]),
    ...(commands.length === 0 ? [] : [`Look closer:\n\n${commands.map((line) => `  ${line}`).join('\n')}`]),
  ].join('\n\n');
}

const MONO = 'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;';
const PRE = `${MONO}background:#f4f5f7;color:#1b1f24;padding:10px 12px;border-radius:6px;white-space:pre-wrap;margin:6px 0 14px;`;

function page(heading: string, all: readonly NewsWords[], foot: string): string {
  const head = all.length > 1 ? `<h1 style="font-size:18px;">${escapeHtml(heading)}</h1>` : '';
  const body = all.map(htmlOf).join('<hr style="border:0;border-top:1px solid #d8dce1;margin:18px 0;">');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(heading)}</title></head><body style="font-family:system-ui,sans-serif;font-size:14px;line-height:1.45;color:#1b1f24;max-width:720px;">${head}${body}<p style="color:#57606a;font-size:12px;">${escapeHtml(foot)}</p></body></html>`;
}

function htmlOf({ title, why, facts, text, output, commands }: NewsWords): string {
  const rows = facts
    .map(
      ([name, value]) =>
        `<tr><td style="color:#57606a;padding:2px 14px 2px 0;">${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const pre = (label: string, lines: readonly string[]) =>
    lines.length === 0 ? '' : `<div>${label}</div><pre style="${PRE}">${escapeHtml(lines.join('\n'))}</pre>`;
  const own = text === undefined ? '' : `<p style="white-space:pre-wrap;">${escapeHtml(text.trim())}</p>`;
  return `<h2 style="font-size:16px;margin:0 0 8px;">${escapeHtml(`${title}: ${why}`)}</h2><table style="border-collapse:collapse;margin-bottom:12px;">${rows}</table>${own}${pre('Last lines of output', output)}${pre('Look closer', commands)}`;
}
