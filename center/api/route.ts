import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Logger, RecentLines } from '../../base/index.js';
import type { TriggerRecord } from '../../coordination/index.js';
import type { KindName } from '../../manifests/index.js';
import type { AccessDirectory, AgentCertificates, Logins, OidcLogin } from '../auth/index.js';
import type { Inside } from '../diagnosis/index.js';
import type { AuditSource, KeyUse, SealedValue, Store } from '../store/index.js';
import type { AgentLogs } from './agent-logs.js';
import type { AgentScope } from './agent-scope.js';
import type { ChangeHub } from './change-hub.js';
import type { ConsoleFiles } from './console/console-files.js';
import type { Metrics } from './metrics/metrics.js';
import type { Refusals } from './refusals.js';
import type { Requester } from './requester.js';
import type { StreamSet } from './stream-set.js';

export const GROUP_PATH = '/apis/cloudtask.dev/v1';

/**
 * Who may use a route: nobody needs a token (none), anybody who is known, whatever they may do (self), agents and whoever has the verb on the kind (read),
 * agents and administrators (agent), whoever has the verb on the kind (admin). A route of one agent is open to whoever has its certificate; where agents
 * share a token, to all of them.
 */
export type Role = 'none' | 'self' | 'read' | 'agent' | 'admin';

/** One row of the API. Everything that is served is such a row, so that a test can walk them all. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as `:name`; `*` at its end stands for any rest. */
  readonly path: string;
  /** Word for documentation and audit: get, list, watch, create, apply, suspend … */
  readonly verb: string;
  readonly role: Role;
  readonly summary: string;
  readonly kind?: KindName;
  /** What rules of roles call that which the route is about, if it is no kind. A route with neither is for administrators. */
  readonly about?: string;
  /** The handler asks for each object that the request names whether the requester may. */
  readonly perObject?: true;
  /** Allowed to a user who must set a password first. */
  readonly beforePassword?: true;
  /** Largest body accepted; the general limit unless given. */
  readonly bodyLimit?: number;
  /** The handler tells what the body repeats along with all else that is wrong with it; other routes refuse such bodies. */
  readonly tellsRepeated?: true;
  /** The body is bytes of any length, which the handler reads as they come; other routes refuse such bodies. */
  readonly streamsBody?: true;
  readonly handle: (request: FastifyRequest, reply: FastifyReply, user: Requester | undefined) => Promise<unknown>;
}

export interface SecretOpener {
  unseal(values: readonly SealedValue[]): Promise<Map<string, Record<string, string>>>;
}

/** See KeyRotation. */
export interface SecretKeys {
  rotate(audit?: AuditSource): Promise<void>;
  drop(keyId: string, audit?: AuditSource): Promise<void>;
  use(): Promise<KeyUse>;
}

/** What handlers work with. */
export interface ApiContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly metrics: Metrics;
  readonly hub: ChangeHub;
  readonly streams: StreamSet;
  readonly refusals: Refusals;
  readonly logins: Logins;
  /** Absent where nobody logs in at an issuer. */
  readonly oidc?: OidcLogin;
  readonly directory: AccessDirectory;
  /** undefined where agents have no certificates. */
  readonly agents: AgentCertificates | undefined;
  readonly scope: AgentScope;
  /** Absent where coordination is open. */
  readonly coordinationSecret?: string;
  /** Where coordination is, for agents that join; absent where there is none. */
  readonly coordination?: CoordinationPlace;
  /** True while this center leads. */
  leads(): boolean;
  /** Id of the leading center, as far as this one knows. */
  leader(): string | undefined;
  /** Why this center is not ready; undefined when it is. */
  notReady(): string | undefined;
  /** Opens values of secrets; see SecretKeeper. */
  readonly secrets: SecretOpener;
  readonly secretKeys: SecretKeys;
  /** Absent where no console is served. */
  readonly console?: ConsoleFiles;
  /** What this center knows of itself and of its coordination; undefined where it has none. */
  lookInside(): Promise<Inside | undefined>;
  /** The last log lines of agents. */
  readonly agentLogs: AgentLogs;
  /** Of this center; absent where it was told neither its id nor to keep lines. */
  readonly own?: OwnLog;
  /** The records of these slots, in order; undefined for one that is not there, or while ZooKeeper does not answer. */
  triggerRecords(slots: readonly SlotKey[]): Promise<readonly (TriggerRecord | undefined)[]>;
}

export interface CoordinationPlace {
  /** Connect string, as this center was given it. */
  readonly zookeeper: string;
  readonly root: string;
}

export interface OwnLog {
  readonly id: string;
  readonly lines: RecentLines;
}

export interface SlotKey {
  readonly taskUid: string;
  readonly slot: string;
}
