// WeCom: a robot of a group (https://developer.work.weixin.qq.com/document/path/91770).
import type { Tone } from '../event-words.js';
import { cutBytes } from '../plain-text.js';
import { markdownOf } from './markdown.js';
import type { WebhookFormat } from './webhook-format.js';

/** Bytes of a message. */
const CONTENT_MAX = 4_096;
const COLORS: Readonly<Record<Tone, string>> = { bad: 'warning', warn: 'warning', good: 'info', plain: 'comment' };

export const weCom: WebhookFormat = {
  errcode: true,
  compose: ({ words }) => {
    const paint = (text: string, tone: Tone) => `<font color="${COLORS[tone]}">${text}</font>`;
    const content = cutBytes(markdownOf(words, { big: '###', paint }).join('\n'), CONTENT_MAX);
    return [{ body: JSON.stringify({ msgtype: 'markdown', markdown: { content } }) }];
  },
};
