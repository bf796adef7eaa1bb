// What an agent says of itself in its ephemeral node <root>/agents/<agent>. It changes rarely: the heartbeat is a write
// to another node, so that the leader can watch registrations without being woken by every beat.

export interface Registration {
  /** Random per process of the agent. */
  readonly incarnation: string;
  readonly bootId: string;
  readonly cluster: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly version: string;
  /** Version of the agent's time-zone data; one that differs from the center's makes it ineligible (rule R2). */
  readonly tzdata: string;
  /** Until then (wall time, ms) the leader moves nothing although the registration is gone (rule R6); null usually. */
  readonly holdUntil: number | null;
  /** Share of the tasks it wants, in relation to other agents; 1 unless given. */
  readonly capacity?: number;
  /** When its data directory was begun, wall time, ms: of what ran before it knows nothing. */
  readonly since?: number;
  /** Rule R13: it remembers more than coordination does, after so many restores that were dealt with. */
  readonly doubts?: number;
  /** With `doubts`: the number of the checkpoint that it has seen. */
  readonly remembers?: number;
  /** It has raised the cursors that it knows of: the guard's `id`. */
  readonly raised?: string;
  /** Random: it was away for long, and waits until the leader has looked after coordination. */
  readonly asks?: string;
}

export function encodeRegistration(registration: Registration): Buffer {
  const { incarnation, bootId, cluster, labels, hostname, version, tzdata, holdUntil, ...optional } = registration;
  const fields = { incarnation, bootId, cluster, labels, hostname, version, tzdata, holdUntil };
  const { capacity, since, doubts, remembers, raised, asks } = optional;
  return Buffer.from(JSON.stringify({ ...fields, capacity, since, doubts, remembers, raised, asks })); // undefined ones are left out
}

/** Throws SyntaxError or TypeError for a node that is not a registration. */
export function decodeRegistration(data: Uint8Array): Registration {
  const value = JSON.parse(Buffer.from(data).toString('utf8')) as Partial<Registration> | null;
  if (value === null || typeof value.incarnation !== 'string' || typeof value.cluster !== 'string') {
    throw new TypeError('not a registration');
  }
  return {
    incarnation: value.incarnation,
    bootId: value.bootId ?? '',
    cluster: value.cluster,
    labels: value.labels ?? {},
    hostname: value.hostname ?? '',
    version: value.version ?? '',
    tzdata: value.tzdata ?? '',
    holdUntil: value.holdUntil ?? null,
    ...(typeof value.capacity === 'number' && value.capacity > 0 ? { capacity: value.capacity } : {}),
    ...(typeof value.since === 'number' ? { since: value.since } : {}),
    ...(typeof value.doubts === 'number' ? { doubts: value.doubts } : {}),
    ...(typeof value.remembers === 'number' ? { remembers: value.remembers } : {}),
    ...(typeof value.raised === 'string' ? { raised: value.raised } : {}),
    ...(typeof value.asks === 'string' ? { asks: value.asks } : {}),
  };
}
