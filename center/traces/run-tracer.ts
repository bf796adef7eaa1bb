import { isFinal, type Run } from '../../manifests/index.js';
import type { Change, Store, Stored } from '../store/index.js';
import { spansOf } from './run-spans.js';
import { TraceSender, type TraceSenderOptions } from './trace-sender.js';

/** Sends the trace of each run when it has ended. */
export class RunTracer {
  private readonly sender: TraceSender;
  private readonly off: () => void;

  /** `tells`: whether this center tells of all runs; see Metrics. */
  constructor(store: Pick<Store, 'onChange'>, tells: () => boolean, options: TraceSenderOptions) {
    this.sender = new TraceSender(options);
    this.off = store.onChange((changes) => {
      if (!tells()) return;
      for (const change of changes) {
        const run = endedRun(change);
        if (run !== undefined) this.sender.add(spansOf(run, options.clock.now()));
      }
    });
  }

  async stop(): Promise<void> {
    this.off();
    await this.sender.stop();
  }
}

function endedRun(change: Change): Stored<Run> | undefined {
  if (change.kind !== 'Run' || change.type === 'DELETED') return undefined;
  const run = change.object as Stored<Run>;
  const before = (change.previous as Stored<Run> | undefined)?.status?.state;
  const state = run.status?.state;
  return state !== undefined && state !== before && isFinal(state) ? run : undefined;
}
