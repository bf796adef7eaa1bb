// Slack: incoming webhooks with Block Kit (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/,
// https://docs.slack.dev/messaging/formatting-message-text/).
import type { NewsWords } from '../describe-news.js';
import type { Tone } from '../event-words.js';
import { summaryOf, toneOf } from '../news-summary.js';
import { chatNews, chatOutput, chatText, type WebhookFormat } from './webhook-format.js';

/** What Slack takes, in characters. */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const FIELD_MAX = 2_000;
const FIELDS_MAX = 10;

const SIGNS: Readonly<Record<Tone, string>> = { bad: '🔴', warn: '🟠', good: '🟢', plain: '🔵' };

export const slack: WebhookFormat = {
  compose: ({ words }) => {
    const [first] = words;
    const alone = words.length === 1;
    const heading = alone ? first!.title : summaryOf(words);
    const { full, lines, more } = chatNews(words);
    const blocks = [
      { type: 'header', text: plain(`${SIGNS[toneOf(words)]} ${heading}`, HEADER_MAX) },
      ...full.flatMap((one) => blocksOf(one, alone)),
      ...(lines.length === 0 ? [] : [{ type: 'divider' }]),
      ...lines.map((line) => section(lineOf(line))),
      ...(more > 0 ? [section(`and ${more} more`)] : []),
    ];
    return [{ body: JSON.stringify({ text: escapeMrkdwn(summaryOf(words)), blocks }) }];
  },
};

function blocksOf({ title, why, facts, text, output, links }: NewsWords, alone: boolean): object[] {
  const fields = facts
    .slice(0, FIELDS_MAX)
    .map(([name, value]) => mrkdwn(`*${escapeMrkdwn(name)}*\n${escapeMrkdwn(value)}`, FIELD_MAX));
  const lines = chatOutput(output);
  const says = alone ? why : `${title}: ${why}`;
  return [
    ...(alone ? [] : [{ type: 'divider' }]),
    section(`*${escapeMrkdwn(says)}*`),
    ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
    ...(text === undefined ? [] : [{ type: 'section', text: plain(chatText(text), SECTION_MAX) }]),
    ...(lines.length === 0 ? [] : [section(`\`\`\`${escapeMrkdwn(lines.join('\n')).slice(0, SECTION_MAX - 6)}\`\`\``)]),
    ...(links.length === 0
      ? []
      : [{ type: 'context', elements: [mrkdwn(links.map(linkOf).join('  ·  '), SECTION_MAX)] }]),
  ];
}

const lineOf = ({ title, why, links }: NewsWords): string => {
  const says = escapeMrkdwn(`${title}: ${why}`);
  return links[0] === undefined ? says : `${says} (${linkOf({ ...links[0], label: 'open' })})`;
};

const section = (text: string) => ({ type: 'section', text: mrkdwn(text, SECTION_MAX) });

/** `verbatim`: names of channels and URLs in it stay text. */
const mrkdwn = (text: string, max: number) => ({ type: 'mrkdwn', text: text.slice(0, max), verbatim: true });

const plain = (text: string, max: number) => ({ type: 'plain_text', text: cut(text, max), emoji: false });

const cut = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);

const linkOf = ({ label, url }: { label: string; url: string }): string =>
  `<${escapeMrkdwn(url).replaceAll('|', '%7C')}|${escapeMrkdwn(label)}>`;

/**
 * Without the first three signs there is neither a link nor a mention: `<!channel>` would call everybody. Backticks in a row would begin or
 * end a block: a space without width stands between them.
 */
function escapeMrkdwn(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/`(?=`)/g, '`\u200b');
}
