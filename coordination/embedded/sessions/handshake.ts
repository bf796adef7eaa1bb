import { timingSafeEqual } from 'node:crypto';
import type { ConnectRequest } from '../../jute/records.js';
import type { StateMachine } from '../state-machine.js';
import type { Session } from './session-table.js';

/**
 * - established: the session lives; `resumed` when it is an earlier one, whose old connection must be closed.
 * - gone: the client is told that its session has expired.
 * - refused: the connection is closed without an answer, so that the client tries another server.
 */
export type HandshakeResult =
  | { readonly kind: 'established'; readonly session: Session; readonly resumed: boolean }
  | { readonly kind: 'gone'; readonly reason: 'unknown session' | 'wrong password' }
  | { readonly kind: 'refused'; readonly reason: 'client has seen a later zxid' };

interface Handshake {
  readonly machine: StateMachine;
  readonly request: ConnectRequest;
  timeoutMs: number;
  session: Session | undefined;
}

/** A step either ends the handshake with a result or leaves it to the next one. */
type Step = (handshake: Handshake) => HandshakeResult | undefined;

/** A client that has seen more than this server knows (a restored backup, say) must not go back in time with it. */
const refuseClientAhead: Step = ({ machine, request }) =>
  request.lastZxidSeen > machine.zxid ? { kind: 'refused', reason: 'client has seen a later zxid' } : undefined;

const negotiateTimeout: Step = (handshake) => {
  handshake.timeoutMs = handshake.machine.sessions.clamp(handshake.request.timeoutMs);
  return undefined;
};

const openNewSession: Step = ({ machine, request, timeoutMs }) =>
  request.sessionId === 0n
    ? { kind: 'established', session: machine.openSession(timeoutMs), resumed: false }
    : undefined;

const findSession: Step = (handshake) => {
  handshake.session = handshake.machine.sessions.get(handshake.request.sessionId);
  return handshake.session === undefined ? { kind: 'gone', reason: 'unknown session' } : undefined;
};

/** Before anything is done to the session: who does not know the password cannot disturb its owner. */
const checkPassword: Step = ({ request, session }) => {
  const right =
    session!.password.length === request.password.length && timingSafeEqual(session!.password, request.password);
  return right ? undefined : { kind: 'gone', reason: 'wrong password' };
};

const resumeSession: Step = ({ machine, session, timeoutMs }) => {
  machine.renegotiate(session!, timeoutMs);
  machine.sessions.touch(session!.id, machine.time.now());
  return { kind: 'established', session: session!, resumed: true };
};

const steps: readonly Step[] = [
  refuseClientAhead,
  negotiateTimeout,
  openNewSession,
  findSession,
  checkPassword,
  resumeSession,
];

export function shakeHands(machine: StateMachine, request: ConnectRequest): HandshakeResult {
  const handshake: Handshake = { machine, request, timeoutMs: 0, session: undefined };
  for (const step of steps) {
    const result = step(handshake);
    if (result !== undefined) return result;
  }
  throw new Error('the last step of the handshake always has a result');
}
