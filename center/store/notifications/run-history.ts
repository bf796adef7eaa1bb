// What has been told, and what has been, of tasks by slot: the runs in a row that did not succeed, and the changes between failing
// and succeeding. Read and written in the transaction that ends runs.
import { inList, type Upsert } from '../database.js';
import type { RunRow } from '../run-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { Decision, RunHistory, Told } from './decide-event.js';
import type { RunFacts } from './notification-book.js';

type Transaction = WriteTransaction<StateSchema>;

/** As many as an entry can ask for, and one. */
const CHANGES_KEPT = 51;
/** The longest window, ms. */
const CHANGES_KEPT_MS = 86_400_000;

const UPSERT_FAILING: Upsert = {
  table: 'notify_failing',
  columns: ['task_uid', 'slot', 'since', 'runs', 'told'],
  key: ['task_uid', 'slot'],
  update: ['since', 'runs', 'told'],
};
const UPSERT_CHANGES: Upsert = {
  table: 'notify_changes',
  columns: ['task_uid', 'slot', 'times', 'told'],
  key: ['task_uid', 'slot'],
  update: ['times', 'told'],
};

interface Slot {
  readonly taskUid: string;
  readonly slot: string;
  failing: { readonly since: number; readonly runs: number } | undefined;
  failuresTold: Set<string>;
  changes: number[];
  readonly flapping: Set<string>;
  failingChanged: boolean;
  changesChanged: boolean;
}

export interface NotedRun {
  readonly history: RunHistory;
  readonly told: Told;
  /** What is to be told of them with this run: after one that succeeded, what there was before it. */
  readonly failing: RunFacts['failing'];
  /** What an entry is told by this run. */
  keep(key: string, decision: Decision): void;
}

export class RunHistories {
  private readonly tx: Transaction;
  private readonly slots = new Map<string, Slot>();

  static async read(tx: Transaction, taskUids: readonly string[]): Promise<RunHistories> {
    const histories = new RunHistories(tx);
    const of = inList(tx, 'task_uid', taskUids);
    for (const row of await tx.write.selectFrom('notify_failing').selectAll().where(of).execute()) {
      const slot = histories.slot(row.task_uid, row.slot);
      slot.failing = { since: row.since, runs: row.runs };
      slot.failuresTold = new Set(JSON.parse(row.told ?? '[]') as string[]);
    }
    for (const row of await tx.write.selectFrom('notify_changes').selectAll().where(of).execute()) {
      const slot = histories.slot(row.task_uid, row.slot);
      slot.changes = JSON.parse(row.times) as number[];
      for (const key of JSON.parse(row.told) as string[]) slot.flapping.add(key);
    }
    return histories;
  }

  private constructor(tx: Transaction) {
    this.tx = tx;
  }

  note(row: RunRow, event: RunHistory['event']): NotedRun {
    // Its own time: what an agent could not report for a day did not happen at once.
    const now = row.finish_time ?? this.tx.now;
    const slot = this.slot(row.task_uid, row.slot);
    const before = slot.failing;
    const succeeded = event === 'Succeeded';
    const changed = succeeded === (before !== undefined);
    const told = { failures: slot.failuresTold, flapping: slot.flapping };
    if (changed) {
      const recent = slot.changes.filter((time) => time > now - CHANGES_KEPT_MS);
      slot.changes = [...recent, now].slice(-CHANGES_KEPT);
      slot.changesChanged = true;
    }
    if (!succeeded) {
      slot.failing = { since: before?.since ?? now, runs: (before?.runs ?? 0) + 1 };
    } else if (before !== undefined) {
      slot.failing = undefined;
      slot.failuresTold = new Set();
    }
    slot.failingChanged ||= !succeeded || before !== undefined;
    const failing = succeeded ? before : slot.failing;
    return {
      ...{ told, failing, history: { event, failures: failing?.runs ?? 0, changes: slot.changes, changed, now } },
      keep: (key, decision) => {
        if (decision.failures) slot.failuresTold.add(key);
        if (decision.flapping === undefined) return;
        slot.changesChanged = true;
        if (decision.flapping) slot.flapping.add(key);
        else slot.flapping.delete(key);
      },
    };
  }

  async write(): Promise<void> {
    const { tx } = this;
    for (const one of this.slots.values()) {
      const { taskUid, slot, failing, failuresTold, changes, flapping } = one;
      if (one.failingChanged && failing === undefined) {
        await tx.write.deleteFrom('notify_failing').where('task_uid', '=', taskUid).where('slot', '=', slot).execute();
      } else if (one.failingChanged && failing !== undefined) {
        const told = failuresTold.size === 0 ? null : JSON.stringify([...failuresTold]);
        await tx.upsert(UPSERT_FAILING, [[taskUid, slot, failing.since, failing.runs, told]]);
      }
      if (!one.changesChanged) continue;
      await tx.upsert(UPSERT_CHANGES, [[taskUid, slot, JSON.stringify(changes), JSON.stringify([...flapping])]]);
    }
  }

  private slot(taskUid: string, slot: string): Slot {
    const key = `${taskUid}/${slot}`;
    let found = this.slots.get(key);
    if (found === undefined) {
      found = {
        ...{ taskUid, slot, failing: undefined, failuresTold: new Set(), changes: [], flapping: new Set() },
        ...{ failingChanged: false, changesChanged: false },
      };
      this.slots.set(key, found);
    }
    return found;
  }
}
