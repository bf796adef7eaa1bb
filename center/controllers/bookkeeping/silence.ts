// How long an agent has been silent, on ZooKeeper and over HTTP: what rules R7 and R12 ask before they give up on it.
import type { Clock } from '../../../base/index.js';
import type { MembersChange, MembersInformer } from '../../../coordination/index.js';
import type { AgentView, StoreView } from '../store-view.js';

export class Silence {
  private readonly clock: Clock;
  private readonly members: MembersInformer;
  private readonly view: StoreView;
  /** Monotonic time since which this leader has not seen the agent registered. */
  private readonly absentSince = new Map<string, number>();
  private readonly startedAt: number;
  private readonly unsubscribe: () => void;

  constructor(clock: Clock, members: MembersInformer, view: StoreView) {
    this.clock = clock;
    this.members = members;
    this.view = view;
    this.startedAt = clock.monotonic();
    this.unsubscribe = members.events.on('changed', ({ left, joined }: MembersChange) => {
      for (const { name } of left) this.absentSince.set(name, clock.monotonic());
      for (const { name } of joined) this.absentSince.delete(name);
    });
  }

  stop(): void {
    this.unsubscribe();
  }

  /** Milliseconds since anything was heard of the agent; 0 while it is registered. A new leader counts from its election:
   * it cannot know what it did not see. */
  silentFor(agent: string): number {
    if (this.members.members.has(agent)) return 0;
    const absentFor = this.clock.monotonic() - (this.absentSince.get(agent) ?? this.startedAt);
    const known = this.view.agents.get(agent);
    // One that announced to be back by a certain time is not silent until then (rule R6).
    const heardAt = Math.max(known?.heartbeatAt ?? 0, known?.holdUntil ?? 0);
    return Math.max(0, Math.min(absentFor, this.clock.now() - heardAt));
  }

  /**
   * The latest time point whose run no agent of the cluster can report any more: every agent has either been silent for
   * `lostAfterMs`, or said, so long after the time point, that no report of it waits: a busy agent has always some that do.
   * Bytes of logs that wait say nothing here.
   */
  settledBefore(cluster: string, lostAfterMs: number): number {
    let settled = this.clock.now() - lostAfterMs;
    for (const name of new Set([...this.view.agents.keys(), ...this.members.members.keys()])) {
      const agent = this.view.agents.get(name);
      const itsCluster = agent?.cluster ?? this.members.members.get(name)?.registration.cluster;
      if (itsCluster !== cluster || this.silentFor(name) >= lostAfterMs) continue;
      settled = Math.min(settled, agent === undefined ? 0 : settledBy(agent, lostAfterMs));
    }
    return settled;
  }
}

function settledBy({ heartbeatAt, pendingReports, oldestReport }: AgentView, lostAfterMs: number): number {
  const told = heartbeatAt - lostAfterMs;
  if (pendingReports === 0) return told;
  return oldestReport === undefined ? 0 : Math.min(told, oldestReport - 1);
}
