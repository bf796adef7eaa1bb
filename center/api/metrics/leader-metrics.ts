import type { Controllers } from '../../controllers/index.js';
import { type MetricBook, setCounter } from './metric-book.js';

export type ControllersCounted = Pick<Controllers, 'counters' | 'loops'>;

/** What the controllers of this center have counted, in all its terms; the queues are those of the present one. */
export class LeaderMetrics {
  private readonly moves;
  private readonly writes;
  private readonly unallocated;
  private readonly findings;
  private readonly elections;
  private readonly silence;
  private readonly depth;
  private readonly reconciles;

  constructor(book: MetricBook) {
    this.moves = book.counter('cloudtask_allocation_moves_total');
    this.writes = book.counter('cloudtask_allocation_writes_total');
    this.unallocated = book.gauge('cloudtask_allocation_unallocated_slots');
    this.findings = book.counter('cloudtask_audit_findings_total');
    this.silence = book.gauge('cloudtask_self_watch_nothing_fires');
    this.elections = book.counter('cloudtask_elections_total');
    this.depth = book.gauge('cloudtask_workqueue_depth');
    this.reconciles = book.counter('cloudtask_workqueue_reconciles_total');
  }

  fill({ counters, loops }: ControllersCounted): void {
    const { allocation, bookkeeping, elections, leader, watch } = counters;
    this.silence.set(watch.alarm);
    setCounter(this.writes, allocation.writes);
    setCounter(this.findings, bookkeeping.auditFindings);
    setCounter(this.elections, elections);
    this.unallocated.set(leader === 1 ? allocation.unallocated : 0);
    this.moves.reset();
    for (const [reason, moves] of Object.entries(allocation.movesByReason)) this.moves.inc({ reason }, moves);
    this.depth.reset();
    this.reconciles.reset();
    for (const { name, queue, counters: counted } of loops) {
      this.depth.set({ queue: name }, queue.length);
      this.reconciles.inc({ queue: name, outcome: 'done' }, counted.reconciled);
      this.reconciles.inc({ queue: name, outcome: 'failed' }, counted.failed + counted.terminal);
    }
  }
}
