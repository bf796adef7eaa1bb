// What the header tells of the installation, from the few objects that are always followed.
import type { Instant } from '../../../base/index.js';
import { type Agent, agentCordoned, agentReady, type Task } from '../../../manifests/index.js';
import type { Resource } from '../../client/discovery.js';
import { findResource } from '../../client/discovery.js';
import { nextDue } from '../views/fires.js';
import type { Feed, FeedQuery, ObjectSource } from './object-source.js';

/** Of more tasks than this the next one is looked for once a second, since it takes as long as all else of a frame. */
const FEW_TASKS = 500;
const PAUSE_MS = 1000;

/** Keys 1 to 9. */
const FAVOURITES = 9;

export interface AgentCounts {
  readonly ready: number;
  readonly total: number;
  /** They get no further tasks; ready or not. */
  readonly cordoned: number;
}

/** The task that is due first. */
export interface NextRun {
  readonly time: Instant;
  readonly task: string;
}

export interface InstallationFacts {
  readonly agents: AgentCounts | undefined;
  readonly running: number | undefined;
  readonly waiting: number | undefined;
  /** There are more of either than are counted. */
  readonly runsCut: boolean;
  readonly nextRun: NextRun | undefined;
  readonly favourites: readonly string[];
  readonly namespaces: readonly string[];
}

interface HeaderQueries {
  readonly agents?: FeedQuery | undefined;
  readonly namespaces?: FeedQuery | undefined;
  readonly tasks?: FeedQuery | undefined;
  readonly running?: FeedQuery | undefined;
  readonly queued?: FeedQuery | undefined;
  readonly pending?: FeedQuery | undefined;
}

export class Installation {
  private readonly source: ObjectSource;
  private readonly resources: readonly Resource[];
  private readonly namespace: () => string | undefined;
  private ofNamespace: { readonly namespace: string | undefined; readonly queries: HeaderQueries } | undefined;
  private nextOf: { feed: Feed; version: number; at: Instant; next: NextRun | undefined } | undefined;

  /** @param namespace of the views one opens: runs and tasks are counted there, as the pulses do. */
  constructor(source: ObjectSource, resources: readonly Resource[], namespace: () => string | undefined) {
    this.source = source;
    this.resources = resources;
    this.namespace = namespace;
  }

  get queries(): readonly FeedQuery[] {
    return Object.values(this.own).filter((query) => query !== undefined);
  }

  private get own(): HeaderQueries {
    const namespace = this.namespace();
    if (this.ofNamespace === undefined || this.ofNamespace.namespace !== namespace)
      this.ofNamespace = { namespace, queries: this.queriesOf(namespace) };
    return this.ofNamespace.queries;
  }

  private queriesOf(namespace: string | undefined): HeaderQueries {
    const query = (name: string, fieldSelector?: string): FeedQuery | undefined => {
      const resource = findResource(this.resources, name);
      if (resource === undefined) return undefined;
      return { resource, fieldSelector, ...(resource.namespaced ? { namespace } : {}) };
    };
    return {
      agents: query('agents'),
      namespaces: query('namespaces'),
      tasks: query('tasks'),
      running: query('runs', 'status.state=Running'),
      queued: query('runs', 'status.state=Queued'),
      pending: query('runs', 'status.state=Pending'),
    };
  }

  facts(now: number): InstallationFacts {
    const agents = this.objects<Agent>('agents');
    const [queued, pending] = [this.count('queued'), this.count('pending')];
    const names = (this.objects('namespaces') ?? []).map(({ metadata }) => metadata.name).sort();
    const first = ['default', ...names.filter((name) => name !== 'default')];
    return {
      agents: agents === undefined ? undefined : countAgents(agents),
      running: this.count('running'),
      waiting: queued === undefined || pending === undefined ? undefined : queued + pending,
      runsCut: [this.feed('running'), this.feed('queued'), this.feed('pending')].some((feed) => feed?.cut),
      nextRun: this.nextRun(now),
      favourites: (names.length === 0 ? [] : first).slice(0, FAVOURITES),
      namespaces: names,
    };
  }

  uidOfNamespace(name: string): string | undefined {
    const objects = this.objects<{ metadata: { name: string; uid: string } }>('namespaces');
    return objects?.find(({ metadata }) => metadata.name === name)?.metadata.uid;
  }

  private feed(which: keyof HeaderQueries): Feed | undefined {
    const query = this.own[which];
    const feed = query === undefined ? undefined : this.source.feed(query);
    return feed === undefined || feed.phase === 'loading' || feed.phase === 'refused' ? undefined : feed;
  }

  private objects<T extends { metadata: { name: string } }>(which: keyof HeaderQueries): T[] | undefined {
    const feed = this.feed(which);
    return feed === undefined ? undefined : ([...feed.objects.values()] as unknown as T[]);
  }

  private count(which: keyof HeaderQueries): number | undefined {
    return this.feed(which)?.objects.size;
  }

  /** Of thousands of tasks the least is looked for when they change or it has come, not whenever the screen is drawn. */
  private nextRun(now: number): NextRun | undefined {
    const feed = this.feed('tasks');
    if (feed === undefined) return undefined;
    const known = this.nextOf?.feed === feed ? this.nextOf : undefined;
    if (known !== undefined && (known.next === undefined || known.next.time > now)) {
      // A clock that went back must not keep it for ever.
      const fresh = Math.abs(now - known.at) < PAUSE_MS && feed.objects.size > FEW_TASKS;
      if (fresh || known.version === feed.version) return known.next;
    }
    let next: NextRun | undefined;
    for (const object of feed.objects.values()) {
      const time = nextDue(object as unknown as Task, now);
      if (time !== undefined && (next === undefined || time < next.time)) next = { time, task: object.metadata.name };
    }
    this.nextOf = { feed, version: feed.version, at: now, next };
    return next;
  }
}

function countAgents(agents: readonly Agent[]): AgentCounts {
  return {
    ready: agents.filter(agentReady).length,
    total: agents.length,
    cordoned: agents.filter(agentCordoned).length,
  };
}
