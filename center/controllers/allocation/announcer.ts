// Says what the allocation did that people asked for or must know: brakes, and the moves of drains and rebalances. The
// moves of agents that died are not said one by one: the event of the agent and the status of each task say it.
import { type EventReason, type KindName, TASK_MOVED, taskMoveText } from '../../../manifests/index.js';
import type { NewEvent } from '../../store/store-types.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import type { RecordCache } from './record-cache.js';
import type { Plan, PlanInput } from './types.js';

export class Announcer {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  /** Clusters whose brake is on, with the number of agents that are gone. */
  private brakes: ReadonlyMap<string, number> = new Map();

  constructor(leadership: Leadership, view: StoreView) {
    this.leadership = leadership;
    this.view = view;
  }

  /** Agents of the cluster that are gone while its brake is on; undefined while it is off. */
  braked(cluster: string): number | undefined {
    return this.brakes.get(cluster);
  }

  /** True when brakes went on or off, or hold for more or fewer agents. */
  async tellBrakes(braked: ReadonlyMap<string, number>): Promise<boolean> {
    const before = this.brakes;
    this.brakes = new Map(braked);
    const events: NewEvent[] = [];
    for (const [cluster, gone] of braked) {
      if (before.has(cluster)) continue;
      this.leadership.log.warn({ cluster, gone }, 'many agents are gone at once, their tasks are not moved for now');
      const message = `${gone} agents went at about the same time; their tasks stay for now`;
      events.push(this.event('MovesStopped', message, 'Cluster', cluster));
    }
    for (const cluster of before.keys()) {
      if (braked.has(cluster)) continue;
      events.push(this.event('MovesResumed', 'tasks of agents that are gone move again', 'Cluster', cluster));
    }
    if (events.length > 0) await this.leadership.store.recordEvents(events);
    return JSON.stringify([...before]) !== JSON.stringify([...braked]);
  }

  /** One event per slot that has gone from a draining agent, or as a rebalance wanted it. */
  async tellMoves({ updates }: Plan, { relocations }: PlanInput, cache: RecordCache): Promise<void> {
    const events: NewEvent[] = [];
    for (const { name, taskUid, from, to } of updates) {
      if (from.owner === null || to.owner === null || from.owner === to.owner) continue;
      if (cache.get(name)?.owner !== to.owner) continue; // refused; the next plan makes the move
      const task = this.view.tasks.get(taskUid);
      const drains = this.view.agents.get(from.owner)?.drain !== undefined;
      const relocation = relocations?.get(name);
      // Of one that a retry wants the event Continued tells.
      if (task === undefined || relocation?.forRetry || (!drains && relocation === undefined)) continue;
      const { namespace, name: taskName } = task;
      const message = taskMoveText({ namespace, task: taskName, from: from.owner, to: to.owner });
      const [kind, regarding] = drains ? (['Agent', from.owner] as const) : (['Cluster', task.cluster] as const);
      events.push(this.event(TASK_MOVED, message, kind, regarding));
    }
    if (events.length > 0) await this.leadership.store.recordEvents(events);
  }

  private event(reason: EventReason, message: string, kind: KindName, name: string): NewEvent {
    return {
      reason,
      message,
      regarding: { kind, name },
      source: 'allocation',
      time: this.leadership.clock.now(),
    };
  }
}
