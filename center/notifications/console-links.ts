// Pages of the console, for those who are told of something.
import { CloudTaskError } from '../../base/index.js';
import type { NotificationFacts } from '../store/notifications/notification-book.js';

export interface Link {
  /** What there is to see. */
  readonly label: string;
  readonly url: string;
}

/** Throws CT_CONFIG_INVALID for what no browser could open. */
export function requireExternalUrl(text: string): void {
  const wrong = (detail: string) => new CloudTaskError('CT_CONFIG_INVALID', `externalUrl: "${text}": ${detail}`);
  if (!/^https?:\/\//i.test(text)) throw wrong('it must begin with https:// or http://');
  if (!URL.canParse(text)) throw wrong('it is no URL');
  const { username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') throw wrong('it holds a user or a password');
  if (search !== '' || hash !== '') throw wrong('it has neither "?" nor "#"');
}

export function consolePage(externalUrl: string, ...path: readonly string[]): string {
  return `${externalUrl.replace(/\/+$/, '')}/console/${path.map(encodeURIComponent).join('/')}`;
}

/** The pages about it, the closest first; none where nobody knows how the center is reached from outside. */
export function linksOf(facts: NotificationFacts, externalUrl: string | undefined): readonly Link[] {
  if (externalUrl === undefined) return [];
  const page = (label: string, ...path: string[]): Link => ({ label, url: consolePage(externalUrl, ...path) });
  if (facts.about === 'Run') {
    const { namespace, name, task, attempts, startTime, endTime } = facts;
    const run = page(attempts > 0 ? 'Run and its output' : 'Run', 'runs', namespace, name);
    // Of a time point that nobody has looked at there is no run to be seen.
    const isThere = startTime !== undefined || endTime !== undefined;
    return [...(isThere ? [run] : []), page('Task', 'tasks', namespace, task)];
  }
  if (facts.about === 'Agent')
    return [page('Agent', 'agents', facts.agent), page('Cluster', 'clusters', facts.cluster)];
  return [page('Console')];
}
