// What the leader finds wrong with agents and tasks: clusters with tasks and without agents, tasks that no agent may run, clocks that
// are off. Each must last for a while before it is told, so that a restart is no news.
import { messageOf, type Timer } from '../../base/index.js';
import { type MembersInformer, triggerName } from '../../coordination/index.js';
import type { RecordCache } from '../controllers/allocation/record-cache.js';
import type { Leadership } from '../controllers/leadership.js';
import type { StoreView } from '../controllers/store-view.js';
import type { TaskView } from '../controllers/task-view.js';
import type { Alarm } from '../store/notifications/notification-book.js';

/** How often the leader looks, ms. */
const LOOK_MS = 5_000;
/** Of one sort, at a time: whoever has more of them has one problem. */
const ALARMS_MAX = 200;

export interface AlarmTimes {
  /** What is wrong for so long is told, ms. */
  readonly afterMs: number;
  /** The same of time points that are due while nothing fires. */
  readonly silenceMs: number;
}

export const ALARM_TIMES: AlarmTimes = { afterMs: 60_000, silenceMs: 120_000 };

export class Alarms {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly cache: RecordCache;
  private readonly members: MembersInformer;
  private readonly afterMs: number;
  /** Since when each is found, monotonic ms. */
  private readonly found = new Map<string, number>();
  /** What the store was told last, by prefix. */
  private readonly told = new Map<string, string>();
  private timer: Timer | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    leadership: Leadership,
    view: StoreView,
    cache: RecordCache,
    members: MembersInformer,
    { afterMs }: AlarmTimes = ALARM_TIMES,
  ) {
    this.leadership = leadership;
    this.view = view;
    this.cache = cache;
    this.members = members;
    this.afterMs = afterMs;
  }

  start(): void {
    this.look();
  }

  async stop(): Promise<void> {
    this.timer?.cancel();
    await this.looking;
  }

  private look(): void {
    const { clock, signal, log, failed } = this.leadership;
    this.looking = this.lookOnce()
      .catch((error: unknown) => {
        if (signal.aborted) return;
        failed(error);
        log.warn({ err: messageOf(error) }, 'alarms could not be noted');
      })
      .finally(() => {
        if (!signal.aborted) this.timer = clock.timerAfter(Math.min(LOOK_MS, this.afterMs), () => this.look());
      });
  }

  private async lookOnce(): Promise<void> {
    if (!this.cache.filled) return;
    const served = new Set([...this.members.members.values()].map(({ registration }) => registration.cluster));
    await this.note('NoAgents/', this.clustersWithout(served));
    await this.note('NoEligibleAgent/', this.tasksWithout(served));
    await this.note('ClockSuspect/', this.clocks());
  }

  private async note(prefix: string, alarms: readonly Alarm[]): Promise<void> {
    const { store, clock, fence } = this.leadership;
    const now = clock.monotonic();
    const keys = new Set(alarms.map(({ key }) => key));
    for (const key of this.found.keys()) if (key.startsWith(prefix) && !keys.has(key)) this.found.delete(key);
    for (const key of keys) if (!this.found.has(key)) this.found.set(key, now);
    const raised = alarms.filter(({ key }) => now - (this.found.get(key) ?? now) >= this.afterMs).slice(0, ALARMS_MAX);
    const words = JSON.stringify([[...keys].sort(), raised.map(({ key }) => key).sort()]);
    if (this.told.get(prefix) === words) return;
    await store.notifications.noteAlarms({ prefix, raised, over: { allBut: [...keys] } }, fence);
    this.told.set(prefix, words);
  }

  private clustersWithout(served: ReadonlySet<string>): Alarm[] {
    const now = this.leadership.clock.now();
    const clusters = new Set<string>();
    for (const task of this.view.tasks.values()) {
      // Without agents there is nothing that runs on each of them.
      if (task.mode !== 'EveryAgent' && !served.has(task.cluster) && fires(task, now)) clusters.add(task.cluster);
    }
    return [...clusters].sort().map((cluster) => ({
      ...{ key: `NoAgents/${cluster}`, event: 'NoAgents', to: { cluster } },
      ...{ subject: `cluster ${cluster}`, message: 'it has tasks, and no agent is registered' },
      commands: [`ctask get agents`, `ctask get tasks -A --field-selector spec.cluster=${cluster}`],
      regarding: { kind: 'Cluster', name: cluster },
    }));
  }

  /** In a cluster without agents no task has one: that is one alarm, not many. */
  private tasksWithout(served: ReadonlySet<string>): Alarm[] {
    const now = this.leadership.clock.now();
    const alarms: Alarm[] = [];
    for (const task of this.view.tasks.values()) {
      const { uid, namespace, name, cluster, mode } = task;
      if (!fires(task, now) || mode === 'EveryAgent' || !served.has(cluster) || !this.ownerless(uid)) continue;
      alarms.push({
        ...{ key: `NoEligibleAgent/${uid}`, event: 'NoEligibleAgent', to: { taskUid: uid, namespace } },
        ...{ subject: `${namespace}/${name}`, message: `no agent of cluster ${cluster} may run it` },
        commands: [`ctask why ${name} -n ${namespace}`],
        regarding: { kind: 'Task', namespace, name, uid },
      });
    }
    return alarms;
  }

  private ownerless(uid: string): boolean {
    const slots = this.cache.slotsOf(uid);
    return slots.some((slot) => this.cache.get(triggerName(uid, slot))?.owner === null);
  }

  private clocks(): Alarm[] {
    const alarms: Alarm[] = [];
    for (const { name, cluster, state, clockOffsetMs } of this.view.agents.values()) {
      if (state !== 'Ready' || clockOffsetMs === undefined) continue;
      alarms.push({
        ...{ key: `ClockSuspect/${name}`, event: 'ClockSuspect', to: { cluster }, subject: `agent ${name}` },
        message: 'its clock is not that of ZooKeeper, and it starts nothing',
        commands: [`ctask describe agent/${name}`],
        regarding: { kind: 'Agent', name },
      });
    }
    return alarms;
  }
}

function fires({ suspended, suspendedUntil = 0, going, firesUntil }: TaskView, now: number): boolean {
  return !suspended && going === undefined && suspendedUntil <= now && (firesUntil === undefined || firesUntil > now);
}
