// Which agents that are not registered are nevertheless not given up yet: rules R6 (holdUntil), I7 and I8. Time comes in
// as numbers; the caller asks again after `wakeAfterMs`.
//
//   present ── registration gone ──▶ absent ──▶ held while any reason stands ──▶ gone: its slots move
//      ▲                                                                          │
//      └────────────────────────── registered again ◀─────────────────────────────┘

/** When many agents are gone at once (I8): fields of a Cluster. */
export interface MassLossLimits {
  /** Fewer departures than this never brake, whatever the share. */
  readonly minAgents: number;
  readonly share: number;
  /** Departures within this time are looked at together, ms. */
  readonly windowMs: number;
  /** The brake lets go by itself after this, ms: tasks must not stand still for ever because a third of a cluster was taken
   * down. */
  readonly holdForMs: number;
  /** Wall time; an operator takes all that went before for gone. */
  readonly releasedAt: number;
}

export interface SeenAgent {
  readonly name: string;
  readonly cluster: string;
  readonly holdUntil: number | null;
}

/** What is known of an owner besides its registration: it outlives that, and the leader. */
export interface KnownOwner {
  readonly cluster: string;
  /** Wall time, ms. */
  readonly holdUntil: number | null;
}

interface Absence {
  readonly cluster: string;
  /** Wall time; 0 when nothing was announced. */
  holdUntil: number;
  /** Monotonic time at which the absence was noticed. */
  readonly noticedAt: number;
  /** It was absent when this leader first looked: that may be the leader's ignorance (I7). */
  readonly unseen: boolean;
  /** It owned slots when it went. One that was drained before is no loss. */
  readonly owned: boolean;
  /** Monotonic time since which it counts as gone; undefined while held by R6 or I7. */
  goneAt?: number;
  /** The wall time of that. */
  goneWall?: number;
  /** The brake was released for it: it does not count any more. */
  released?: boolean;
}

export interface PresenceVerdict {
  /** Absent, but their slots stay. */
  readonly held: ReadonlySet<string>;
  /** Clusters whose brake is on, with the number of agents that are gone. */
  readonly braked: ReadonlyMap<string, number>;
  /** Time after which the verdict may change by itself, ms. */
  readonly wakeAfterMs: number | undefined;
}

export class Presence {
  private readonly believeAt: number;
  private readonly seen = new Map<string, SeenAgent>();
  private readonly absences = new Map<string, Absence>();
  /** Monotonic time since which the cluster's brake is on. */
  private readonly brakes = new Map<string, number>();

  /** `electedAt`: monotonic; `settleMs`: one session time-out, during which agents may still come (I7). */
  constructor(electedAt: number, settleMs: number) {
    this.believeAt = electedAt + settleMs;
  }

  /** `registered`: the members as read; `owners`: agents that own slots; `limitsOf`: those of a cluster. */
  look(
    registered: Iterable<SeenAgent>,
    owners: ReadonlyMap<string, KnownOwner>,
    limitsOf: (cluster: string) => MassLossLimits,
    monotonic: number,
    wall: number,
  ): PresenceVerdict {
    const present = new Map([...registered].map((agent) => [agent.name, agent]));
    this.notice(present, owners, limitsOf, monotonic);
    const held = new Set<string>();
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const [name, absence] of this.absences) {
      if (absence.goneAt !== undefined) continue;
      const settle = absence.unseen ? this.believeAt - monotonic : 0;
      // Of all it was told the latest: an agent that comes back takes its word back before it has registered again.
      absence.holdUntil = Math.max(absence.holdUntil, owners.get(name)?.holdUntil ?? 0);
      const hold = absence.holdUntil - wall;
      const left = Math.max(settle, hold);
      if (left > 0) {
        held.add(name);
        wakeAt = Math.min(wakeAt, left);
      } else Object.assign(absence, { goneAt: monotonic, goneWall: wall });
    }
    const braked = new Map<string, number>();
    for (const cluster of new Set([...this.absences.values()].map((absence) => absence.cluster))) {
      const stayOn = this.brake(cluster, present, limitsOf(cluster), monotonic);
      if (stayOn === undefined) continue;
      braked.set(cluster, stayOn.names.length);
      for (const name of stayOn.names) held.add(name);
      wakeAt = Math.min(wakeAt, stayOn.leftMs);
    }
    return { held, braked, wakeAfterMs: Number.isFinite(wakeAt) ? Math.max(1, Math.ceil(wakeAt)) : undefined };
  }

  private notice(
    present: ReadonlyMap<string, SeenAgent>,
    owners: ReadonlyMap<string, KnownOwner>,
    limitsOf: (cluster: string) => MassLossLimits,
    monotonic: number,
  ): void {
    for (const [name, agent] of present) {
      this.seen.set(name, agent);
      this.absences.delete(name);
    }
    for (const [name, { cluster }] of [...owners, ...this.seen]) {
      if (present.has(name) || this.absences.has(name)) continue;
      const last = this.seen.get(name);
      this.absences.set(name, {
        cluster: last?.cluster ?? cluster,
        holdUntil: last?.holdUntil ?? 0,
        noticedAt: monotonic,
        unseen: last === undefined,
        owned: owners.has(name),
      });
    }
    // What is long gone and owns nothing says nothing any more.
    for (const [name, absence] of this.absences) {
      const { windowMs } = limitsOf(absence.cluster);
      const counts = monotonic - absence.noticedAt < windowMs || this.brakes.has(absence.cluster);
      if (owners.has(name) || counts) continue;
      this.absences.delete(name);
      this.seen.delete(name);
    }
  }

  /** Whose slots the cluster's brake holds, and for how long; undefined when it is off. */
  private brake(
    cluster: string,
    present: ReadonlyMap<string, SeenAgent>,
    limits: MassLossLimits,
    monotonic: number,
  ): { names: string[]; leftMs: number } | undefined {
    const since = this.brakes.get(cluster);
    const windowStart = (since ?? monotonic) - limits.windowMs;
    const gone = [...this.absences].filter(
      ([, absence]) =>
        absence.cluster === cluster &&
        absence.owned &&
        absence.goneAt !== undefined &&
        absence.goneAt >= windowStart &&
        (absence.goneWall ?? 0) > limits.releasedAt &&
        absence.released !== true,
    );
    const staying = [...present.values()].filter((agent) => agent.cluster === cluster).length;
    const enough = gone.length >= Math.max(limits.minAgents, limits.share * (staying + gone.length));
    if (enough && since === undefined && limits.holdForMs > 0) this.brakes.set(cluster, monotonic);
    const leftMs = (this.brakes.get(cluster) ?? Number.NEGATIVE_INFINITY) + limits.holdForMs - monotonic;
    if (enough && leftMs > 0) return { names: gone.map(([name]) => name), leftMs };
    if (since !== undefined) {
      this.brakes.delete(cluster);
      for (const [, absence] of gone) absence.released = true;
    }
    return undefined;
  }
}
