import { sql } from 'kysely';
import { type Clock, newUid, systemClock } from '../../../base/index.js';
import type { Appended } from '../log-chunks.js';
import type { LogSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { PostgresAddress } from './connection-url.js';
import { Listener } from './listener.js';

const CHANNEL = 'cloudtask_logs';
/** Positions per notification, whose text may have 8,000 bytes. */
const POSITIONS_PER_NOTICE = 50;

type Positions = Appended['appended'];

/** Tells the centers on one database which logs have grown. Notices are hints: who follows a log looks by itself, too, in
 * steps of seconds. */
export class LogNotices {
  private readonly self = newUid();
  private readonly listener: Listener;

  constructor(address: PostgresAddress, heard: (positions: Positions) => void, clock: Clock = systemClock) {
    this.listener = new Listener({
      ...{ address, clock, channel: CHANNEL },
      notified: (payload = '') => {
        const [sender, positions] = JSON.parse(payload === '' ? '[]' : payload) as [string?, Positions?];
        if (positions !== undefined && sender !== this.self) heard(positions);
      },
    });
  }

  start(): void {
    this.listener.start();
  }

  close(): Promise<void> {
    return this.listener.stop();
  }

  async announce(tx: WriteTransaction<LogSchema>, positions: Positions): Promise<void> {
    for (let start = 0; start < positions.length; start += POSITIONS_PER_NOTICE) {
      const payload = JSON.stringify([this.self, positions.slice(start, start + POSITIONS_PER_NOTICE)]);
      await sql`select pg_notify(${CHANNEL}, ${payload})`.execute(tx.write);
    }
  }
}
