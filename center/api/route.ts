import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Logger } from '../../base/index.js';
import type { TriggerRecord } from '../../coordination/index.js';
import type { KindName } from '../../manifests/index.js';
import type { Store, TokenRow } from '../store/index.js';
import type { ChangeHub } from './change-hub.js';
import type { Metrics } from './metrics.js';
import type { StreamSet } from './stream-set.js';

export const GROUP_PATH = '/apis/cloudtask.dev/v1';

/**
 * Who may use a route: nobody needs a token (none), any token (read), an agent's or an admin's (agent), an admin's
 * (admin). Agents share one token in this version, so a route of one agent is open to all of them.
 */
export type Role = 'none' | 'read' | 'agent' | 'admin';

/** One row of the API. Everything that is served is such a row, so that a test can walk them all. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as `:name`. */
  readonly path: string;
  /** Word for documentation and audit: get, list, watch, create, apply, suspend … */
  readonly verb: string;
  readonly role: Role;
  readonly summary: string;
  readonly kind?: KindName;
  /** Largest body accepted; the general limit unless given. */
  readonly bodyLimit?: number;
  readonly handle: (request: FastifyRequest, reply: FastifyReply, user: TokenRow | undefined) => Promise<unknown>;
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
  /** Id of the leading center, as far as this one knows. */
  leader(): string | undefined;
  /** Why this center is not ready; undefined when it is. */
  notReady(): string | undefined;
  /** The records of these tasks, in order; undefined for one that is not there, or while ZooKeeper does not answer. */
  triggerRecords(taskUids: readonly string[]): Promise<readonly (TriggerRecord | undefined)[]>;
}
