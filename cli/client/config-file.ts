// The configuration file: servers, users, contexts. Several files are merged, the first one that defines a name wins.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CloudTaskError } from '../../base/index.js';
import type { Host } from '../host.js';
import { readPlainYaml } from './plain-yaml.js';

export const CONFIG_API_VERSION = 'config.cloudtask.dev/v1';

export interface ServerEntry {
  /** One address, or several of the same installation. */
  server?: string;
  servers?: string[];
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
}
export interface UserEntry {
  token?: string;
  'token-file'?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
}
export interface ContextEntry {
  server: string;
  user?: string;
  namespace?: string;
  /** The dashboard asks for its name before it does what cannot be undone. */
  protected?: boolean;
  /** The dashboard changes nothing. */
  readOnly?: boolean;
}

export interface ConfigFile {
  apiVersion?: string;
  kind?: string;
  'current-context'?: string;
  servers?: ({ name: string } & ServerEntry)[];
  users?: { name: string; user: UserEntry }[];
  contexts?: { name: string; context: ContextEntry }[];
}

/** A named entry and the file it comes from. */
export interface Sourced<T> {
  readonly name: string;
  readonly value: T;
  readonly file: string;
}

export interface MergedConfig {
  /** Files that were looked at, in order of precedence. */
  readonly files: readonly string[];
  readonly currentContext?: string;
  readonly servers: readonly Sourced<ServerEntry>[];
  readonly users: readonly Sourced<UserEntry>[];
  readonly contexts: readonly Sourced<ContextEntry>[];
  /** Sentences about files that others can read. */
  readonly warnings: readonly string[];
}

/** Files of the configuration, in order of precedence: `--config` alone, else $CTASK_CONFIG (a list), else the default. */
export function configPaths(host: Pick<Host, 'env' | 'homeDir' | 'platform'>, flag?: string): string[] {
  if (flag !== undefined) return [flag];
  const listed = (host.env.CTASK_CONFIG ?? '')
    .split(host.platform === 'win32' ? ';' : ':')
    .filter((path) => path !== '');
  if (listed.length > 0) return [...new Set(listed)];
  if (host.platform === 'win32' && host.env.APPDATA) return [join(host.env.APPDATA, 'ctask', 'config.yaml')];
  const base = host.env.XDG_CONFIG_HOME || join(host.homeDir, '.config');
  return [join(base, 'ctask', 'config.yaml')];
}

/** Reads and merges `files`; one that does not exist counts as empty. Throws CT_CONFIG_INVALID. */
export async function readConfig(files: readonly string[]): Promise<MergedConfig> {
  const merged = {
    files,
    currentContext: undefined as string | undefined,
    servers: [] as Sourced<ServerEntry>[],
    users: [] as Sourced<UserEntry>[],
    contexts: [] as Sourced<ContextEntry>[],
    warnings: [] as string[],
  };
  const add = <T>(list: Sourced<T>[], file: string, name: string, value: T) => {
    if (!list.some((entry) => entry.name === name)) list.push({ name, value, file });
  };
  for (const file of files) {
    const text = readIfThere(file, merged.warnings);
    if (text === undefined) continue;
    const config = checkShape(await parse(text, file), file);
    merged.currentContext ??= config['current-context'] || undefined;
    for (const { name, ...value } of config.servers ?? []) add(merged.servers, file, name, value);
    for (const { name, user } of config.users ?? []) add(merged.users, file, name, user ?? {});
    for (const { name, context } of config.contexts ?? []) add(merged.contexts, file, name, context ?? { server: '' });
  }
  return merged as MergedConfig;
}

/** Read synchronously: small files, and loading fs/promises costs more than reading them. */
function readIfThere(file: string, warnings: string[]): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const { mode } = statSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      warnings.push(`${file} can be read by others; run 'chmod 600 ${file}'`);
    }
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: file, detail: (error as Error).message, cause: error });
  }
}

async function parse(text: string, file: string): Promise<unknown> {
  const plain = readPlainYaml(text);
  if (plain !== undefined) return plain;
  const { parseYaml } = await import('../heavy/yaml.js');
  try {
    return parseYaml(text);
  } catch (error) {
    const [first] = (error as Error).message.split('\n');
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: file, detail: `not YAML: ${first}`, cause: error });
  }
}

function checkShape(value: unknown, file: string): ConfigFile {
  if (value === null || value === undefined) return {};
  const refuse = (detail: string): never => {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: file, detail });
  };
  if (typeof value !== 'object' || Array.isArray(value)) return refuse('not a mapping');
  const config = value as ConfigFile;
  if (config.apiVersion !== undefined && config.apiVersion !== CONFIG_API_VERSION) {
    return refuse(`apiVersion is "${config.apiVersion}", expected "${CONFIG_API_VERSION}"`);
  }
  for (const section of ['servers', 'users', 'contexts'] as const) {
    const entries: unknown = config[section] ?? [];
    if (!Array.isArray(entries)) return refuse(`${section} is not a list`);
    for (const entry of entries as unknown[]) {
      const name = (entry as { name?: unknown } | null)?.name;
      if (typeof name !== 'string' || name === '') return refuse(`an entry of ${section} has no name`);
    }
  }
  return config;
}
