// Drains that wait for runs only until a time (`ctask drain --cancel-after`): what is open then is cancelled, and what comes
// to light later, because it was claimed before its task moved. The wish is in the spec of the agent, so the next leader goes on.
import type { Run } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import type { AllocationController } from '../allocation/allocation-controller.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { againIn, done, type ReconcileResult } from '../workqueue/reconcile-loop.js';

/** How often the runs of the agent are looked at while it does not count as drained. */
const LOOK_MS = 1_000;

export class DrainEnds {
  private readonly leadership: Leadership;
  private readonly view: Pick<StoreView, 'agents'>;
  private readonly allocation: Pick<AllocationController, 'drainOf'>;

  constructor(
    leadership: Leadership,
    view: Pick<StoreView, 'agents'>,
    allocation: Pick<AllocationController, 'drainOf'>,
  ) {
    this.leadership = leadership;
    this.view = view;
    this.allocation = allocation;
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const { store, clock } = this.leadership;
    const until = this.boundOf(name);
    if (until === undefined) return done; // called again when there is one
    const left = until - clock.now();
    if (left > 0) return againIn(left);
    const progress = this.allocation.drainOf(name);
    if (progress === undefined) return againIn(LOOK_MS); // this leader has made no plan yet
    for (const run of await store.openRuns({ agent: name })) {
      if (run.spec.cancelRequestedTime !== undefined) continue;
      // What nobody else may have goes on firing here. To end each of these runs would free nothing.
      if (progress.stuckTasks.has(run.spec.taskUid) && beganAt(run) > until) continue;
      if (this.boundOf(name) === undefined) return done; // taken back meanwhile
      await store.requestCancel(run.metadata.namespace ?? 'default', run.metadata.name, { reason: 'Drained' });
    }
    return progress.drained ? done : againIn(LOOK_MS);
  }

  private boundOf(name: string): number | undefined {
    const agent = this.view.agents.get(name);
    return agent?.drain === 'WaitForRuns' ? agent.cancelRunsAt : undefined;
  }
}

function beganAt({ metadata, status }: Stored<Run>): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp);
}
