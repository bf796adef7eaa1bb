// Microsoft Teams: an Adaptive Card for a workflow with the trigger "When a Teams webhook request is received"
// (https://learn.microsoft.com/power-automate/teams/send-a-message-in-teams, https://adaptivecards.io/explorer/).
import type { NewsWords } from '../describe-news.js';
import type { Tone } from '../event-words.js';
import { summaryOf, toneOf } from '../news-summary.js';
import { CHAT_LIMITS, type ChatLimits, chatNews, chatOutput, chatText, type WebhookFormat } from './webhook-format.js';

const COLORS: Readonly<Record<Tone, string>> = { bad: 'Attention', warn: 'Warning', good: 'Good', plain: 'Accent' };
/** Of a card. */
const ACTIONS_MAX = 4;
/** Of a message, in bytes; what is longer is refused as a whole. */
const MESSAGE_MAX = 28 * 1024;
/** With less and less in it until it fits: letters of some languages take three bytes each. */
const LIMITS: readonly ChatLimits[] = [
  CHAT_LIMITS,
  { full: 1, lines: 10 },
  { full: 1, lines: 0 },
  { full: 0, lines: 5 },
];

export const teams: WebhookFormat = {
  compose: ({ words }) => {
    const bodies = LIMITS.map((limits) => cardOf(words, limits));
    return [{ body: bodies.find((body) => Buffer.byteLength(body) <= MESSAGE_MAX) ?? bodies.at(-1)! }];
  },
};

function cardOf(words: readonly NewsWords[], limits: ChatLimits): string {
  const [first] = words;
  const alone = words.length === 1;
  const { full, lines, more } = chatNews(words, limits);
  const links = alone ? first!.links.slice(0, ACTIONS_MAX) : [];
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    ...{ type: 'AdaptiveCard', version: '1.4', msteams: { width: 'Full' } },
    fallbackText: summaryOf(words),
    body: [
      row([
        run(alone ? first!.title : summaryOf(words), {
          size: 'Large',
          weight: 'Bolder',
          color: COLORS[toneOf(words)],
        }),
      ]),
      ...full.flatMap((one) => rowsOf(one, alone)),
      ...lines.map((one, index) =>
        row([run(`${one.title}: ${one.why}`, linked(one))], { separator: index === 0, spacing: 'Small' }),
      ),
      ...(more > 0 ? [row([run(`and ${more} more`, { isSubtle: true })])] : []),
    ],
    ...(links.length === 0
      ? {}
      : { actions: links.map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })) }),
  };
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }];
  return JSON.stringify({ type: 'message', attachments });
}

function rowsOf(one: NewsWords, alone: boolean): object[] {
  const { title, why, facts, text, output } = one;
  return [
    alone
      ? row([run(why, { weight: 'Bolder' })], { spacing: 'Small' })
      : row([run(`${title}: ${why}`, { weight: 'Bolder', ...linked(one) })], { separator: true }),
    ...facts.map(([name, value]) => row([run(`${name}: `, { isSubtle: true }), run(value)], { spacing: 'None' })),
    ...(text === undefined
      ? []
      : chatText(text)
          .split('\n')
          .map((line) => row([run(line)], { spacing: 'Small' }))),
    ...chatOutput(output).map((line, index) =>
      row([run(line, { fontType: 'Monospace', size: 'Small' })], { spacing: index === 0 ? 'Medium' : 'None' }),
    ),
  ];
}

/** In its color, and a link to its page where there is one. */
const linked = ({ tone, links: [link] }: NewsWords): object => ({
  color: COLORS[tone],
  ...(link === undefined ? {} : { selectAction: { type: 'Action.OpenUrl', url: link.url } }),
});

/** Runs of text know no Markdown, which blocks of text and facts do: what stands there stays text. */
const run = (text: string, looks: object = {}) => ({ type: 'TextRun', text: text === '' ? ' ' : text, ...looks });
const row = (inlines: readonly object[], looks: object = {}) => ({ type: 'RichTextBlock', inlines, ...looks });
