// What the leader finds wrong with agents and tasks: clusters with tasks and without agents, tasks that no agent may run, clocks that
// are off. Each must last for a while before it is told, so that a restart is no news, and be absent as long before it is over. What cannot
// be seen now is neither: an agent that goes away takes its clock along, and a cluster without agents its tasks that none of them may run.
import { type Member, triggerName } from '../../coordination/index.js';
import type { RecordCache } from '../controllers/allocation/record-cache.js';
import type { Leadership } from '../controllers/leadership.js';
import type { StoreView } from '../controllers/store-view.js';
import type { TaskView } from '../controllers/task-view.js';
import type { Alarm } from '../store/notifications/notification-book.js';
import { keepLooking } from './keep-looking.js';
import { Steady } from './steady.js';

/** How often the leader looks, ms. */
const LOOK_MS = 5_000;
/** Of one sort, at a time: whoever has more of them has one problem. */
const ALARMS_MAX = 200;
/** Tasks and slots that are looked at in one turn of the event loop. */
const SLICE = 5_000;
/** So often within `forgottenMs` it is said again that an alarm of centers lasts. */
export const CONFIRMATIONS = 24;

export interface AlarmTimes {
  /** What is wrong for so long is told, and what is well for so long is over, ms. */
  readonly afterMs: number;
  /** The same of time points that are due while nothing fires. */
  readonly silenceMs: number;
  /** What centers tell of themselves and of one another is forgotten when none has found it for so long, ms. */
  readonly forgottenMs: number;
}

export const ALARM_TIMES: AlarmTimes = { afterMs: 60_000, silenceMs: 120_000, forgottenMs: 86_400_000 };

/** What is asked of one name: a cluster, an agent, or the uid of a task. undefined: nobody can say now. */
interface Sort {
  readonly steady: Steady;
  readonly found: (name: string) => boolean | undefined;
  /** undefined: it is gone. */
  readonly alarm: (name: string) => Alarm | undefined;
}

type SortName = 'NoAgents' | 'NoEligibleAgent' | 'ClockSuspect';

export class Alarms {
  private readonly leadership: Pick<Leadership, 'store' | 'clock' | 'log' | 'fence' | 'signal' | 'failed'>;
  private readonly view: StoreView;
  private readonly cache: RecordCache;
  private readonly members: { readonly members: ReadonlyMap<string, Member> };
  private readonly times: AlarmTimes;
  private readonly sorts: Readonly<Record<SortName, Sort>>;
  /** As the last look found them. */
  private served: ReadonlySet<string> = new Set();
  private unserved: ReadonlySet<string> = new Set();
  /** What earlier leaders have told is known. */
  private informed = false;
  /** Monotonic ms. */
  private forgetAt: number;
  private end: (() => Promise<void>) | undefined;

  constructor(
    leadership: Alarms['leadership'],
    view: StoreView,
    cache: RecordCache,
    members: Alarms['members'],
    times: AlarmTimes = ALARM_TIMES,
  ) {
    this.leadership = leadership;
    this.view = view;
    this.cache = cache;
    this.members = members;
    this.times = times;
    const sort = (found: Sort['found'], alarm: Sort['alarm']) => ({ steady: new Steady(times.afterMs), found, alarm });
    this.sorts = {
      NoAgents: sort((name) => this.unserved.has(name), clusterAlarm),
      NoEligibleAgent: sort(
        (uid) => this.isIneligible(uid),
        (uid) => this.taskAlarm(uid),
      ),
      ClockSuspect: sort(
        (name) => this.isSuspect(name),
        (name) => this.clockAlarm(name),
      ),
    };
    // Until then centers that find what the store says have said so.
    this.forgetAt = leadership.clock.monotonic() + times.forgottenMs / CONFIRMATIONS;
  }

  start(): void {
    const againInMs = Math.min(LOOK_MS, this.times.afterMs);
    const again = async () => {
      await this.look();
      return againInMs;
    };
    this.end = keepLooking(again, {
      ...this.leadership,
      ...{ complaint: 'alarms could not be noted', retryMs: againInMs },
    });
  }

  async stop(): Promise<void> {
    await this.end?.();
  }

  /** One look. Throws when the store cannot be asked or told. */
  async look(): Promise<void> {
    const { store, clock, signal, fence } = this.leadership;
    if (!this.cache.filled) return;
    if (!this.informed) await this.learn();
    await this.lookAround();
    if (signal.aborted) return;
    for (const { steady, found } of Object.values(this.sorts)) lookAgain(steady, found, clock.monotonic());
    await this.tell();
    if (clock.monotonic() < this.forgetAt) return;
    await store.notifications.forgetAlarms(clock.now() - this.times.forgottenMs, fence);
    this.forgetAt = clock.monotonic() + this.times.forgottenMs / CONFIRMATIONS;
  }

  private async learn(): Promise<void> {
    const { store, clock } = this.leadership;
    for (const key of await store.notifications.alarms()) {
      const [event = '', name = ''] = key.split('/');
      if (event in this.sorts) this.sorts[event as SortName].steady.stands(name, clock.monotonic());
    }
    this.informed = true;
  }

  /** Looks for what is not known yet. */
  private async lookAround(): Promise<void> {
    const { clock } = this.leadership;
    const { NoAgents, NoEligibleAgent, ClockSuspect } = this.sorts;
    const notice = ({ steady }: Sort, name: string) => {
      if (steady.size < ALARMS_MAX) steady.saw(name, true, clock.monotonic());
    };
    this.served = new Set([...this.members.members.values()].map(({ registration }) => registration.cluster));
    const unserved = new Set<string>();
    const now = clock.now();
    let looked = 0;
    for (const task of this.view.tasks.values()) {
      looked += 1;
      if (looked % SLICE === 0) await turn();
      if (needsAgent(task, now) && !this.served.has(task.cluster)) unserved.add(task.cluster);
    }
    this.unserved = unserved;
    for (const cluster of unserved) notice(NoAgents, cluster);
    const known = new Set<string>();
    for (const name of this.withoutAgent()) {
      if (NoEligibleAgent.steady.size >= ALARMS_MAX) break;
      looked += 1;
      if (looked % SLICE === 0) await turn();
      const { taskUid = '' } = this.cache.get(name) ?? {};
      // Of a task in shards all are looked at with the first.
      if (known.has(taskUid)) continue;
      known.add(taskUid);
      if (this.isIneligible(taskUid)) notice(NoEligibleAgent, taskUid);
    }
    for (const name of this.view.agents.keys()) if (this.isSuspect(name)) notice(ClockSuspect, name);
  }

  private async tell(): Promise<void> {
    const { store, clock, fence } = this.leadership;
    const now = clock.monotonic();
    const all = Object.entries(this.sorts).map(([event, sort]) => ({ event, sort, due: sort.steady.due(now) }));
    const raised = all.flatMap(({ sort, due }) => due.raised.flatMap((name) => sort.alarm(name) ?? []));
    const over = all.flatMap(({ event, due }) => due.over.map((name) => `${event}/${name}`));
    if (raised.length + over.length === 0) return;
    await store.notifications.noteAlarms({ raised, over }, fence);
    for (const { sort, due } of all) {
      sort.steady.wasTold(due, now);
      for (const name of due.over) sort.steady.forget(name);
    }
  }

  /** In a cluster without agents no task has one: that is one alarm, not many. */
  private isIneligible(uid: string): boolean | undefined {
    const task = this.view.tasks.get(uid);
    if (task === undefined || !needsAgent(task, this.leadership.clock.now())) return false;
    return this.served.has(task.cluster) ? this.isOwnerless(uid) : undefined;
  }

  /** Slots that no agent has, and those of agents that are gone: where there is no successor they stay with these. */
  private *withoutAgent(): Iterable<string> {
    yield* this.cache.ownerless;
    for (const owner of this.cache.owners) {
      if (this.isGone(owner)) yield* this.cache.ownedBy(owner);
    }
  }

  private isGone(owner: string): boolean {
    return !this.members.members.has(owner) && !this.cache.held.has(owner);
  }

  private isOwnerless(uid: string): boolean | undefined {
    const slots = this.cache.slotsOf(uid);
    if (slots.length === 0) return undefined; // its records are yet to be written, or read
    const owners = slots.map((slot) => this.cache.get(triggerName(uid, slot))?.owner);
    if (owners.some((owner) => owner === null || (owner !== undefined && this.isGone(owner)))) return true;
    return owners.some((owner) => this.cache.held.has(owner ?? '')) ? undefined : false;
  }

  private isSuspect(name: string): boolean | undefined {
    const agent = this.view.agents.get(name);
    if (agent === undefined) return false;
    return agent.state === 'Ready' ? agent.clockOffsetMs !== undefined : undefined;
  }

  private taskAlarm(uid: string): Alarm | undefined {
    const task = this.view.tasks.get(uid);
    if (task === undefined) return undefined;
    const { namespace, name, cluster } = task;
    return {
      ...{ key: `NoEligibleAgent/${uid}`, event: 'NoEligibleAgent', to: { taskUid: uid, namespace } },
      ...{ subject: `${namespace}/${name}`, message: `no agent of cluster ${cluster} may run it` },
      commands: [`ctask why ${name} -n ${namespace}`],
      regarding: { kind: 'Task', namespace, name, uid },
    };
  }

  private clockAlarm(name: string): Alarm | undefined {
    const agent = this.view.agents.get(name);
    if (agent === undefined) return undefined;
    return {
      ...{
        key: `ClockSuspect/${name}`,
        event: 'ClockSuspect',
        to: { cluster: agent.cluster },
        subject: `agent ${name}`,
      },
      message: 'its clock is not that of ZooKeeper, and it starts nothing',
      commands: [`ctask describe agent/${name}`],
      regarding: { kind: 'Agent', name },
    };
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function lookAgain(steady: Steady, found: Sort['found'], now: number): void {
  for (const name of steady.keys) {
    const seen = found(name);
    if (seen === undefined) steady.lostSight(name, now);
    else if (seen || steady.isTold(name)) steady.saw(name, seen, now);
    else steady.forget(name);
  }
}

function clusterAlarm(cluster: string): Alarm {
  return {
    ...{ key: `NoAgents/${cluster}`, event: 'NoAgents', to: { cluster } },
    ...{ subject: `cluster ${cluster}`, message: 'it has tasks, and no agent is registered' },
    commands: [`ctask get agents`, `ctask get tasks -A --field-selector spec.cluster=${cluster}`],
    regarding: { kind: 'Cluster', name: cluster },
  };
}

/** It fires; and without agents there is nothing that runs on each of them. */
function needsAgent({ mode, suspended, suspendedUntil = 0, going, firesUntil }: TaskView, now: number): boolean {
  if (mode === 'EveryAgent' || suspended || going !== undefined) return false;
  return suspendedUntil <= now && (firesUntil === undefined || firesUntil > now);
}
