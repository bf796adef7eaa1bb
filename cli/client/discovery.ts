// Kinds, their names and scopes come from the server, so that a new kind needs no new client; kept for ten minutes.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, CloudTaskError } from '../../base/index.js';
import type { Host } from '../host.js';
import { otherKinds } from '../other-names.js';
import { closest } from '../output/suggest.js';
import type { Api } from './api.js';
import { GROUP_PATH } from './paths.js';

/** One row of the API's APIResourceList. */
export interface Resource {
  readonly name: string;
  readonly singularName: string;
  readonly shortNames?: readonly string[];
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly categories?: readonly string[];
}

const FRESH_MS = 600_000;

export class Discovery {
  private readonly api: Api;
  private readonly cacheFile: string;
  private readonly clock: Clock;
  private loaded: Promise<readonly Resource[]> | undefined;
  private fromCache = false;

  constructor(api: Api, cacheFile: string, clock: Clock) {
    this.api = api;
    this.cacheFile = cacheFile;
    this.clock = clock;
  }

  async resources(): Promise<readonly Resource[]> {
    this.loaded ??= this.load();
    return this.loaded;
  }

  /** Asks the server even when the cache is fresh. */
  async refresh(): Promise<readonly Resource[]> {
    this.fromCache = false;
    this.loaded = this.fetch();
    return this.loaded;
  }

  /** The resource of that plural, singular, kind or short name in any case. Throws CT_USAGE with a suggestion. */
  async resource(name: string): Promise<Resource> {
    const found = findResource(await this.resources(), name);
    if (found !== undefined) return found;
    const again = this.fromCache ? findResource(await this.refresh(), name) : undefined;
    return again ?? unknownResource(name, await this.resources());
  }

  /** Resources of a category, e.g. `all`; empty when there is none of that name. */
  async category(name: string): Promise<readonly Resource[]> {
    return (await this.resources()).filter(({ categories }) => categories?.includes(name.toLowerCase()));
  }

  private async load(): Promise<readonly Resource[]> {
    try {
      const cache = JSON.parse(readFileSync(this.cacheFile, 'utf8')) as { time: number; resources: Resource[] };
      const age = this.clock.now() - cache.time;
      if (age >= 0 && age < FRESH_MS && Array.isArray(cache.resources)) {
        this.fromCache = true;
        return cache.resources;
      }
    } catch {
      // No cache, or one that was cut off: ask.
    }
    return this.fetch();
  }

  private async fetch(): Promise<readonly Resource[]> {
    const { resources } = await this.api.get<{ resources: Resource[] }>(GROUP_PATH);
    const own = resources.filter(({ name }) => !name.includes('/'));
    this.save(own);
    return own;
  }

  private save(resources: readonly Resource[]): void {
    try {
      mkdirSync(dirname(this.cacheFile), { recursive: true, mode: 0o700 });
      const temporary = `${this.cacheFile}.${process.pid}.tmp`;
      writeFileSync(temporary, JSON.stringify({ time: this.clock.now(), resources }), { mode: 0o600 });
      renameSync(temporary, this.cacheFile);
    } catch {
      // A cache that cannot be written costs one request per command, no more.
    }
  }
}

/** Where things are kept between commands: `--cache-dir`, or under the user's cache directory. */
export function cacheDirectory({ env, homeDir }: Pick<Host, 'env' | 'homeDir'>, flag?: string): string {
  return flag ?? join(env.XDG_CACHE_HOME || join(homeDir, '.cache'), 'ctask');
}

export function discoveryCacheFile(host: Pick<Host, 'env' | 'homeDir'>, server: string, flag?: string): string {
  return join(cacheDirectory(host, flag), 'discovery', `${server.replace(/[^A-Za-z0-9.-]+/g, '_')}.json`);
}

export function findResource(resources: readonly Resource[], name: string): Resource | undefined {
  // With or without the group, as `-o name` prints it.
  const wanted = name.toLowerCase().replace(/\.cloudtask\.dev$/, '');
  return resources.find(
    (row) =>
      row.name === wanted ||
      row.singularName === wanted ||
      row.kind.toLowerCase() === wanted ||
      row.shortNames?.includes(wanted),
  );
}

function unknownResource(name: string, resources: readonly Resource[]): never {
  const near =
    otherKinds[name.toLowerCase()] ??
    closest(
      name,
      resources.flatMap((row) => [row.name, row.singularName, ...(row.shortNames ?? [])]),
    );
  const row = near === undefined ? undefined : findResource(resources, near);
  throw new CloudTaskError('CT_USAGE', {
    detail: `the server doesn't have a resource type "${name}"`,
    hint:
      row === undefined
        ? "run 'ctask api-resources' for a complete list"
        : `Did you mean this?\n\t${row.name}${row.shortNames?.length ? ` (${row.shortNames.join(', ')})` : ''}`,
  });
}
