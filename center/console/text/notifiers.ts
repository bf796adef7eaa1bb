// Notifiers in words. Nothing here tells a secret: of a URL, which may be a credential, only where it leads.
import type { NotifierObject } from '../api/objects.js';

/** `Ready`, or `Failing` after a try that was not taken. */
export const notifierState = ({ status }: NotifierObject): 'Ready' | 'Failing' =>
  status?.lastError === undefined ? 'Ready' : 'Failing';

/** The ways to send: parts of `spec` by their names there, as the schema has them. */
function wayOf({ spec }: NotifierObject): readonly [name: string, fields: Readonly<Record<string, unknown>>] {
  const found = Object.entries(spec).find(
    ([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  return found === undefined ? ['', {}] : [found[0], found[1] as Readonly<Record<string, unknown>>];
}

const WAYS: Readonly<Record<string, string>> = { email: 'Mail' };

/** A part of `spec` as a way to send. */
export const wayName = (part: string): string => WAYS[part] ?? fieldWords(part);

/** Format of a webhook that is made for nobody in particular. */
const OWN_FORMAT = 'CloudTask';

/** `Mail`, `Webhook`; of a webhook for some service, the name of that. */
export function wayWords(notifier: NotifierObject): string {
  const [name, { format }] = wayOf(notifier);
  return typeof format === 'string' && format !== OWN_FORMAT ? format : wayName(name);
}

/** Recipients of mail, or the machine of a webhook. */
export function recipientWords(notifier: NotifierObject): string {
  const [, { to, url }] = wayOf(notifier);
  if (Array.isArray(to)) return to.join(', ');
  return typeof url === 'string' ? hostOf(url) : '';
}

/** All that its specification says, but for what may be a credential. */
export function notifierFacts(notifier: NotifierObject): readonly (readonly [name: string, value: string])[] {
  const [, fields] = wayOf(notifier);
  const told = Object.entries(fields).map(
    ([name, value]) => [fieldWords(name), name === 'url' ? hostOf(String(value)) : valueWords(value)] as const,
  );
  return told.filter(([, value]) => value !== '');
}

function valueWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueWords).filter(Boolean).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  const { secret, key, name } = value as Readonly<Record<string, unknown>>;
  if (typeof secret === 'string') return `${String(key)} of secret ${secret}`;
  return typeof name === 'string' ? name : '';
}

/** Absent of what is no URL. */
const hostOf = (url: string): string => /^\w+:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(url)?.[1] ?? '';

const FIELDS: Readonly<Record<string, string>> = {
  host: 'Mail server',
  tls: 'Encryption',
  passwordFrom: 'Password',
  secretFrom: 'Signed with',
  url: 'URL',
  urlFrom: 'URL',
  on: 'Of what',
};

/** A name of the schema as a label: `groupWait` is `Group wait`. */
export function fieldWords(name: string): string {
  const words = FIELDS[name] ?? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
