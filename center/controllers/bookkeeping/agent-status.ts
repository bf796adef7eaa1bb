// The controllers' part of an agent's status: Ready while its registration in ZooKeeper stands. The rest of the status is
// the agent's own heartbeat.
import { isDeepStrictEqual } from 'node:util';
import type { MembersInformer } from '../../../coordination/index.js';
import { type Agent, type ConditionReason, tzdataVersion, type WantedCondition } from '../../../manifests/index.js';
import type { NewEvent, Stored } from '../../store/store-types.js';
import type { AllocationController } from '../allocation/allocation-controller.js';
import type { Leadership } from '../leadership.js';
import type { AgentView } from '../store-view.js';
import { againIn, done, type ReconcileResult } from '../workqueue/reconcile-loop.js';
import { withTransition } from './decide-task-status.js';
import { drainWords } from './drain-words.js';

/** Agents tell every ten seconds how they are. */
const HEARD_MS = 30_000;
/** A heartbeat may be on its way while the registration goes. */
const LAST_WORDS_MS = 2_000;

/** Conditions that this controller writes. */
const OWN: ReadonlySet<string> = new Set(['Ready', 'Schedulable', 'Drained']);

/** Whether it gets further tasks, once it is Ready. */
function schedulableWords({ spec, status }: Stored<Agent>): WantedCondition<'Agent'> {
  const no = (reason: ConditionReason<'Agent', 'Schedulable'>, message: string) =>
    ({ type: 'Schedulable', status: 'False', reason, message }) as const;
  if (spec.drain !== undefined) return no('Draining', 'the agent hands over its tasks and gets no further ones');
  if (spec.unschedulable) return no('Cordoned', 'the agent keeps its tasks and gets no further ones');
  if (status?.tzdata !== undefined && status.tzdata !== tzdataVersion()) {
    return no('TimeZoneDataDiffers', `its time-zone data are ${status.tzdata}, those of the center ${tzdataVersion()}`);
  }
  return { type: 'Schedulable', status: 'True', reason: 'NotCordoned', message: 'the agent may get tasks' };
}

const GONE = 'the registration in ZooKeeper is gone';
const STRAY =
  'it reports to the center, but is not registered in its ZooKeeper: compare --zookeeper and --root of both';

/** It has reported after its registration went, or without ever having had one: it is elsewhere in coordination, or cannot reach it. */
function reportsUnregistered({ status }: Stored<Agent>, now: number): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const heard = Date.parse(status?.heartbeatTime ?? '');
  if (ready?.status !== 'False' || !(now - heard < HEARD_MS)) return false;
  return heard > Date.parse(ready.lastTransitionTime) + LAST_WORDS_MS;
}

export class AgentStatus {
  private readonly leadership: Leadership;
  private readonly members: MembersInformer;
  private readonly allocation: Pick<AllocationController, 'drainOf'>;
  private readonly counters: { agentStatusWrites: number };
  private readonly believeAt: number;

  constructor(
    leadership: Leadership,
    members: MembersInformer,
    allocation: Pick<AllocationController, 'drainOf'>,
    counters: { agentStatusWrites: number },
  ) {
    this.leadership = leadership;
    this.members = members;
    this.allocation = allocation;
    this.counters = counters;
    this.believeAt = leadership.clock.monotonic() + leadership.coordinator.sessionTimeoutMs;
  }

  /** Agents of `agents` that report and are not registered: heartbeats by themselves are no news. */
  unregistered(agents: Iterable<AgentView>): string[] {
    const since = this.leadership.clock.now() - HEARD_MS;
    const found: string[] = [];
    for (const { name, heartbeatAt } of agents) {
      if (heartbeatAt > since && !this.members.members.has(name)) found.push(name);
    }
    return found;
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const { store, clock, fence } = this.leadership;
    const agent = await store.get<Agent>({ kind: 'Agent', namespace: '', name });
    if (agent === undefined) return done; // its first heartbeat makes the object, and calls again
    const registered = this.members.members.has(name);
    const left = this.believeAt - clock.monotonic();
    if (!registered && left > 0 && agent.status?.state === 'Ready') return againIn(left); // rule I7
    const state: 'Ready' | 'NotReady' = registered ? 'Ready' : 'NotReady';
    const stray = !registered && reportsUnregistered(agent, clock.now());
    const result = stray ? againIn(HEARD_MS) : done;
    const ready = withTransition<'Agent'>(
      registered
        ? { type: 'Ready', status: 'True', reason: 'Registered', message: 'the agent is registered in ZooKeeper' }
        : { type: 'Ready', status: 'False', reason: 'NotRegistered', message: stray ? STRAY : GONE },
      agent.metadata.generation,
      agent.status?.conditions,
      clock.now(),
    );
    const schedulable = withTransition<'Agent'>(
      schedulableWords(agent),
      agent.metadata.generation,
      agent.status?.conditions,
      clock.now(),
    );
    const others = (agent.status?.conditions ?? []).filter(({ type }) => !OWN.has(type));
    const conditions = [ready, ...this.drained(agent), schedulable, ...others];
    const status = { ...agent.status, state, conditions } satisfies Agent['status'];
    if (isDeepStrictEqual(status, agent.status)) return result;
    await store.updateStatus<Agent>({ kind: 'Agent', namespace: '', name }, status, fence);
    this.counters.agentStatusWrites += 1;
    // Its first heartbeat may come before its registration: that is no news.
    const known = registered || agent.status?.state === 'Ready';
    if (agent.status?.state !== state && known) {
      await store.recordEvents([this.event(name, agent.metadata.uid, registered)]);
    }
    return result;
  }

  /** There while the agent is to be drained; a leader that has not looked yet leaves what an earlier one said. */
  private drained({ metadata, spec, status }: Stored<Agent>) {
    if (spec.drain === undefined) return [];
    const progress = this.allocation.drainOf(metadata.name);
    const before = status?.conditions;
    if (progress === undefined) return (before ?? []).filter(({ type }) => type === 'Drained');
    const bound = spec.drain === 'WaitForRuns' ? spec.cancelRunsTime : undefined;
    const words = drainWords(progress, bound);
    return [withTransition<'Agent'>(words, metadata.generation, before, this.leadership.clock.now())];
  }

  private event(name: string, uid: string, registered: boolean): NewEvent {
    return {
      reason: registered ? 'AgentJoined' : 'AgentOffline',
      message: registered ? 'the agent registered' : 'the registration of the agent is gone',
      regarding: { kind: 'Agent', name, uid },
      source: 'membership',
      time: this.leadership.clock.now(),
    };
  }
}
