// Where one is, and who one is there. What the center does not tell, the header does without.
import { reviewSelf, type SelfSubjectReview } from '../client/self-subject.js';
import type { CliDeps } from '../deps.js';
import type { Identity } from './dashboard.js';
import { Rights } from './state/rights.js';

export interface Identified {
  readonly identity: Identity;
  readonly rights: Rights;
}

export async function identify(deps: CliDeps): Promise<Identified> {
  const { context, config } = await deps.settings();
  const api = await deps.api();
  const unless = <T>(asked: Promise<T>): Promise<T | undefined> => asked.catch(() => undefined);
  const [review, version] = await Promise.all([
    unless<SelfSubjectReview>(reviewSelf(api)),
    unless(api.get<{ version?: string; gitVersion?: string }>('/version')),
  ]);
  const { host } = new URL(api.server);
  const rights = new Rights(async () => (await reviewSelf(api)).status.rules, review?.status.rules);
  const identity = {
    context: context?.name ?? '–',
    contexts: config.contexts.map(({ name }) => name),
    server: host,
    protected: config.contexts.find(({ name }) => name === context?.name)?.value.protected === true,
    user: review?.status.userInfo.username ?? '–',
    version: deps.host.version,
    serverVersion: (version?.version ?? version?.gitVersion)?.replace(/^v/, ''),
  };
  return { identity, rights };
}
