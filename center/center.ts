// One center: store, coordination session, API and controllers. The API answers from the store alone: without ZooKeeper
// people can still look and apply, and agents report; only readiness says that nothing is allocated meanwhile.
import { join, resolve } from 'node:path';
import { Backoff, CloudTaskError, isCloudTaskError, messageOf } from '../base/index.js';
import {
  type CoordinationSession,
  claimRoot,
  closeToOthers,
  createCoordinationSession,
  isCoordinationError,
  Layout,
  readAllocation,
  readTriggerRecords,
  type TriggerRecord,
} from '../coordination/index.js';
import { tzdataVersion } from '../manifests/index.js';
import { ApiServer } from './api/index.js';
import {
  AgentCertificates,
  Authenticator,
  ensureSetUp,
  ensureTokens,
  requireSafeIssuer,
  requireSafeListening,
  ServerTls,
  tokenFiles,
} from './auth/index.js';
import type { Center, CenterOptions } from './center-options.js';
import { Controllers } from './controllers/index.js';
import { lookInside } from './diagnosis/index.js';
import { requireAllowedHosts, requireExternalUrl } from './notifications/index.js';
import { Observation } from './observation.js';
import { KeyRotation, SecretKeeper } from './secrets/index.js';
import { openPostgresStore, openSqliteStore, type Store } from './store/index.js';

/** The controllers cannot join the election while the connection comes and goes; they try again. */
const CONTROLLERS_RETRY = { initialMs: 200, maxMs: 5000 };

/** How long a start waits to see whose root it is, before it serves without that knowledge. */
const ROOT_CHECK_MS = 3000;

/** Nodes that a message names. */
const PATHS_TOLD = 10;

/** Builds a center. Nothing is opened before `start`, which resolves when the API answers. */
export function createCenter(options: CenterOptions): Center {
  return new ComposedCenter(options);
}

class ComposedCenter implements Center {
  readonly name = 'center';
  readonly adminTokenFile: string;
  readonly agentTokenFile: string;
  readonly failed: Promise<CloudTaskError>;
  setUpFile: string | undefined;
  private readonly options: CenterOptions;
  private readonly store: Store;
  private readonly secrets: SecretKeeper;
  private readonly secretKeys: KeyRotation;
  private readonly session: CoordinationSession;
  private readonly controllers: Controllers;
  private readonly observation: Observation;
  private readonly ending = new AbortController();
  private api: ApiServer | undefined;
  private tls: ServerTls | undefined;
  private leading: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private storeId = '';
  private readonly layout: Layout;
  private readonly rootTaken: Promise<void>;
  private taken: () => void = () => undefined;
  private readonly listening: Promise<void>;
  private listens: () => void = () => undefined;
  private fail: (reason: CloudTaskError) => void = () => undefined;

  constructor(options: CenterOptions) {
    this.options = options;
    this.layout = new Layout(options.coordination.root);
    this.rootTaken = new Promise((resolve) => {
      this.taken = resolve;
    });
    this.listening = new Promise((resolve) => {
      this.listens = resolve;
    });
    const { dataDir, coordination, clock, log, centerId } = options;
    const { adminTokenFile, agentTokenFile } = tokenFiles(dataDir);
    this.adminTokenFile = adminTokenFile;
    this.agentTokenFile = agentTokenFile;
    this.failed = new Promise((resolve) => {
      this.fail = resolve;
    });
    const died = (cause: unknown) =>
      this.fail(new CloudTaskError('CT_STORE', { detail: `the store ended: ${messageOf(cause)}`, cause }));
    const keyFile = options.secretsKeyFile ?? join(dataDir, 'secrets.key');
    const keys = { keyFile, book: () => this.store.secrets };
    this.secrets = new SecretKeeper(keys);
    this.secretKeys = new KeyRotation({
      ...{ ...keys, ring: this.secrets.ring, clock, log: log.child({ part: 'secrets' }) },
      // Where to copy a key to; and two centers of one machine are two.
      center: `${centerId}:${resolve(keyFile)}`,
      leads: () => this.controllers.isLeader,
    });
    this.observation = new Observation(options, () => this.controllers);
    const { observeStore: observe } = this.observation;
    const storeOptions = { clock, log: log.child({ part: 'store' }), died, sealer: this.secrets, observe };
    this.store =
      options.store === undefined
        ? openSqliteStore({ path: join(dataDir, 'store.db'), ...storeOptions })
        : openPostgresStore({ ...options.store, ...storeOptions });
    this.observation.watch(this.store);
    const { connectString, sessionTimeoutMs, auth } = coordination;
    this.session = createCoordinationSession({
      ...{ connectString, sessionTimeoutMs, clock, log: log.child({ part: 'coordination' }) },
      observer: this.observation.metrics,
      ...(auth === undefined ? {} : { auth }),
    });
    this.controllers = new Controllers({
      ...{ session: this.session, layout: this.layout, store: this.store, clock, centerId },
      ...{ log: log.child({ part: 'controllers' }), tzdata: tzdataVersion() },
      notifications: { secrets: this.secrets, allowed: options.notifyAllow ?? [], externalUrl: options.externalUrl },
      ...(options.auditRetentionMs === undefined ? {} : { auditRetentionMs: options.auditRetentionMs }),
    });
  }

  get url(): string {
    return this.api?.url ?? '';
  }

  get authority(): Center['authority'] {
    const { authority } = this.tls ?? {};
    return authority && { file: authority.file, pin: authority.pin };
  }

  async start(signal: AbortSignal): Promise<void> {
    const { host, tls, insecure = false, dataDir } = this.options;
    requireSafeListening({ host, tls: tls !== undefined, insecure }); // before anything is made on the disk
    if (this.options.oidc !== undefined) requireSafeIssuer(this.options.oidc);
    if (this.options.externalUrl !== undefined) requireExternalUrl(this.options.externalUrl);
    requireAllowedHosts(this.options.notifyAllow ?? []);
    try {
      signal.throwIfAborted();
      await this.store.start(this.ending.signal);
      this.storeId = await this.store.identity();
      await this.secretKeys.start();
      await this.secrets.start();
      await ensureTokens({ dataDir, store: this.store, shared: this.options.store !== undefined });
      this.tls = await this.openTls();
      this.setUpFile = await ensureSetUp({ dataDir, store: this.store });
      this.leading = this.lead();
      // A root of others is noticed before anybody is served. Without ZooKeeper, people and agents are served all the same.
      const rootKnown = Promise.race([this.rootTaken, this.options.clock.sleep(ROOT_CHECK_MS, signal)]);
      const failure = await Promise.race([rootKnown, this.failed]);
      if (failure !== undefined) throw failure;
      this.api = new ApiServer(await this.apiOptions());
      await this.api.start();
      this.listens();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.listens(); // who waits for it looks at `ending` then
    await this.leading;
    // Controllers first: they write to all the others. Then the API, so that nothing is acknowledged that the store
    // would not take any more; the session and the store last.
    await this.controllers.stop();
    await this.api?.stop();
    await this.observation.stop();
    await this.session.stop();
    await this.closing;
    await this.secretKeys.stop();
    await this.store.stop();
  }

  private async apiOptions(): Promise<ConstructorParameters<typeof ApiServer>[0]> {
    const { host, port, insecure, clock, log, centerId, version, requestsPerSecond, consoleDir, guests, oidc } =
      this.options;
    const { coordination, recentLines } = this.options;
    return {
      ...{ host, port, clock, store: this.store, log: log.child({ part: 'api' }) },
      ...{ auth: new Authenticator({ store: this.store, clock }), secrets: this.secrets },
      secretKeys: this.secretKeys,
      metrics: this.observation.metrics,
      leads: () => this.controllers.isLeader,
      leader: () => (this.controllers.isLeader ? centerId : undefined),
      notReady: () => this.notReady(),
      lookInside: () => lookInside(this.place()),
      triggerRecords: (slots) => this.triggerRecords(slots),
      ...(recentLines === undefined ? {} : { own: { id: centerId, lines: recentLines } }),
      ...(version === undefined ? {} : { version }),
      ...(consoleDir === undefined ? {} : { consoleDir }),
      ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
      ...(guests === undefined ? {} : { guests }),
      ...(oidc === undefined ? {} : { oidc }),
      ...(insecure === undefined ? {} : { insecure }),
      ...(this.tls === undefined ? {} : { tls: this.tls }),
      ...this.agentsOptions(),
      ...(coordination.secret === undefined ? {} : { coordinationSecret: coordination.secret }),
      coordination: { zookeeper: coordination.connectString, root: coordination.root },
      allocated: (agent) => this.allocated(agent),
    };
  }

  /** Throws CT_CONFIG_INVALID; also when other centers of the store have another authority. */
  private async openTls(): Promise<ServerTls | undefined> {
    const { tls: options, dataDir, host, clock, log } = this.options;
    if (options === undefined) return undefined;
    const known = await this.store.access.authority();
    const part = log.child({ part: 'tls' });
    const tls = await ServerTls.open(options, { dataDir, host, mayMake: known === undefined, clock, log: part });
    const pin = tls.authority?.pin;
    if (pin !== undefined && (known ?? (await this.store.access.claimAuthority(pin))) !== pin) {
      throw new CloudTaskError('CT_CONFIG_INVALID', {
        detail: 'the agents of this store know another authority',
        hint: 'copy tls/ca.crt and tls/ca.key from the data directory of the center that made it',
      });
    }
    return tls;
  }

  private agentsOptions(): Pick<ConstructorParameters<typeof ApiServer>[0], 'agents'> {
    const { authority } = this.tls ?? {};
    const { authority: wish } = this.options.tls ?? {};
    if (authority === undefined || wish === undefined) return {};
    const { agentCertificateMs: lifetimeMs, allowSharedToken = false } = wish;
    const { clock } = this.options;
    return { agents: new AgentCertificates({ authority, store: this.store, clock, lifetimeMs, allowSharedToken }) };
  }

  /** See AgentScopeOptions. */
  private async allocated(agent: string): Promise<string[] | undefined> {
    if (this.notReady() !== undefined) return undefined;
    try {
      return (await readAllocation(this.session.current, this.layout, agent)).map(({ taskUid }) => taskUid);
    } catch (error) {
      this.options.log.warn({ err: messageOf(error), agent }, 'the tasks of an agent could not be read');
      return undefined;
    }
  }

  private place(): Parameters<typeof lookInside>[0] {
    const { centerId, dataDir, clock, coordination } = this.options;
    const { session, layout, store } = this;
    return {
      ...{ coordinator: session.current, layout, store, clock, centerId, dataDir },
      servers: coordination.connectString,
    };
  }

  private notReady(): string | undefined {
    const { state } = this.session.current;
    return state === 'connected' ? undefined : `coordination is ${state}`;
  }

  /** For people who audit: without ZooKeeper they are told what the store knows. */
  private async triggerRecords(
    slots: readonly { taskUid: string; slot: string }[],
  ): Promise<(TriggerRecord | undefined)[]> {
    if (this.notReady() !== undefined) return slots.map(() => undefined);
    const paths = slots.map(({ taskUid, slot }) => this.layout.trigger(taskUid, slot));
    try {
      return (await readTriggerRecords(this.session.current, paths)).map((versioned) => versioned?.record);
    } catch (error) {
      this.options.log.warn({ err: messageOf(error) }, 'trigger records could not be read for an audit');
      return slots.map(() => undefined);
    }
  }

  private async takeRoot(): Promise<void> {
    try {
      await claimRoot(this.session.current, this.layout, this.storeId);
    } catch (error) {
      if (!isCoordinationError(error, 'noAuth')) throw error;
      throw new CloudTaskError('CT_FOREIGN_ROOT', {
        subject: `"${this.layout.root || '/'}"`,
        detail: 'is closed to this center: it was made with another coordination secret',
        hint: 'copy coordination.secret from the data directory of the first center (--coordination-secret-file)',
        cause: error,
      });
    }
    if ((this.options.coordination.auth ?? []).length > 0) this.closing ??= this.closeToOthers();
  }

  /** Beside all else: it may take seconds. A node that others could write may hold what they wrote. */
  private async closeToOthers(): Promise<void> {
    const { log } = this.options;
    try {
      const { looked, closed, foreign } = await closeToOthers(this.session.current, this.layout);
      const root = this.layout.root || '/';
      if (closed.length > 0) {
        log.warn(
          { root, nodes: firstOf(closed) },
          'others could write these nodes of coordination; they are closed now',
        );
      }
      if (foreign.length > 0) {
        const cure = 'delete them, or give their ACL to this installation, with the credentials they were made with';
        log.error({ root, nodes: firstOf(foreign), cure }, 'these nodes of coordination belong to somebody else');
      }
      log.info({ root, looked }, 'coordination is closed to others');
    } catch (error) {
      this.closing = undefined; // with the next session
      if (!this.ending.signal.aborted) log.warn({ err: messageOf(error) }, 'who may write coordination is not known');
    }
  }

  /** Connects to ZooKeeper, however long that takes, and stands for election. Ends with `ending`. */
  private async lead(): Promise<void> {
    const { signal } = this.ending;
    const { clock, log } = this.options;
    const backoff = new Backoff(CONTROLLERS_RETRY);
    try {
      const connected = this.session.start(signal);
      this.controllers.watch(); // a center that never reaches ZooKeeper tells so
      await connected;
      while (!signal.aborted) {
        try {
          await this.takeRoot();
          this.taken();
          // A center whose port is taken ends at once: it must not be elected, and move tasks, for that moment.
          await this.listening;
          signal.throwIfAborted();
          await this.controllers.start(signal);
          return;
        } catch (error) {
          signal.throwIfAborted();
          if (isCloudTaskError(error, 'CT_FOREIGN_ROOT')) {
            log.error({ err: messageOf(error) }, 'this center does not belong here');
            return this.fail(error);
          }
          log.warn({ err: error }, 'controllers could not start and will be started again');
          await this.controllers.stop();
          await clock.sleep(backoff.next(), signal);
        }
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: messageOf(error) }, 'coordination could not be set up');
    }
  }
}

function firstOf(paths: readonly string[]): string[] {
  return paths.length <= PATHS_TOLD
    ? [...paths]
    : [...paths.slice(0, PATHS_TOLD), `and ${paths.length - PATHS_TOLD} more`];
}
