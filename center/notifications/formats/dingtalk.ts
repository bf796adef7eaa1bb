// DingTalk: a custom robot of a group, with a signature when it has a secret
// (https://open.dingtalk.com/document/robots/custom-robot-access, "markdown" and "additional signature").
import { createHmac } from 'node:crypto';
import { summaryOf } from '../news-summary.js';
import { cutBytes, oneLine, wideMarks } from '../plain-text.js';
import { markdownOf } from './markdown.js';
import type { WebhookFormat } from './webhook-format.js';

/** A message may hold 20 kB in all. */
const TEXT_MAX = 15_000;
const TITLE_MAX = 100;

export const dingTalk: WebhookFormat = {
  errcode: true,
  compose: ({ words, secret, now }) => {
    const lines = markdownOf(words, { big: '###', paint: (text) => text });
    // Lines are joined unless an empty one stands between them. The name is a word that a robot may insist on.
    const text = cutBytes([...lines, 'CloudTask'].join('\n\n'), TEXT_MAX);
    const markdown = { title: oneLine(wideMarks(summaryOf(words)), TITLE_MAX), text };
    const query = secret === undefined ? {} : { query: { timestamp: String(now), sign: signOf(secret, now) } };
    return [{ body: JSON.stringify({ msgtype: 'markdown', markdown }), ...query }];
  },
};

/** Base64 of the HMAC-SHA256 of the time in milliseconds, a line end and the secret, which is the key, too. */
function signOf(secret: string, now: number): string {
  return createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64');
}
