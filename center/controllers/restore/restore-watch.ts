// Moves the checkpoint while a term lasts, and looks whether a restore shows (rule R13).
import type { MembersInformer } from '../../../coordination/index.js';
import type { Leadership } from '../leadership.js';
import { againIn, ReconcileLoop } from '../workqueue/reconcile-loop.js';
import type { RestoreGuard } from './restore-guard.js';

const KEY = 'checkpoint';
/** A restore from a backup that is younger than this shows only by what agents have seen. */
const PERIOD_MS = 10_000;
/** Agents come in crowds. */
const GATHER_MS = 50;

export class RestoreWatch {
  private readonly loop: ReconcileLoop;
  private readonly members: MembersInformer;
  private unsubscribe: () => void = () => undefined;

  constructor(
    { clock, log, failed }: Leadership,
    guard: RestoreGuard,
    members: MembersInformer,
    restored: (reason: string) => void,
  ) {
    this.members = members;
    this.loop = new ReconcileLoop({
      ...{ name: KEY, clock, log, failed, workers: 1 },
      reconcile: async () => {
        const reason = await guard.look();
        if (reason !== undefined) restored(reason);
        return againIn(PERIOD_MS);
      },
    });
  }

  start(): void {
    // One that was away for long waits for the next checkpoint; one that doubts says so in its registration.
    this.unsubscribe = this.members.events.on('changed', ({ joined, changed }) => {
      if (joined.length + changed.length > 0) this.loop.queue.addAfter(KEY, GATHER_MS);
    });
    this.loop.start();
    this.loop.queue.add(KEY);
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.loop.stop();
  }
}
