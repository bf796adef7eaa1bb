import { CONFIG_API_VERSION, type MergedConfig, type Sourced, type UserEntry } from '../../client/config-file.js';

export interface ViewScope {
  readonly raw: boolean;
  readonly minify: boolean;
  readonly current: string | undefined;
}

/** The merged configuration as one file; tokens hidden unless `raw`. */
export function redacted(merged: MergedConfig, { raw, minify, current }: ViewScope): object {
  const context = merged.contexts.find(({ name }) => name === current);
  const within = <T>(list: readonly Sourced<T>[], wanted: string | undefined) =>
    minify ? list.filter(({ name }) => name === wanted) : list;
  return {
    apiVersion: CONFIG_API_VERSION,
    kind: 'Config',
    'current-context': current ?? '',
    servers: within(merged.servers, context?.value.server).map(({ name, value }) => ({ name, ...value })),
    users: within(merged.users, context?.value.user).map(({ name, value }) => ({
      name,
      user: raw ? value : hidden(value),
    })),
    contexts: within(merged.contexts, context?.name).map(({ name, value }) => ({ name, context: value })),
  };
}

function hidden(user: UserEntry): UserEntry {
  return {
    ...user,
    ...(user.token === undefined ? {} : { token: 'REDACTED' }),
    ...(user['client-key-data'] === undefined ? {} : { 'client-key-data': 'DATA+OMITTED' }),
  };
}
