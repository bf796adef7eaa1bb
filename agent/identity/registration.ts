import { hostname } from 'node:os';
import type { Registration } from '../../coordination/index.js';
import { tzdataVersion } from '../../manifests/index.js';
import type { AgentOptions } from '../agent-options.js';
import type { Identity } from './identity.js';

/** `word`: what it has to say of a restore (rule R13). `holdUntil`: when the agent, which is about to end, will be back; null while it does not end. */
export function registrationOf(
  options: AgentOptions,
  identity: Identity,
  holdUntil: number | null,
  word: Pick<Registration, 'doubts' | 'remembers' | 'raised' | 'asks'>,
): Registration {
  return {
    incarnation: identity.incarnation,
    bootId: identity.bootId,
    cluster: options.cluster,
    labels: options.labels,
    hostname: hostname(),
    version: options.version ?? '',
    tzdata: tzdataVersion(),
    holdUntil,
    ...word,
    ...(identity.since === undefined ? {} : { since: identity.since }),
    ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
  };
}
