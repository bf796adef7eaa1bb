// A simulated center: the product's store, controllers and routes for agents, put together as center/center.ts does.
import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Backoff, type Logger } from '../../../base/index.js';
import { AgentLogs } from '../../../center/api/agent-logs.js';
import { AgentScope } from '../../../center/api/agent-scope.js';
import { ChangeHub } from '../../../center/api/change-hub.js';
import type { Metrics } from '../../../center/api/metrics/metrics.js';
import { Refusals } from '../../../center/api/refusals.js';
import type { Requester } from '../../../center/api/requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../../../center/api/route.js';
import { allRoutes } from '../../../center/api/routes/index.js';
import { StreamSet } from '../../../center/api/stream-set.js';
import { AccessDirectory, Logins } from '../../../center/auth/index.js';
import { Controllers } from '../../../center/controllers/index.js';
import { openSqliteStore, type Store } from '../../../center/store/index.js';
import { claimRoot, createCoordinationSession, Layout } from '../../../coordination/index.js';
import { builtInRules, tzdataVersion } from '../../../manifests/index.js';
import type { SimulatedProcess } from '../kernel.js';
import { type CenterEndpoint, listenAt, type RequestsOut } from './center-endpoints.js';
import { clockOf } from './clock.js';
import { databaseServer } from './database-server.js';

export interface CenterOptions {
  readonly id: string;
  readonly url: string;
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  readonly log: Logger;
  /** The store's connection is gone: the process must be ended. */
  readonly failed: () => void;
}

export class SimulatedCenter implements CenterEndpoint {
  readonly process: SimulatedProcess;
  readonly store: Store;
  readonly controllers: Controllers;
  private readonly options: CenterOptions;
  private readonly routes: readonly { readonly route: Route; readonly pattern: RegExp }[];
  private readonly hub: ChangeHub;
  private readonly session: ReturnType<typeof createCoordinationSession>;
  private readonly layout = new Layout();

  constructor(process: SimulatedProcess, options: CenterOptions) {
    this.process = process;
    this.options = options;
    const clock = clockOf(process.machine);
    const { log, connectString, sessionTimeoutMs } = options;
    this.store = openSqliteStore({ path: databaseServer().path, clock, log, died: options.failed });
    this.session = createCoordinationSession({ connectString, sessionTimeoutMs, clock, log });
    this.hub = new ChangeHub(this.store);
    const context: ApiContext = {
      ...{ store: this.store, clock, log, version: 'simulated', hub: this.hub, streams: new StreamSet() },
      metrics: noMetrics as Metrics,
      refusals: new Refusals({ store: this.store, clock, log }),
      logins: new Logins({ store: this.store, clock }),
      directory: new AccessDirectory(this.store),
      leads: () => false,
      leader: () => undefined,
      notReady: () => undefined,
      secrets: { unseal: async () => new Map() },
      secretKeys: {
        ...{ rotate: async () => undefined, drop: async () => undefined },
        use: async () => ({ keys: [], holders: [], dropped: [] }),
      },
      agents: undefined,
      agentLogs: new AgentLogs(clock),
      scope: new AgentScope({ store: this.store, allocated: async () => undefined }),
      lookInside: async () => undefined,
      triggerRecords: async (slots) => slots.map(() => undefined),
    };
    this.routes = allRoutes(context).map((route) => ({ route, pattern: patternOf(route.path) }));
    this.controllers = new Controllers({
      ...{ session: this.session, layout: this.layout, store: this.store, clock, log },
      ...{ centerId: options.id, tzdata: tzdataVersion() },
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.store.start(signal);
    this.hub.start();
    listenAt(this.options.url, this);
    await this.session.start(signal);
    const backoff = new Backoff({ initialMs: 200, maxMs: 5000 });
    const clock = clockOf(this.process.machine);
    for (;;) {
      try {
        await claimRoot(this.session.current, this.layout, await this.store.identity());
        await this.controllers.start(signal);
        return;
      } catch {
        // The connection comes and goes; the product's center tries again in the same way.
        await this.controllers.stop();
        await clock.sleep(backoff.next(), signal);
      }
    }
  }

  async handle(method: string, path: string, body: unknown): Promise<string> {
    const { route, params } = this.find(method, path);
    const request = { params, body, query: {}, headers: {}, method, url: path } as unknown as FastifyRequest;
    return JSON.stringify(await route.handle(request, plainReply(), user));
  }

  openRequests(agent: string, out: RequestsOut): { open(): void; closed(): void } {
    const raw = new StreamedAnswer(out);
    const reply = { hijack: () => undefined, getHeaders: () => ({}), raw } as unknown as FastifyReply;
    const { route, params } = this.find('GET', `/agents/${agent}/requests`);
    const request = { params, query: {} } as unknown as FastifyRequest;
    return {
      open: () => void route.handle(request, reply, user).catch(() => raw.destroy()),
      closed: () => raw.destroy(),
    };
  }

  private find(method: string, path: string): { route: Route; params: Record<string, string> } {
    for (const { route, pattern } of this.routes) {
      const found = route.method === method ? pattern.exec(GROUP_PATH + path) : null;
      if (found !== null) return { route, params: { ...found.groups } };
    }
    throw new Error(`the simulated center has no ${method} ${path}`);
  }
}

const user: Requester = {
  ...{ subject: 'simulation', role: 'person', groups: [], access: { grants: [builtInRules.admin] } },
  audit: { requestId: '', user: 'simulation', sourceIP: '', verb: '' },
};

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
}

/** Takes codes and headers, which nobody reads here. */
function plainReply(): FastifyReply {
  const reply = { code: () => reply, header: () => reply, getHeaders: () => ({}) };
  return reply as unknown as FastifyReply;
}

const noMetrics: unknown = {
  timeWrite: <T>(_operation: string, work: () => Promise<T>) => work(),
  logBytes: { inc: () => undefined },
  agents: { note: () => undefined },
};

/** As much of node:http's ServerResponse as an answer that stays open needs. */
class StreamedAnswer extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  readonly writableLength = 0;
  private readonly out: RequestsOut;

  constructor(out: RequestsOut) {
    super();
    this.out = out;
  }

  writeHead(): this {
    return this;
  }

  flushHeaders(): void {}

  write(text: string): boolean {
    this.out.write(text);
    return true;
  }

  end(): void {
    this.writableEnded = true;
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.out.end();
    this.emit('close');
  }
}
