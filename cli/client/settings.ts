// Where requests go, as whom, in which namespace: flag > variable > context of the configuration > default.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CloudTaskError, parseDuration } from '../../base/index.js';
import type { GlobalOptions } from '../global-options.js';
import type { Host } from '../host.js';
import {
  configPaths,
  type MergedConfig,
  readConfig,
  type ServerEntry,
  type Sourced,
  type UserEntry,
} from './config-file.js';

export interface Settings {
  readonly config: MergedConfig;
  /** Name of the context in use and the file it comes from; absent when none is. */
  readonly context?: { readonly name: string; readonly file: string };
  readonly namespace: string;
  /** The namespace was asked for by flag. */
  readonly namespaceGiven: boolean;
  /** Addresses of the centers, to be tried in this order; empty when nothing names one. */
  readonly servers: readonly string[];
  readonly token?: string;
  /** Whom requests are sent as. */
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] };
  readonly ca?: string;
  readonly insecure: boolean;
  /** Name that the certificate of the center must have, if not the host of its address. */
  readonly tlsServerName?: string;
  /** PEM; both or neither. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** Limit of one request in milliseconds; 0 for none. */
  readonly requestTimeoutMs: number;
  readonly verbosity: number;
  readonly warnings: readonly string[];
}

export const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/** Throws CT_CONFIG_INVALID and CT_USAGE. */
export async function resolveSettings(host: Host, globals: GlobalOptions): Promise<Settings> {
  const { env } = host;
  const config = await readConfig(configPaths(host, globals.config));
  if (globals.namespace === '')
    throw new CloudTaskError('CT_USAGE', '--namespace must not be empty; -A means all namespaces');
  if (globals.config !== undefined && !existsSync(globals.config)) {
    throw new CloudTaskError('CT_CONFIG_INVALID', `--config "${globals.config}": no such file`);
  }
  const warnings = [...config.warnings];
  const contextName = globals.context ?? (env.CTASK_CONTEXT || undefined) ?? config.currentContext;
  const context = config.contexts.find(({ name }) => name === contextName);
  if (contextName !== undefined && context === undefined && (globals.context ?? env.CTASK_CONTEXT)) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: `context "${contextName}" does not exist`,
      hint: "run 'ctask config get-contexts' to see which do",
    });
  }
  const server = entry(config.servers, context?.value.server, 'server', context?.name);
  const user =
    globals.user === undefined
      ? entry(config.users, context?.value.user, 'user', context?.name)
      : entry(config.users, globals.user, 'user');
  if (globals.token !== undefined) warnings.push('a token on the command line can be seen in the list of processes');
  const flagOrVariable = globals.server ?? (env.CTASK_SERVER || undefined);
  if (globals.server && env.CTASK_SERVER && globals.server !== env.CTASK_SERVER) {
    warnings.push(`--server ${globals.server} is used, CTASK_SERVER=${env.CTASK_SERVER} is not`);
  }
  return {
    config,
    ...(context === undefined ? {} : { context: { name: context.name, file: context.file } }),
    namespace: globals.namespace ?? (env.CTASK_NAMESPACE || undefined) ?? context?.value.namespace ?? 'default',
    namespaceGiven: globals.namespace !== undefined,
    servers: (flagOrVariable?.split(',') ?? server?.value.servers ?? server?.value.server?.split(',') ?? []).map(
      serverUrl,
    ),
    ...optional('token', findToken(host, globals, user)),
    ...optional('impersonate', impersonated(globals)),
    ...optional('ca', findAuthority(host, globals, server)),
    ...optional('tlsServerName', globals.tlsServerName ?? server?.value['tls-server-name']),
    ...findClientCertificate(host, globals, user),
    insecure: globals.insecureSkipTlsVerify ?? server?.value['insecure-skip-tls-verify'] ?? false,
    requestTimeoutMs: requestTimeout(globals.requestTimeout ?? env.CTASK_REQUEST_TIMEOUT),
    verbosity: verbosity(globals.v),
    warnings,
  };
}

const optional = <K extends string, T>(key: K, value: T | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: T };

function entry<T>(list: readonly Sourced<T>[], name: string | undefined, what: string, context?: string) {
  if (name === undefined || name === '') return undefined;
  const found = list.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const who = context === undefined ? 'the command line' : `context "${context}"`;
    throw new CloudTaskError('CT_CONFIG_INVALID', `${who} names ${what} "${name}", which does not exist`);
  }
  return found;
}

/** A bare `host:port` means http on loopback and https elsewhere. */
function serverUrl(text: string): string {
  const address = text.trim();
  const loopback = /^(localhost|127\.|\[::1\])/.test(address);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1];
  if (scheme !== undefined && !/^https?$/.test(scheme))
    throw new CloudTaskError(
      'CT_CONFIG_INVALID',
      `the address of a server begins with http:// or https://, not "${scheme}://"`,
    );
  const url = /^https?:\/\//.test(address) ? address : `${loopback ? 'http' : 'https'}://${address}`;
  if (!URL.canParse(url)) throw new CloudTaskError('CT_CONFIG_INVALID', `"${text}" is not the address of a server`);
  return url.replace(/\/+$/, '');
}

function findToken(host: Host, globals: GlobalOptions, user?: Sourced<UserEntry>): string | undefined {
  if (globals.token !== undefined) return globals.token;
  if (host.env.CTASK_TOKEN) return host.env.CTASK_TOKEN;
  if (host.env.CTASK_TOKEN_FILE) return readSecret(host.env.CTASK_TOKEN_FILE);
  const file = user?.value['token-file'];
  if (file !== undefined) return readSecret(expand(host, file, user?.file ?? ''));
  return user?.value.token;
}

/** Throws CT_USAGE for groups of nobody. */
function impersonated({ as, asGroup = [] }: GlobalOptions): Settings['impersonate'] {
  if (as !== undefined && as !== '') return { user: as, groups: asGroup };
  if (as === undefined && asGroup.length === 0) return undefined;
  throw new CloudTaskError(
    'CT_USAGE',
    as === '' ? '--as must not be empty' : '--as-group needs --as: whose group is it?',
  );
}

function findAuthority(host: Host, globals: GlobalOptions, server?: Sourced<ServerEntry>): string | undefined {
  const given = globals.certificateAuthority ?? host.env.CTASK_CACERT;
  if (given) return readSecret(given);
  const data = server?.value['certificate-authority-data'];
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = server?.value['certificate-authority'];
  return file === undefined ? undefined : readSecret(expand(host, file, server?.file ?? ''));
}

/** Throws CT_USAGE for a certificate without its key. */
function findClientCertificate(
  host: Host,
  globals: GlobalOptions,
  user?: Sourced<UserEntry>,
): { clientCertificate?: string; clientKey?: string } {
  const pem = (flag: string | undefined, what: 'client-certificate' | 'client-key'): string | undefined => {
    if (flag !== undefined) return readSecret(flag);
    const data = user?.value[`${what}-data`];
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    const file = user?.value[what];
    return file === undefined ? undefined : readSecret(expand(host, file, user?.file ?? ''));
  };
  const clientCertificate = pem(globals.clientCertificate, 'client-certificate');
  const clientKey = pem(globals.clientKey, 'client-key');
  if (clientCertificate === undefined && clientKey === undefined) return {};
  if (clientCertificate === undefined || clientKey === undefined) {
    throw new CloudTaskError('CT_USAGE', 'a client certificate and its key must be given together');
  }
  return { clientCertificate, clientKey };
}

/** `~` is the home directory; a relative path counts from the file that names it. */
function expand(host: Host, path: string, configFile: string): string {
  if (path === '~' || path.startsWith('~/')) return join(host.homeDir, path.slice(1));
  return resolve(dirname(configFile), path);
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: (error as Error).message, cause: error });
  }
}

/** A duration, or a plain number of seconds; 0 for no limit. */
function requestTimeout(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_REQUEST_TIMEOUT_MS;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined)
    throw new CloudTaskError('CT_USAGE', `--request-timeout "${text}" is not a duration such as 5s`);
  return ms;
}

function verbosity(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d+$/.test(text)) throw new CloudTaskError('CT_USAGE', `-v "${text}" is not a number from 0 to 9`);
  return Number(text);
}
