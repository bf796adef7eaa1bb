import { sql } from 'kysely';
import { type Clock, CloudTaskError, systemClock, type Timer } from '../../../base/index.js';
import { type ChangeFeed, type Publish, readVersion, saveVersion } from '../change-feed.js';
import type { OpenTransaction, SqlDatabase, Upsert } from '../database.js';
import type { ChangeText } from '../repository-types.js';
import { skippedVersions } from '../restores.js';
import type { ChangeRow, StateSchema } from '../schema.js';
import type { PostgresAddress } from './connection-url.js';
import { Listener } from './listener.js';

const CHANNEL = 'cloudtask_changes';
/** Looked for without a notification, too: one may be lost with its connection. */
const POLL_MS = 1000;
/** Changes read at a time. */
const PAGE = 500;
/** What is kept of the log: as long as a center may be away and then go on where it was… */
const KEPT_MS = 600_000;
/** …but at least this many changes, */
const KEPT_MIN = 20_000;
/** …and at most these: at 500 changes a second six minutes, about a gigabyte. */
const KEPT_MAX = 200_000;
/** The log is trimmed once in so many versions. */
const TRIM_EVERY = 1000;

export interface SharedFeedOptions {
  readonly database: SqlDatabase<StateSchema>;
  readonly address: PostgresAddress;
  /** Everything up to here is known already. */
  readonly position: number;
  readonly publish: Publish;
  /** Changes have been trimmed before this center has seen them: nothing that it knows is true any more. */
  broken(error: Error): void;
  readonly clock?: Clock;
}

/**
 * The changes of all centers on one database. A writer locks the row of the version counter first and writes its changes
 * into change_log with the same commit, so versions are assigned in commit order and the log has no gaps: whoever has read
 * up to a version reads on from there and misses nothing. What this center committed itself is published from memory when
 * nobody else came in between.
 */
export class SharedFeed implements ChangeFeed {
  position: number;
  private readonly options: SharedFeedOptions;
  private readonly clock: Clock;
  private readonly listener: Listener;
  private timer: Timer | undefined;
  private reading: Promise<void> | undefined;
  /** Something was heard while a reading was under way: it may have begun too early. */
  private again = false;
  private closed = false;

  constructor(options: SharedFeedOptions) {
    this.options = options;
    this.position = options.position;
    this.clock = options.clock ?? systemClock;
    this.listener = new Listener({
      address: options.address,
      channel: CHANNEL,
      clock: this.clock,
      notified: () => void this.catchUp().catch(() => undefined), // the poll comes again
    });
  }

  start(): void {
    this.listener.start();
    this.poll();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.timer?.cancel();
    await this.listener.stop();
    await this.reading?.catch(() => undefined);
  }

  read(transaction: OpenTransaction<StateSchema>): Promise<number> {
    return readVersion(transaction, true);
  }

  async save(
    transaction: OpenTransaction<StateSchema>,
    version: number,
    changes: readonly ChangeText[],
  ): Promise<void> {
    const now = this.clock.now();
    await saveVersion(transaction, version);
    await transaction.upsert(
      CHANGE_ROWS,
      changes.map(({ resourceVersion, type, kind, object, previous }) => [
        ...[resourceVersion, now, type, kind, object],
        previous ?? null,
      ]),
    );
    const base = version - changes.length;
    if (Math.floor(base / TRIM_EVERY) !== Math.floor(version / TRIM_EVERY)) await trim(transaction, version, now);
    await sql`select pg_notify(${CHANNEL}, '')`.execute(transaction.write);
  }

  /** Called after a commit of this center. */
  async publish(base: number, changes: readonly ChangeText[]): Promise<void> {
    if (changes.length === 0) return;
    if (this.position === base) this.tell(changes);
    else await this.catchUp().catch(() => undefined); // committed it is; the poll publishes it when it can be read again
  }

  async reached(version: number): Promise<void> {
    if (version > this.position) await this.catchUp();
    if (version > this.position)
      throw new CloudTaskError('CT_UNAVAILABLE', 'changes of the store are still being read');
  }

  /** Publishes everything that is committed when it is called. */
  private catchUp(): Promise<void> {
    if (this.reading !== undefined) {
      this.again = true;
      return this.reading;
    }
    this.reading = this.readOn();
    return this.reading;
  }

  private async readOn(): Promise<void> {
    try {
      let read: number;
      do {
        this.again = false;
        read = await this.readPage();
      } while (!this.closed && (read === PAGE || this.again));
    } finally {
      this.reading = undefined; // in the same step as the last look at `again`
    }
  }

  private async readPage(): Promise<number> {
    const rows = await this.options.database.read
      .selectFrom('change_log')
      .selectAll()
      .where('version', '>', this.position)
      .orderBy('version')
      .limit(PAGE)
      .execute();
    const first = this.newOf(rows)[0];
    if (first === undefined || this.closed) return rows.length;
    const broken = first.version !== this.position + 1 && !(await this.leftByRestore(this.position, first.version));
    const news = this.newOf(rows);
    if (news[0] !== first || this.closed) return rows.length;
    if (broken) this.fail();
    else this.tell(news.map(changeOf));
    return rows.length;
  }

  /** Without those that this center committed and published itself while they were read. */
  private newOf(rows: readonly ChangeRow[]): ChangeRow[] {
    return rows.filter(({ version }) => version > this.position);
  }

  /** Whether there never was anything between two versions (rule R13). */
  private async leftByRestore(from: number, to: number): Promise<boolean> {
    const skipped = await skippedVersions(this.options.database);
    return skipped?.from === from && skipped.to === to;
  }

  private fail(): void {
    this.closed = true;
    this.options.broken(
      new CloudTaskError('CT_STORE', {
        detail: `changes after ${this.position} are gone: this center was away from PostgreSQL for too long`,
        hint: 'start the center again',
      }),
    );
  }

  private tell(changes: readonly ChangeText[]): void {
    this.position = changes.at(-1)!.resourceVersion;
    this.options.publish(changes, this.position);
  }

  private poll(): void {
    if (this.closed) return;
    this.timer = this.clock.timerAfter(POLL_MS, () => {
      void this.catchUp()
        .catch(() => undefined) // not there now; whoever reads or writes is told
        .then(() => this.poll());
    });
  }
}

const CHANGE_ROWS: Upsert = {
  table: 'change_log',
  columns: ['version', 'time', 'type', 'kind', 'object', 'previous'],
  key: [],
  update: [],
};

function changeOf({ version, type, kind, object, previous }: ChangeRow): ChangeText {
  const change = { type, kind, object, resourceVersion: version } as ChangeText;
  return previous === null ? change : { ...change, previous };
}

async function trim({ write }: OpenTransaction<StateSchema>, version: number, now: number): Promise<void> {
  await write
    .deleteFrom('change_log')
    .where(({ eb, or, and }) =>
      or([
        eb('version', '<=', version - KEPT_MAX),
        and([eb('version', '<=', version - KEPT_MIN), eb('time', '<', now - KEPT_MS)]),
      ]),
    )
    .execute();
}
