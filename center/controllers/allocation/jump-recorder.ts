// Writes the rows that moved cursors owe (jumped-points.ts), beside the allocation: a failover does not wait for them.
//
// Dying between the compare-and-set and these rows loses them. They are few: claims run ahead of the clock, so a cursor is
// behind only when its agent was.
import { type ScheduleSpec, scheduleSpecOf, type Task } from '../../../manifests/index.js';
import type { ScheduleTurn } from '../bookkeeping/audit.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { againIn, done, ReconcileLoop, type ReconcileResult } from '../workqueue/reconcile-loop.js';
import type { CursorJump } from './apply-records.js';
import { jumpedPiece } from './jumped-points.js';

const KEY = 'jumps';

interface OwedJump {
  readonly jump: CursorJump;
  /** undefined until they were asked for. */
  schedules: ScheduleSpec | undefined;
  told: boolean;
  /** Time points up to here have their rows. */
  after: number;
  written: number;
}

export class JumpRecorder {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly turned: (turn: ScheduleTurn) => void;
  private readonly loop: ReconcileLoop;
  private readonly owed: OwedJump[] = [];

  constructor(leadership: Leadership, view: StoreView, turned: (turn: ScheduleTurn) => void) {
    this.leadership = leadership;
    this.view = view;
    this.turned = turned;
    const { clock, log, failed } = leadership;
    this.loop = new ReconcileLoop({
      ...{ name: KEY, clock, log, failed, workers: 1 },
      reconcile: () => this.recordNext(),
    });
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** `schedules`: those that were in force before; undefined when this leader did not see them, then those of now count. */
  add(jump: CursorJump, schedules: ScheduleSpec | undefined): void {
    const owed = { jump, schedules, told: false, after: jump.from, written: 0 };
    if (schedules !== undefined) this.tell(owed, schedules);
    this.owed.push(owed);
    this.loop.queue.add(KEY);
  }

  private async recordNext(): Promise<ReconcileResult> {
    const owed = this.owed[0];
    if (owed === undefined) return done;
    const { taskUid } = owed.jump.update;
    const { store, fence } = this.leadership;
    if (owed.schedules === undefined) {
      const [task] = await store.listByUid<Task>('Task', [taskUid]);
      if (task !== undefined) owed.schedules = scheduleSpecOf(task);
    }
    const task = this.view.tasks.get(taskUid);
    if (task !== undefined && owed.schedules !== undefined) {
      this.tell(owed, owed.schedules);
      const { verdicts, next } = jumpedPiece(owed.jump, task, owed.schedules, owed.after, owed.written);
      await store.recordVerdicts(verdicts, fence);
      owed.written += verdicts.length;
      if (next !== undefined) {
        owed.after = next;
        return againIn(0);
      }
    } // else it is deleted, and its runs go with it
    this.owed.shift();
    return this.owed.length === 0 ? done : againIn(0);
  }

  /** Before the rows: what they will say is not for the audit to say. */
  private tell(owed: OwedJump, schedules: ScheduleSpec): void {
    if (owed.told) return;
    owed.told = true;
    const { update, from, to } = owed.jump;
    const { taskUid, slot } = update;
    this.turned({ taskUid, slot, from, to, revision: update.from.revision, schedules });
  }
}
