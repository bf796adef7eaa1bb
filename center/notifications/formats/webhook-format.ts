// What a service expects of those who tell it something.
import type { Notification } from '../../store/notifications/notification-book.js';
import type { NewsWords } from '../describe-news.js';
import { inFull } from '../news-summary.js';

export interface WebhookAbout {
  /** Same for each try: who gets it twice can tell. */
  readonly id: string;
  readonly namespace: string;
  readonly notifier: string;
}

export interface WebhookNews {
  readonly about: WebhookAbout;
  readonly notifications: readonly Notification[];
  /** Of each of them. */
  readonly words: readonly NewsWords[];
  /** Of `secretFrom`. */
  readonly secret: string | undefined;
  /** Wall time, ms. */
  readonly now: number;
}

/** One request. */
export interface WebhookMessage {
  /** JSON. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the URL gets besides. */
  readonly query?: Readonly<Record<string, string>>;
  /** Places of the notifications that it tells, where others have messages of their own. */
  readonly of?: readonly number[];
}

export interface WebhookFormat {
  /** Where it goes when the Notifier names no URL. */
  readonly url?: string;
  /** The answer is 200 whatever has happened; only an `errcode` of 0 in it is a yes. */
  readonly errcode?: true;
  /** What it is told opens and closes incidents. Each has a key, and the last of what is told of it counts: a batch need not stay as it was. */
  readonly incidents?: true;
  /** Events of one batch whose last lines of output are read; as many as a mail shows unless given. */
  readonly outputs?: number;
  /** Several requests are about different things: none depends on another, and each may be repeated. */
  compose(news: WebhookNews): readonly WebhookMessage[];
}

/** Events of one message that are told in full; of others there is a line, and of the rest a number. */
export interface ChatLimits {
  readonly full: number;
  readonly lines: number;
}
export const CHAT_LIMITS: ChatLimits = { full: 3, lines: 20 };
/** Output that a chat has room for. */
const OUTPUT = { lines: 10, width: 160 };
const TEXT_MAX = 1_000;

export interface ChatNews {
  readonly full: readonly NewsWords[];
  readonly lines: readonly NewsWords[];
  /** How many more there are. */
  readonly more: number;
}

export function chatNews(words: readonly NewsWords[], limits = CHAT_LIMITS): ChatNews {
  const full = inFull(words, limits.full);
  const rest = words.filter((_, index) => !full.includes(index));
  const lines = rest.slice(0, limits.lines);
  return { full: full.map((index) => words[index]!), lines, more: rest.length - lines.length };
}

/** Last lines, each cut. */
export function chatOutput(output: readonly string[]): string[] {
  const { lines, width } = OUTPUT;
  return output.slice(-lines).map((line) => (line.length <= width ? line : `${line.slice(0, width - 1)}…`));
}

/** What the task's author wrote for this case. */
export function chatText(text: string): string {
  return text.trim().length <= TEXT_MAX ? text.trim() : `${text.trim().slice(0, TEXT_MAX - 1)}…`;
}
