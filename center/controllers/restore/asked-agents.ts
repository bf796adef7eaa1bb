// Who must be heard before a restore of coordination is dealt with: every agent that may have claimed since the backup.

import { parseDuration } from '../../../base/index.js';
import type { MembersInformer } from '../../../coordination/index.js';
import type { Agent, Cluster } from '../../../manifests/index.js';
import { objectPages } from '../../store/object-pages.js';
import type { Leadership } from '../leadership.js';

const LOST_AFTER_DEFAULT_MS = 300_000;
/** Agents are heard of every 10 s, and what they said last may have been on its way. */
const HEARD_SLACK_MS = 60_000;
/** A server that was restored refuses its clients for two session time-outs (rule R13), and then they still have to connect. */
const TIMEOUTS_TO_CONNECT = 4;
const TIME_TO_ANSWER_MS = 10_000;
/** Safety net: what changes wakes the wait by itself. */
const LOOK_MS = 1000;
/** So many are named to people. */
const NAMED_MAX = 10;

/** The object of an agent is made when it is first heard of. Clocks of two machines may be so much apart. */
const CLOCKS_APART_MS = 2000;

export interface Answers {
  /** Clusters of agents that were not heard in time, whose object was deleted meanwhile, or that have lost their memory. */
  readonly incomplete: ReadonlySet<string>;
  /** Names of these agents. */
  readonly silent: readonly string[];
}

export class AskedAgents {
  private readonly leadership: Leadership;
  private readonly members: MembersInformer;
  /** Name to cluster. */
  private readonly asked = new Map<string, string>();
  private readonly clusters = new Set<string>();
  /** By name: an agent whose data directory was begun later than that is another one than was heard of, ms. */
  private readonly knownSince = new Map<string, number>();
  private longestMs = 0;

  constructor(leadership: Leadership, members: MembersInformer) {
    this.leadership = leadership;
    this.members = members;
  }

  get names(): readonly string[] {
    return [...this.asked.keys()];
  }

  get clusterNames(): readonly string[] {
    return [...this.clusters];
  }

  /** Whom everything waits for, and how that ends, for people. */
  get awaited(): string {
    const { names } = this;
    if (names.length === 0) return 'nothing is started before that is dealt with';
    const others = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
    const until = new Date(this.leadership.clock.now() + this.longestMs).toISOString();
    const who = `${names.slice(0, NAMED_MAX).join(', ')}${others}`;
    return `nothing is started until these agents have said what they know, or about ${until}: ${who}; "ctask delete agent NAME" ends the wait for one that will not come back`;
  }

  /** Agents that were heard of since about the time of the backup; of a restored store all, for it cannot tell which these are. */
  async choose(backTo: number, storeRestored: boolean): Promise<void> {
    const { store } = this.leadership;
    const lostAfter = new Map<string, number>();
    for await (const page of objectPages<Cluster>(store, 'Cluster')) {
      for (const { metadata, spec } of page) {
        this.clusters.add(metadata.name);
        lostAfter.set(metadata.name, parseDuration(spec.lostAfter ?? '') ?? LOST_AFTER_DEFAULT_MS);
      }
    }
    const lostAfterOf = (cluster: string) => lostAfter.get(cluster) ?? LOST_AFTER_DEFAULT_MS;
    for await (const page of objectPages<Agent>(store, 'Agent')) {
      for (const { metadata, spec, status } of page) {
        const cluster = spec.cluster ?? 'default';
        const heardAt = Date.parse(status?.heartbeatTime ?? '1970-01-01T00:00:00Z');
        if (!storeRestored && heardAt < backTo - Math.max(HEARD_SLACK_MS, lostAfterOf(cluster))) continue;
        this.asked.set(metadata.name, cluster);
        const made = Date.parse(metadata.creationTimestamp) + CLOCKS_APART_MS;
        this.knownSince.set(metadata.name, Math.max(made, backTo));
      }
    }
    for (const { name, registration } of this.members.members.values()) this.asked.set(name, registration.cluster);
    this.longestMs = TIMEOUTS_TO_CONNECT * this.leadership.coordinator.sessionTimeoutMs + TIME_TO_ANSWER_MS;
    for (const cluster of this.asked.values()) this.longestMs = Math.max(this.longestMs, lostAfterOf(cluster));
  }

  /** Waits until all have answered to `id`; those that are silent for the longest lostAfter are given up. */
  async answers(id: string): Promise<Answers> {
    const { clock, signal, store, log } = this.leadership;
    const until = clock.monotonic() + this.longestMs;
    const given = new Set<string>();
    const missing = () =>
      [...this.asked.keys()].filter((name) => !given.has(name) && !this.answered(name, id) && !this.forgot(name));
    const unsubscribe = store.onChange((changes) => {
      for (const { type, kind, object } of changes) {
        if (kind === 'Agent' && type === 'DELETED') given.add(object.metadata.name);
      }
    });
    try {
      let told = '';
      for (;;) {
        const waitsFor = missing();
        if (waitsFor.length === 0 || clock.monotonic() >= until) break;
        const names = waitsFor.slice(0, NAMED_MAX).join(', ');
        if (names !== told) log.warn({ agents: names, count: waitsFor.length }, 'a restore waits for agents');
        told = names;
        await this.changedOr(LOOK_MS, signal);
      }
    } finally {
      unsubscribe();
    }
    const silent = [...this.asked.keys()].filter((name) => !this.answered(name, id) || this.forgot(name));
    return { silent, incomplete: new Set(silent.map((name) => this.asked.get(name) ?? 'default')) };
  }

  private answered(name: string, id: string): boolean {
    return this.members.members.get(name)?.registration.raised === id;
  }

  /** It was set up anew under its name: whatever it answers, nobody knows what ran there before. */
  private forgot(name: string): boolean {
    const since = this.members.members.get(name)?.registration.since;
    const known = this.knownSince.get(name);
    return since !== undefined && known !== undefined && since > known;
  }

  private async changedOr(ms: number, signal: AbortSignal): Promise<void> {
    const piece = new AbortController();
    const either = AbortSignal.any([signal, piece.signal]);
    const changed = this.members.events.next('changed', () => true, either);
    const slept = this.leadership.clock.sleep(ms, either);
    for (const one of [changed, slept]) one.catch(() => undefined); // the other one was first
    await Promise.race([changed, slept]).finally(() => piece.abort());
    signal.throwIfAborted();
  }
}
