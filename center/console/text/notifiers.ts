// Notifiers in words. Nothing here tells a secret: of a URL, which may be a credential, only where it leads.
import { type LabelSelector, type QuietHours, type RunNotify, selectorRequirements } from '../../../manifests/index.js';
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
  const quiet = (notifier.spec.quiet ?? []).map((hours) => ['Quiet', quietWords(hours)] as const);
  return [...told.filter(([, value]) => value !== ''), ...quiet];
}

/** `22:00 to 07:00 (Europe/Berlin), when it begins on Sat or Sun; told all the same: Lost`. */
function quietWords({ from, to, timeZone = 'UTC', weekdays, except }: QuietHours): string {
  const hours = from === to ? `a whole day from ${from} on` : `${from} to ${to}`;
  const days = weekdays === undefined ? '' : `, when it begins on ${weekdays.join(' or ')}`;
  return `${hours} (${timeZone})${days}${except === undefined ? '' : `; told all the same: ${except.join(', ')}`}`;
}

/** Shown in their own places. */
const PLACED = new Set(['notifier', 'on', 'to']);

/** What an entry says beside whom it tells of what. */
export function ruleFacts(rule: object): readonly (readonly [name: string, value: string])[] {
  return Object.entries(rule)
    .filter(([name, value]) => !PLACED.has(name) && !(name === 'after' && value === 1))
    .map(([name, value]) => [fieldWords(name), ruleWords(name, value)] as const)
    .filter(([, value]) => value !== '');
}

function ruleWords(name: string, value: unknown): string {
  if (name === 'selector') return selectorWords(value as LabelSelector);
  if (name === 'flapping') return flappingWords(value as NonNullable<RunNotify['flapping']>);
  return name === 'after' ? `${String(value)} failures in a row` : valueWords(value);
}

/** As `-l` of ctask has it. */
function selectorWords(selector: LabelSelector): string {
  const all = selectorRequirements(selector).map(({ key, operator, values }) => {
    if (operator === '=' || operator === '!=') return `${key}${operator}${values.join('')}`;
    if (operator === 'exists') return key;
    return operator === '!exists' ? `!${key}` : `${key} ${operator} (${values.join(', ')})`;
  });
  return all.join(', ');
}

function flappingWords({ changes = 5, window = '1h' }: NonNullable<RunNotify['flapping']>): string {
  return changes === 0
    ? 'each change is told'
    : `told once when it changes more than ${changes} times within ${window}`;
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
  selector: 'Only of tasks with',
  namespaces: 'Only in',
};

/** A name of the schema as a label: `groupWait` is `Group wait`. */
export function fieldWords(name: string): string {
  const words = FIELDS[name] ?? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
