// Whether a slot is still blocked by a run of a former owner (rule R8). The claim read it from the record up to seconds
// before the start; by the start that run has often ended, and the leader has taken the block away.
import { type Clock, type Logger, messageOf } from '../../base/index.js';
import { type CoordinationSession, type Layout, readTriggerRecord } from '../../coordination/index.js';

/** The end of a run takes a while through report, store and leader: a start waits this long for it, rather than be skipped. */
const CHECKS_MAX = 4;
const PAUSE_MS = 250;

export interface BlockCheckOptions {
  readonly agent: string;
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createBlockCheck({ agent, session, layout, clock, log }: BlockCheckOptions) {
  return async ({ taskUid, slot }: { taskUid: string; slot: string }): Promise<boolean> => {
    for (let checks = 1; ; checks++) {
      try {
        const found = await readTriggerRecord(session.current, layout.trigger(taskUid, slot));
        // What stands in the slot of another owner says nothing of runs that were claimed here and never told.
        if (found !== undefined && found.record.owner !== agent) return true;
        if (found !== undefined && found.record.blockedBy === null) return false;
      } catch (error) {
        log.debug({ task: taskUid, err: messageOf(error) }, 'block of a slot could not be looked at');
      }
      if (checks === CHECKS_MAX) return true;
      await clock.sleep(PAUSE_MS);
    }
  };
}
