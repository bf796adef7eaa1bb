// Which of the rows that wait are sent next, and together. About one subject (a task and slot, an agent, an alarm) things are told in the
// order in which they have happened; no subject waits for another.
//
//   rows by id:   a1  b1  a2  c1  b2     nobody knows whether the message with a1 arrived: it goes again as it was, and a2 waits for that
//   sent next:        b1      c1  b2     what is due takes along what came before it
//
// A pure function of rows that are read from the oldest on: whatever comes before one of them is among them.
import type { NotificationsTable } from '../schema.js';
import {
  BATCH_MAX,
  type ClaimQuery,
  type NotificationEvent,
  type NotificationFacts,
  type StoredFacts,
} from './notification-book.js';

export type OutboxRow = Omit<NotificationsTable, 'id'> & { readonly id: number };
type Rules = Pick<ClaimQuery, 'groupWaitMs' | 'only' | 'byRecipients' | 'repeatable'>;

/** So long is later news of a subject held back by a message that may have arrived, ms; that one is tried twice in any case. */
const HELD_BACK_MS = 180_000;
const HELD_BACK_TRIES = 2;

/** Rows that go together, or a batch that is to be taken apart before anything is sent. */
export type Next = { readonly rows: readonly OutboxRow[] } | { readonly apart: string };

interface Line {
  readonly rows: OutboxRow[];
  /** Batch that they are sent with again; undefined: they may go with others. */
  readonly batch: string | undefined;
  tries: number;
  /** Its first was refused by itself: nothing of it goes before that is due. */
  refused: boolean;
}

export class LineUp {
  private readonly rules: Rules;
  private readonly now: number;
  private readonly free = new Map<string, Line>();
  private readonly fixed = new Map<string, Line>();
  /** Of each subject, the batch that goes first of those that it is in. */
  private readonly batchOf = new Map<string, string>();
  private readonly subjects = new Map<number, string>();

  constructor(rules: Rules, now: number) {
    this.rules = rules;
    this.now = now;
  }

  /** In the order of their ids. */
  add(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      const facts = JSON.parse(row.facts) as StoredFacts;
      const subject = this.subjectOf(row, facts);
      const batch = this.batchNow(row);
      this.subjects.set(row.id, subject);
      const [lines, key] = batch === undefined ? [this.free, subject] : [this.fixed, batch];
      const line = lines.get(key) ?? { rows: [], batch, tries: row.attempts, refused: false };
      line.rows.push(row);
      line.tries = Math.min(line.tries, row.attempts);
      line.refused ||= facts.refused === true;
      lines.set(key, line);
      if (batch === undefined) continue;
      // Two batches never wait for each other, whatever they hold.
      const other = this.fixed.get(this.batchOf.get(subject) ?? '');
      if (other === undefined || line.rows[0]!.id < other.rows[0]!.id) this.batchOf.set(subject, batch);
    }
  }

  /** undefined: nothing of it may be sent now. */
  next(): Next | undefined {
    const apart = [...this.fixed.values()].find((line) => this.apartAt(line) <= this.now);
    if (apart !== undefined) return { apart: apart.batch! };
    const ready = [...this.fixed.values(), ...this.free.values()].filter((line) => this.isReady(line));
    // One that is refused time and again does not keep others waiting.
    const first = ready.sort((a, b) => a.tries - b.tries || a.rows[0]!.id - b.rows[0]!.id)[0];
    if (first === undefined) return undefined;
    return { rows: first.batch === undefined ? this.together(first) : first.rows };
  }

  /** When something of it may be sent, ms; infinite when nothing of it can. */
  nextTime(): number {
    const fixed = [...this.fixed.values()];
    const times = [...fixed, ...this.free.values()].map((line) => this.timeOf(line));
    times.push(...fixed.map((line) => this.apartAt(line)));
    return Math.min(...times.filter((time) => time > this.now));
  }

  /** What may go with the first, from the oldest of those that are due on. */
  private together(first: Line): OutboxRow[] {
    const { recipients } = first.rows[0]!;
    const lines = [...this.free.values()]
      .filter((line) => !this.rules.byRecipients || line.rows[0]!.recipients === recipients)
      .filter((line) => !this.isBlocked(line) && this.wanted(line).length > 0)
      .filter((line) => !line.refused || this.isReady(line));
    // The rows of a line have the same rank: none goes before an older one of it.
    const ranked = lines.flatMap((line) => {
      const rank = this.isReady(line) ? line.tries : Number.POSITIVE_INFINITY;
      return this.wanted(line).map((row) => ({ row, rank }));
    });
    ranked.sort((a, b) => (a.rank === b.rank ? a.row.id - b.row.id : a.rank - b.rank));
    return ranked.slice(0, BATCH_MAX).map(({ row }) => row);
  }

  private isReady(line: Line): boolean {
    return !this.isBlocked(line) && this.timeOf(line) <= this.now;
  }

  /** When it may be sent, ms. A batch that somebody is sending waits until its lease is over; the first of others waits for more. */
  private timeOf(line: Line): number {
    const { rows, batch } = line;
    if (batch !== undefined) {
      const [{ leased_until, due_time }] = rows as [OutboxRow];
      return this.mayGo(line) ? Math.max(leased_until, due_time) : Number.POSITIVE_INFINITY;
    }
    let time = Number.POSITIVE_INFINITY;
    // What stands behind a whole message goes with none.
    for (const row of rows.slice(0, BATCH_MAX)) {
      const wait = row.event === 'Test' ? 0 : this.rules.groupWaitMs;
      if (this.isAskedFor(row)) time = Math.min(time, Math.max(row.due_time, row.created_time + wait));
    }
    return line.refused ? Math.max(time, rows[0]!.due_time) : time;
  }

  /** A batch goes when something of it is asked for, or something that waits behind it. */
  private mayGo({ rows }: Line): boolean {
    return rows.some((row) => {
      if (this.isAskedFor(row)) return true;
      const behind = this.free.get(this.subjects.get(row.id)!);
      return behind?.rows.some((later) => this.isAskedFor(later)) === true;
    });
  }

  private isAskedFor({ event }: OutboxRow): boolean {
    return this.rules.only?.includes(event as NotificationEvent) ?? true;
  }

  /** Those that are asked for, and what came before them. */
  private wanted({ rows }: Line): readonly OutboxRow[] {
    return this.rules.only === undefined ? rows : rows.slice(0, rows.findLastIndex((row) => this.isAskedFor(row)) + 1);
  }

  private isBlocked(line: Line): boolean {
    return line.rows.some((row) => {
      const batch = this.batchOf.get(this.subjects.get(row.id)!);
      return batch !== undefined && batch !== line.batch;
    });
  }

  /** When the batch is taken apart for what waits behind it, ms; infinite when nothing does, or it is to be tried again first. */
  private apartAt({ rows, batch, tries }: Line): number {
    if (rows.some(({ leased_until }) => leased_until > this.now) || tries < HELD_BACK_TRIES) {
      return Number.POSITIVE_INFINITY;
    }
    const behind = rows.flatMap((row) => {
      const subject = this.subjects.get(row.id)!;
      return this.batchOf.get(subject) === batch ? (this.free.get(subject)?.rows ?? []) : [];
    });
    const asked = behind.filter((row) => this.isAskedFor(row));
    return Math.min(...asked.map(({ created_time }) => created_time + HELD_BACK_MS));
  }

  private batchNow({ batch, leased_until }: OutboxRow): string | undefined {
    return batch === null || (this.rules.repeatable && leased_until <= this.now) ? undefined : batch;
  }

  private subjectOf({ id, event, recipients }: OutboxRow, facts: NotificationFacts): string {
    const subject = subjectOf(facts, id);
    // Who keeps incidents has one of its own for runs that are late, or take long: what else there is to tell is not in its order.
    const kind = facts.about === 'Run' ? (facts.ends ?? event) : '';
    if (this.rules.repeatable && (kind === 'Late' || kind === 'LongerThan')) return `${subject}\0${kind}`;
    return this.rules.byRecipients ? `${subject}\0${recipients}` : subject;
  }
}

/** What is told one after the other. A test is about nothing else. */
export function subjectOf(facts: NotificationFacts, id: number): string {
  if (facts.about === 'Run') return `${facts.namespace}/${facts.task}/${facts.slot}`;
  if (facts.about === 'Agent') return `agent ${facts.agent}`;
  return facts.about === 'Alarm' ? `alarm ${facts.what}` : `test ${id}`;
}
