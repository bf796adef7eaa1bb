// A dashboard whose objects are given by hand, on a terminal of its own, at a time that stands still.
import type { Test } from 'tap';
import { FakeClock, type Logger, silentLogger } from '../../base/index.js';
import type { Resource } from '../../cli/client/discovery.js';
import type { Rule } from '../../cli/client/self-subject.js';
import { Center } from '../../cli/dashboard/actions/center.js';
import { createActions } from '../../cli/dashboard/actions/create-actions.js';
import type { ActionHandlers } from '../../cli/dashboard/actions/handlers.js';
import { attach } from '../../cli/dashboard/attach.js';
import { Dashboard, type DashboardParts } from '../../cli/dashboard/dashboard.js';
import { NO_SETTINGS, type UiSettings } from '../../cli/dashboard/settings/settings.js';
import { Changes } from '../../cli/dashboard/state/changes.js';
import { type Feed, type FeedQuery, feedKey, type ObjectSource } from '../../cli/dashboard/state/object-source.js';
import { Rights } from '../../cli/dashboard/state/rights.js';
import type { CliDeps } from '../../cli/deps.js';
import type { ApiObject } from '../../cli/resources/api-object.js';
import { kinds, matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector } from '../../manifests/index.js';
import { TestTerminal, type TestTerminalOptions } from './dashboard-terminal.js';

export const NOW = Date.parse('2026-11-22T12:00:00Z');

export const resources: readonly Resource[] = kinds.map(
  ({ plural, singular, shortNames, namespaced, kind, verbs, categories }) => ({
    ...{ name: plural, singularName: singular, shortNames, namespaced, kind, verbs, categories },
  }),
);

interface FedFeed extends Feed {
  phase: Feed['phase'];
  since: number | undefined;
  version: number;
  objects: Map<string, ApiObject>;
}

/** Objects by kind; each query is answered from them, as the center would. */
export class FedSource implements ObjectSource {
  kept: readonly FeedQuery[] = [];
  stale: number | undefined;
  /** Older objects were left out. */
  cut = false;
  refreshed = 0;
  private readonly objects = new Map<string, Map<string, ApiObject>>();
  private readonly feeds = new Map<string, FedFeed>();
  private version = 0;

  put(...objects: readonly ApiObject[]): void {
    for (const object of objects) {
      const ofKind = this.objects.get(object.kind) ?? new Map<string, ApiObject>();
      this.objects.set(object.kind, ofKind.set(object.metadata.uid, object));
    }
    this.version += 1;
  }

  remove({ kind, metadata }: ApiObject): void {
    this.objects.get(kind)?.delete(metadata.uid);
    this.version += 1;
  }

  keep(queries: readonly FeedQuery[]): void {
    this.kept = queries;
  }

  feed(query: FeedQuery): Feed {
    const { resource, namespace, fieldSelector, labelSelector } = query;
    const key = feedKey(query);
    const known = this.feeds.get(key);
    const phase = this.stale === undefined ? 'live' : 'stale';
    if (known?.version === this.version) return Object.assign(known, { phase, since: this.stale });
    const all = [...(this.objects.get(resource.kind)?.values() ?? [])];
    const requirements = fieldSelector === undefined ? [] : parseFieldSelector(fieldSelector);
    const labels = labelSelector === undefined ? [] : parseLabelSelector(labelSelector);
    const shown = all.filter(
      (object) =>
        (namespace === undefined || !resource.namespaced || object.metadata.namespace === namespace) &&
        matchesFields(requirements, object as never) &&
        matchesLabels(labels, object.metadata.labels ?? {}),
    );
    const objects = new Map(shown.map((object) => [object.metadata.uid, object]));
    const feed = known ?? {
      phase,
      since: undefined,
      error: undefined,
      version: 0,
      objects,
      limit: undefined,
      cut: this.cut,
    };
    Object.assign(feed, { objects, version: this.version, phase, since: this.stale, cut: this.cut });
    this.feeds.set(key, feed);
    return feed;
  }

  staleSince(): number | undefined {
    return this.stale;
  }

  refresh(): void {
    this.refreshed += 1;
  }

  stop(): void {}
}

export interface FedOptions extends TestTerminalOptions {
  readonly objects?: readonly ApiObject[];
  /** Kinds that the center has besides those that this version knows. */
  readonly kinds?: readonly Resource[];
  readonly readOnly?: boolean;
  readonly namespace?: string;
  readonly protected?: boolean;
  readonly log?: Logger;
  /** What the user may do; all unless given. */
  readonly rules?: readonly Rule[];
  readonly settings?: UiSettings;
  /** Names of the actions that keys have asked for. */
  readonly asked?: string[];
}

export interface FedDashboard {
  readonly terminal: TestTerminal;
  readonly dashboard: Dashboard;
  readonly source: FedSource;
  readonly clock: FakeClock;
  readonly ended: () => boolean;
}

export async function openFed(t: Test, options: FedOptions = {}): Promise<FedDashboard> {
  const clock = new FakeClock(NOW);
  const source = new FedSource();
  source.put(...(options.objects ?? []));
  const terminal = new TestTerminal(options);
  let ended = false;
  const parts: DashboardParts = {
    ...{ clock, changes: new Changes(clock), source, readOnly: options.readOnly ?? false },
    resources: [...resources, ...(options.kinds ?? [])],
    identity: {
      ...{ context: 'prod', contexts: ['local', 'prod'], server: 'ctask.example.com:6443', user: 'operator-1' },
      ...{ version: '0.1.0', serverVersion: '0.1.0', protected: options.protected ?? false },
    },
    rights: new Rights(async () => options.rules ?? [], options.rules),
    namespace: options.namespace,
    log: options.log ?? silentLogger,
    settings: options.settings ?? NO_SETTINGS,
    actions: options.asked === undefined ? withoutCenter(terminal) : recorder(options.asked),
    quit: () => {
      ended = true;
    },
  };
  const dashboard = new Dashboard(parts);
  const detach = attach(dashboard, terminal.session);
  t.teardown(() => {
    detach();
    terminal.end();
  });
  await terminal.settle();
  return { terminal, dashboard, source, clock, ended: () => ended };
}

/** What needs no center works. */
function withoutCenter({ session }: TestTerminal): ActionHandlers {
  const refuse = async (): Promise<never> => {
    throw new Error('there is no center');
  };
  const deps = { settings: refuse, api: refuse, discovery: refuse } as unknown as CliDeps;
  const none = () => undefined;
  return createActions({ center: new Center(deps), session, connect: refuse, contexts: [], switchContext: none });
}

/** Handlers that only say that they were called: what they do is tested against a center. */
function recorder(asked: string[]): ActionHandlers {
  return new Proxy({} as ActionHandlers, {
    get: (_target, name) => () => {
      asked.push(String(name));
    },
  });
}
