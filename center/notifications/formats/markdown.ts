// The Markdown of DingTalk and WeCom, which knows links, bold letters and quotes, and no escape.
import type { Link } from '../console-links.js';
import type { NewsWords } from '../describe-news.js';
import { summaryOf } from '../news-summary.js';
import { wideMarks } from '../plain-text.js';
import { chatNews, chatOutput, chatText } from './webhook-format.js';

/** Lines; `big`: begins a heading, `paint`: puts a color to a word. */
export function markdownOf(
  words: readonly NewsWords[],
  { big, paint }: { readonly big: string; paint(text: string, tone: NewsWords['tone']): string },
): string[] {
  const { full, lines, more } = chatNews(words);
  const several = words.length > 1;
  return [
    ...(several ? [`${big} ${wideMarks(summaryOf(words))}`] : []),
    ...full.flatMap((one) => partOf(one, several ? `${big}# ` : `${big} `, paint)),
    ...lines.map(({ word, title, why, tone, links }) => {
      const what = title.slice(word.length);
      return `${paint(wideMarks(word), tone)}${wideMarks(`${what}: ${why}`)}${links[0] === undefined ? '' : ` ${linkOf({ ...links[0], label: 'open' })}`}`;
    }),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function partOf(
  { word, title, why, tone, facts, text, output, links }: NewsWords,
  begin: string,
  paint: (text: string, tone: NewsWords['tone']) => string,
): string[] {
  const what = title.slice(word.length);
  return [
    `${begin}${paint(wideMarks(word), tone)}${wideMarks(what)}`,
    `**${wideMarks(why)}**`,
    ...facts.map(([name, value]) => `${wideMarks(name)}: ${wideMarks(value)}`),
    ...(text === undefined ? [] : chatText(text).split('\n').map(wideMarks)),
    ...chatOutput(output).map((line) => `> ${wideMarks(line)}`),
    ...(links.length === 0 ? [] : [links.map(linkOf).join(' | ')]),
  ];
}

const linkOf = ({ label, url }: Link): string => `[${label}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`;
