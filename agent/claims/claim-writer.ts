// Claims on their way into their trigger records (rules R1, R3, R4): the journal first, then compare-and-sets in batches,
// then whatever an unknown reply makes necessary. A claim ends in exactly one outcome.
import { type Clock, type Logger, messageOf } from '../../base/index.js';
import {
  CoordinationError,
  type CoordinationSession,
  type Coordinator,
  claimBatch,
  isCoordinationError,
  readTriggerRecord,
  type TriggerRecord,
  type VersionedRecord,
} from '../../coordination/index.js';
import type { ClaimIntent, Journal, JournalEntry } from '../journal/journal.js';
import { NOT_SENT } from '../runs/open-run.js';
import type { TimeSample } from '../schedule-loop/server-clock.js';

export interface ClaimOrder {
  readonly path: string;
  /** The record as known; the claim is conditional on its version. */
  readonly known: VersionedRecord;
  readonly next: TriggerRecord;
  readonly intent: ClaimIntent;
  /** When the attempt is to start: earlier ones are claimed first. */
  readonly dueAt: number;
}

export type ClaimOutcome =
  /** The record says so: the attempt may start. */
  | { readonly kind: 'claimed'; readonly record: VersionedRecord }
  /** Somebody else changed the record: nothing was or will be started. undefined: there is no record. */
  | { readonly kind: 'refused'; readonly record: VersionedRecord | undefined }
  /** The journal could not take the claim, so it was never sent. */
  | { readonly kind: 'notWritten'; readonly error: unknown }
  /** The agent is stopping; the journal knows the claim, the next start resolves it. */
  | { readonly kind: 'stopped' };

/** Claims per journal write: four transactions of 50, so that the first are under way while the next are written. */
const SLICE_MAX = 200;
const SLICES_IN_FLIGHT = 3;
/** Reads that contradict the write (a lagging server) are repeated this often, after a sync each. */
const CONTRADICTIONS_MAX = 5;
const RECONNECT_PAUSE_MS = 50;

/** Whether coordination may be believed (rule R13). */
export interface Trust {
  opened(signal: AbortSignal): Promise<void>;
  /** Restores that were dealt with, as far as is known. */
  readonly restores: number;
}

interface Pending {
  readonly order: ClaimOrder;
  readonly settle: (outcome: ClaimOutcome) => void;
  contradictions: number;
}

export class ClaimWriter {
  /** For metrics. */
  readonly counters = { won: 0, lost: 0, failed: 0 };
  private readonly session: CoordinationSession;
  private readonly journal: Journal;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly sample: (sample: TimeSample) => void;
  private readonly trust: Trust | undefined;
  private readonly stopping = new AbortController();
  private waiting: Pending[] = [];
  private inFlight = 0;
  private flush: NodeJS.Immediate | undefined;

  constructor(options: {
    session: CoordinationSession;
    journal: Journal;
    clock: Clock;
    log: Logger;
    /** Called with the server's time of each acknowledged write (rule R11). */
    sample: (sample: TimeSample) => void;
    trust?: Trust;
  }) {
    this.session = options.session;
    this.journal = options.journal;
    this.clock = options.clock;
    this.log = options.log;
    this.sample = options.sample;
    this.trust = options.trust;
  }

  claim(order: ClaimOrder): Promise<ClaimOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: ClaimOutcome) => {
        this.count(outcome);
        resolve(outcome);
      };
      this.waiting.push({ order, settle, contradictions: 0 });
      this.flush ??= setImmediate(() => this.takeSlices());
    });
  }

  stop(): void {
    this.stopping.abort();
    clearImmediate(this.flush);
    for (const { settle } of this.waiting.splice(0)) settle({ kind: 'stopped' });
  }

  private count({ kind }: ClaimOutcome): void {
    if (kind === 'claimed') this.counters.won += 1;
    else if (kind === 'refused') this.counters.lost += 1;
    else if (kind === 'notWritten') this.counters.failed += 1;
  }

  private takeSlices(): void {
    this.flush = undefined;
    if (this.waiting.length === 0 || this.inFlight >= SLICES_IN_FLIGHT) return;
    if (this.waiting.length > SLICE_MAX) this.waiting.sort((a, b) => a.order.dueAt - b.order.dueAt);
    while (this.waiting.length > 0 && this.inFlight < SLICES_IN_FLIGHT) {
      const slice = this.waiting.splice(0, SLICE_MAX);
      this.inFlight += 1;
      void this.write(slice).finally(() => {
        this.inFlight -= 1;
        this.takeSlices();
      });
    }
  }

  private async write(slice: readonly Pending[]): Promise<void> {
    try {
      // Crash before this resolves: nothing was sent. Crash after it: the next start finds the claim (recovery).
      await this.journal.append(...slice.map(({ order }) => ({ type: 'claim', claim: order.intent }) as const));
    } catch (error) {
      for (const { settle } of slice) settle({ kind: 'notWritten', error });
      return;
    }
    let open = [...slice];
    const restores = this.trust?.restores;
    while (open.length > 0) {
      const coordinator = await this.connected();
      if (coordinator === undefined) {
        for (const { settle } of open) settle({ kind: 'stopped' });
        return;
      }
      // A version that was known before a restore may come again, with another record.
      if (this.trust?.restores === restores) open = await this.send(coordinator, open);
      else open = await this.lookAfterRestore(coordinator, open);
    }
  }

  /** One round; returns those that must be sent again: the same conditional write with the same claimId (rule R3). */
  private async send(coordinator: Coordinator, open: readonly Pending[]): Promise<Pending[]> {
    const sentAt = this.clock.now();
    const results = await claimBatch(
      coordinator,
      open.map(({ order }) => ({ path: order.path, record: order.next, version: order.known.version })),
    );
    const receivedAt = this.clock.now();
    const again: Pending[] = [];
    const refused: { pending: Pending; error: CoordinationError }[] = [];
    for (const [index, pending] of open.entries()) {
      const result = results[index]!;
      if (!(result instanceof CoordinationError)) {
        if (index === 0) this.sample({ serverTime: result.mtime, sentAt, receivedAt });
        pending.settle({ kind: 'claimed', record: result });
      } else if (isCoordinationError(result, 'unknown', 'expired', 'closed')) again.push(pending);
      else refused.push({ pending, error: result });
    }
    const undecided = await Promise.all(refused.map(({ pending, error }) => this.examine(coordinator, pending, error)));
    return again.concat(undecided.filter((pending) => pending !== undefined));
  }

  /** Nothing is sent again: the records say which of the claims are in what was restored. Returns those not looked at. */
  private async lookAfterRestore(coordinator: Coordinator, open: readonly Pending[]): Promise<Pending[]> {
    const left: Pending[] = [];
    for (const pending of open) {
      const { order, settle } = pending;
      try {
        const record = await readTriggerRecord(coordinator, order.path);
        if (record?.record.claimId === order.intent.claimId) settle({ kind: 'claimed', record });
        else {
          this.noteRefusal(order.intent);
          settle({ kind: 'refused', record });
        }
      } catch (error) {
        this.log.debug({ task: order.intent.taskUid, err: messageOf(error) }, 'trigger record could not be read');
        left.push(pending);
      }
    }
    if (left.length > 0) await this.clock.sleep(RECONNECT_PAUSE_MS, this.stopping.signal).catch(() => undefined);
    return left;
  }

  /** The server refused the write. Perhaps because it had been applied before its reply was lost: the record tells. */
  private async examine(
    coordinator: Coordinator,
    pending: Pending,
    refusal: CoordinationError,
  ): Promise<Pending | undefined> {
    const { order, settle } = pending;
    let record: VersionedRecord | undefined;
    try {
      record = await readTriggerRecord(coordinator, order.path);
      if (record?.version === order.known.version && pending.contradictions < CONTRADICTIONS_MAX) {
        // The server we read from lags behind the one that refused us.
        pending.contradictions += 1;
        await coordinator.sync(order.path);
        return pending;
      }
    } catch (error) {
      if (isCoordinationError(error, 'unknown', 'expired', 'closed')) return pending;
      this.log.error({ task: order.intent.taskUid, err: messageOf(error) }, 'trigger record cannot be read');
    }
    if (record?.record.claimId === order.intent.claimId) {
      settle({ kind: 'claimed', record });
      return undefined;
    }
    this.log.debug({ task: order.intent.taskUid, slot: order.intent.slot, err: refusal.message }, 'claim refused');
    this.noteRefusal(order.intent);
    settle({ kind: 'refused', record });
    return undefined;
  }

  /** A planned time point is planned anew. A retry or a run on demand is sent again with the same claimId, on the record as
   * it is then: until that a restart must find it as one that was not sent, or the run is lost. */
  private noteRefusal(intent: ClaimIntent): void {
    const planned = typeof intent.point === 'number' && intent.attempt <= 1;
    const entry: JournalEntry = planned
      ? { type: 'resolved', claimId: intent.claimId, refused: true }
      : { type: 'claim', claim: { ...intent, recordVersion: NOT_SENT } };
    // Not awaited: an entry that stays is resolved again by the next start, with the same result.
    this.journal.append(entry).catch((error: unknown) => {
      this.log.debug({ err: messageOf(error) }, 'refused claim could not be noted');
    });
  }

  /** undefined when the agent stops. An expired session is followed by a new one; the claims stay the same. */
  private async connected(): Promise<Coordinator | undefined> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const coordinator = this.session.current;
      try {
        if (coordinator.state !== 'connected') await coordinator.connected(signal);
        await this.trust?.opened(signal);
        if (coordinator.state === 'connected') return coordinator;
      } catch {
        // Aborted (the loop ends) or expired: the session makes a new coordinator in a moment.
        await this.clock.sleep(RECONNECT_PAUSE_MS, signal).catch(() => undefined);
      }
    }
    return undefined;
  }
}
