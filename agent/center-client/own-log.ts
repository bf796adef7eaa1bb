import { type Clock, type Logger, messageOf, type RecentLines, within } from '../../base/index.js';
import type { AgentLogReply } from '../../manifests/index.js';
import { maskedLines } from '../secrets/masked-lines.js';
import type { CenterClient } from './center-client.js';

/** Nobody waits longer for it. */
const TELL_MS = 10_000;

export interface OwnLogOptions {
  readonly client: Pick<CenterClient, 'answer'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Without it there are no lines to tell. */
  readonly recentLines: RecentLines | undefined;
  /** Values that must not leave this machine; undefined when not all of them are known. */
  readonly secrets: () => readonly string[] | undefined;
}

/** Tells the center that asks what this agent has logged last. */
export class OwnLog {
  private readonly options: OwnLogOptions;

  constructor(options: OwnLogOptions) {
    this.options = options;
  }

  /** Never rejects: who asked is told that there was no answer. */
  async tell(id: string): Promise<void> {
    const { client, clock, log, recentLines, secrets } = this.options;
    const omitted = recentLines?.omitted ?? 0;
    try {
      const { lines, fieldsLeftOut } = await maskedLines(recentLines?.all() ?? [], secrets());
      const more = fieldsLeftOut ? { fieldsLeftOut } : {};
      const head = JSON.stringify({ id, omitted, ...more });
      // Lines are JSON already.
      const body = `${head.slice(0, -1)},"lines":[${lines.join(',')}]}`;
      const { taken } = await within(clock, TELL_MS, (signal) => client.answer<AgentLogReply>('own-log', body, signal));
      if (!taken) log.debug({}, 'nobody waits any more for the log lines that were asked for');
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'the log lines that the center asked for could not be sent');
    }
  }
}
