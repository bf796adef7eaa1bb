// Where an agent's schedule loop and runs end, for stories of one slot on a clock that is moved by hand: the trigger record as one
// compare-and-set register, a journal without a disk, and processes whose length and exit code the story tells.
import type { ClaimOrder, ClaimOutcome } from '../../agent/claims/claim-writer.js';
import type { Journal, JournalEntry, JournalState } from '../../agent/journal/journal.js';
import { LiveState } from '../../agent/journal/live-state.js';
import type { ExitRecord, LaunchOutcome, LaunchRequest } from '../../agent/runner/runner.js';
import type { Clock, Instant, Timer } from '../../base/index.js';
import { CoordinationError, type TriggerRecord, type VersionedRecord } from '../../coordination/index.js';

export class RecordRegister {
  current: VersionedRecord;
  private refusing = false;
  private readonly clock: Clock;

  constructor(clock: Clock, record: TriggerRecord) {
    this.clock = clock;
    this.current = { record, version: 1, mtime: clock.now() };
  }

  async claim({ known, next }: ClaimOrder): Promise<ClaimOutcome> {
    if (known.version !== this.current.version) return { kind: 'refused', record: this.current };
    return { kind: 'claimed', record: this.write(next) };
  }

  /** By the owner, without a claim. */
  async set(record: TriggerRecord, version: number): Promise<VersionedRecord> {
    const refused = this.refusing || version !== this.current.version;
    this.refusing = false;
    if (refused) throw new CoordinationError('badVersion', 'setData');
    return this.write(record);
  }

  /** Somebody else is faster than the next one. */
  refuseNext(): void {
    this.refusing = true;
  }

  /** By the leader. */
  change(change: Partial<TriggerRecord>): VersionedRecord {
    return this.write({ ...this.current.record, ...change });
  }

  private write(record: TriggerRecord): VersionedRecord {
    this.current = { record, version: this.current.version + 1, mtime: this.clock.now() };
    return this.current;
  }
}

export class MemoryJournal implements Journal {
  private readonly live = new LiveState();

  get state(): JournalState {
    return this.live;
  }

  async open(): Promise<JournalState> {
    return this.live;
  }

  async append(...entries: JournalEntry[]): Promise<void> {
    for (const entry of entries) this.live.apply(entry);
  }

  async close(): Promise<void> {}
}

/** What becomes of a process. */
export interface Fate {
  readonly ms: number;
  readonly exitCode: number;
}

export interface ProcessRecord {
  readonly runUid: string;
  readonly attempt: number;
  readonly from: Instant;
  to: Instant | undefined;
}

/** Between the request that a process end and its end. */
const DYING_MS = 1000;

interface Live {
  readonly process: ProcessRecord;
  readonly end: Timer;
}

export class ScriptedRunner {
  /** In the order of their starts. */
  readonly processes: ProcessRecord[] = [];
  private readonly clock: Clock;
  /** `index` counts processes from 0 in the order of their starts. */
  private readonly fate: (index: number, request: LaunchRequest) => Fate;
  private readonly live = new Map<string, Live>();
  private readonly waiting = new Map<string, () => void>();
  private exited: (directory: string, exit: ExitRecord) => void = () => undefined;

  constructor(clock: Clock, fate: (index: number, request: LaunchRequest) => Fate) {
    this.clock = clock;
    this.fate = fate;
  }

  onExit(listener: (directory: string, exit: ExitRecord) => void): () => void {
    this.exited = listener;
    return () => undefined;
  }

  watch(): void {}

  launch(request: LaunchRequest): Promise<LaunchOutcome> {
    return new Promise((resolve) => {
      const timer = this.clock.timerAt(request.notBefore ?? 0, () => {
        this.waiting.delete(request.directory);
        resolve(this.start(request));
      });
      this.waiting.set(request.directory, () => {
        timer.cancel();
        resolve({ kind: 'aborted' });
      });
    });
  }

  cancel(directory: string): void {
    this.waiting.get(directory)?.();
    this.waiting.delete(directory);
    const live = this.live.get(directory);
    if (live === undefined) return;
    live.end.cancel();
    this.clock.timerAfter(DYING_MS, () => this.end(directory, { signal: 'SIGTERM', cancelled: true }));
  }

  private start(request: LaunchRequest): LaunchOutcome {
    const now = this.clock.now();
    if (request.startBefore !== undefined && now > request.startBefore) return { kind: 'tooLate' };
    const { ms, exitCode } = this.fate(this.processes.length, request);
    const process: ProcessRecord = {
      runUid: request.env.CTASK_RUN_ID ?? '',
      attempt: Number(request.env.CTASK_ATTEMPT),
      from: now,
      to: undefined,
    };
    this.processes.push(process);
    const end = this.clock.timerAfter(ms, () => this.end(request.directory, { exitCode }));
    this.live.set(request.directory, { process, end });
    return { kind: 'started', pid: this.processes.length, startTime: now };
  }

  private end(directory: string, exit: Omit<ExitRecord, 'endTime'>): void {
    const live = this.live.get(directory);
    if (live === undefined) return;
    this.live.delete(directory);
    live.process.to = this.clock.now();
    this.exited(directory, { ...exit, endTime: this.clock.now() });
  }
}
