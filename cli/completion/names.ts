// Names of objects for the shell, kept for a few seconds: somebody who presses TAB presses it again.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../client/discovery.js';
import { resourcePath } from '../client/paths.js';
import type { Settings } from '../client/settings.js';
import type { CliDeps } from '../deps.js';

/** Reference 6.3: completion 5 s. */
const FRESH_MS = 5_000;
/** Nobody chooses among more. */
const NAMES_MAX = 1_000;
/** Kinds, namespaces, contexts and identities of one sitting; beyond that all is thrown away, which costs a request each. */
const FILES_MAX = 200;

/** Names of the objects of a kind in the namespace of the command. Throws when the server cannot be asked. */
export async function objectNames(type: string, deps: CliDeps): Promise<string[]> {
  const resource = await (await deps.discovery()).resource(type);
  const settings = await deps.settings();
  const { namespace, servers, context } = settings;
  const where = [servers[0] ?? '', context?.name ?? '', resource.namespaced ? namespace : '', resource.name];
  const file = cacheFile(deps, [...where, whoAsks(settings)]);
  const now = deps.clock.now();
  const kept = read(file);
  if (kept !== undefined && now - kept.time >= 0 && now - kept.time < FRESH_MS) return kept.names;
  const path = resourcePath(resource.name, resource.namespaced ? namespace : undefined);
  const { items } = await (await deps.api()).get<{ items: { metadata: { name: string } }[] }>(path, {
    limit: NAMES_MAX,
  });
  const names = items.map(({ metadata }) => metadata.name);
  write(file, { time: now, names });
  return names;
}

/** Other people of one computer, or the same one with other rights, may not see the same names. A digest: the token is no part of
 * a file name. */
function whoAsks({ token = '', impersonate, clientCertificate = '' }: Settings): string {
  const identity = JSON.stringify([token, clientCertificate, impersonate ?? null]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 16);
}

interface Kept {
  readonly time: number;
  readonly names: string[];
}

function cacheFile({ host, globals }: CliDeps, where: readonly string[]): string {
  const name = where.map((part) => part.replace(/[^A-Za-z0-9.-]+/g, '_')).join('+');
  return join(cacheDirectory(host, globals.cacheDir), 'completion', `${name}.json`);
}

function read(file: string): Kept | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    return Array.isArray(kept.names) ? kept : undefined;
  } catch {
    return undefined; // none, or one that was cut off
  }
}

function write(file: string, kept: Kept): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(kept), { mode: 0o600 });
    renameSync(temporary, file);
    sweep(file);
  } catch {
    // A cache that cannot be written costs one request per TAB, no more.
  }
}

/** What is kept is good for seconds, so that of too many files none but the newest is worth anything. */
function sweep(newest: string): void {
  const directory = dirname(newest);
  const files = readdirSync(directory);
  if (files.length <= FILES_MAX) return;
  for (const name of files) {
    const file = join(directory, name);
    if (file !== newest) rmSync(file, { force: true });
  }
}
