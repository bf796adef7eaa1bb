import { type Clock, messageOf } from '../base/index.js';
import type { AgentOptions } from './agent-options.js';
import type { CenterClient } from './center-client/center-client.js';
import { OwnLog } from './center-client/own-log.js';
import { RequestStream } from './center-client/request-stream.js';
import type { ContinuedRuns } from './runs/continued-runs.js';
import type { ManualRuns } from './runs/manual-runs.js';
import type { SecretCache } from './secrets/secret-cache.js';

/** A start that takes longer may take any time. */
const LONG_START_MS = 2000;

/** What the center asks, and who carries it out. `early`: see whileStarting. */
export function buildRequests(
  { clock, log, recentLines }: AgentOptions,
  client: CenterClient,
  { secrets, continued, manual }: { secrets: SecretCache; continued: ContinuedRuns; manual: ManualRuns },
): { requests: RequestStream; early: RequestStream } {
  const ownLog = new OwnLog({ client, clock, log, recentLines, secrets: () => secrets.everKnown() });
  const requests = new RequestStream({
    ...{ client, clock, log },
    streamOpened: () => void secrets.refresh(),
    receive: (request) => {
      try {
        if (request.type === 'Secret') void secrets.changed(request.namespace, request.name);
        else if (request.type === 'Continue') continued.receive(request.run);
        else if (request.type === 'Log') void ownLog.tell(request.id);
        else manual.receive(request);
      } catch (error) {
        log.error({ type: request.type, err: messageOf(error) }, 'a request of the center could not be carried out');
      }
    },
  });
  const early = new RequestStream({
    ...{ client, clock, log },
    receive: (request) => {
      if (request.type === 'Log') void ownLog.tell(request.id);
    },
  });
  return { requests, early };
}

/**
 * An agent whose start takes long, since coordination does not answer or the center has not admitted it, can be asked for its log all the same: that
 * is when people want it. It takes no other request; what is open is told when it listens in earnest. Gives what ends it.
 */
export function whileStarting(early: RequestStream, clock: Clock): () => Promise<void> {
  const timer = clock.timerAfter(LONG_START_MS, () => early.start());
  return async () => {
    timer.cancel();
    await early.stop();
  };
}
