import { parseDuration } from '../../base/index.js';
import type { FieldPath } from './field-path.js';
import { asMap, type Fields, forbidden, type Reporter } from './rule-kit.js';
import { invalid, required } from './schema-causes.js';

/** Longer than this nobody wants to wait for the news, ms. */
const GROUP_WAIT_MAX_MS = 3_600_000;

/** Rules of a Notifier: one way to send, and no password that others can read on its way. */
export function notifierCauses(spec: Fields, report: Reporter): void {
  const { email, webhook, groupWait } = spec;
  if (email === undefined && webhook === undefined) {
    report(required(['spec'], 'one of email and webhook must be given'));
  } else if (email !== undefined && webhook !== undefined) {
    report(forbidden(['spec', 'webhook'], 'may not be given together with email; make two Notifiers'));
  }
  if (typeof groupWait === 'string' && (parseDuration(groupWait) ?? 0) > GROUP_WAIT_MAX_MS) {
    report(invalid(['spec', 'groupWait'], groupWait, 'must be at most 1h'));
  }
  if (webhook !== undefined) webhookCauses(asMap(webhook), report);
  if (email !== undefined) emailCauses(asMap(email), report);
}

/** These know no signature: who knows the URL may send. */
const UNSIGNED: readonly unknown[] = ['Slack', 'Teams', 'WeCom'];

function webhookCauses({ url, urlFrom, format, secretFrom }: Fields, report: Reporter): void {
  const path: FieldPath = ['spec', 'webhook'];
  if (url !== undefined && urlFrom !== undefined) {
    report(forbidden([...path, 'urlFrom'], 'may not be given together with url'));
  } else if (url === undefined && urlFrom === undefined && format !== 'PagerDuty') {
    report(required([...path, 'url'], 'or urlFrom, the key of a Secret that holds it'));
  }
  if (format === 'PagerDuty' && secretFrom === undefined) {
    report(required([...path, 'secretFrom'], 'a Secret holds the routing key of PagerDuty'));
  }
  if (UNSIGNED.includes(format) && secretFrom !== undefined) {
    report(forbidden([...path, 'secretFrom'], `${String(format)} knows no signature; its URL is the secret (urlFrom)`));
  }
}

function emailCauses({ user, passwordFrom, tls }: Fields, report: Reporter): void {
  const path: FieldPath = ['spec', 'email'];
  if (user !== undefined && passwordFrom === undefined) {
    report(required([...path, 'passwordFrom'], 'must be given together with user'));
  }
  if (passwordFrom !== undefined && user === undefined) {
    report(required([...path, 'user'], 'must be given together with passwordFrom'));
  }
  if (user !== undefined && tls === 'None') {
    report(forbidden([...path, 'user'], 'goes with tls: StartTls or Tls only, so that nobody reads the password'));
  }
}
