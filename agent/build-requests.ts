import { messageOf } from '../base/index.js';
import type { AgentOptions } from './agent-options.js';
import type { CenterClient } from './center-client/center-client.js';
import { OwnLog } from './center-client/own-log.js';
import { RequestStream } from './center-client/request-stream.js';
import type { ContinuedRuns } from './runs/continued-runs.js';
import type { ManualRuns } from './runs/manual-runs.js';
import type { SecretCache } from './secrets/secret-cache.js';

/** What the center asks, and who carries it out. */
export function buildRequests(
  { clock, log, recentLines }: AgentOptions,
  client: CenterClient,
  { secrets, continued, manual }: { secrets: SecretCache; continued: ContinuedRuns; manual: ManualRuns },
): RequestStream {
  const ownLog = new OwnLog({ client, clock, log, recentLines, secrets: () => secrets.values() });
  return new RequestStream({
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
}
