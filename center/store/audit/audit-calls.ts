// The audit of writes, as the thread of the database is asked for it.
import type { LeaderFence } from '../leader-fence.js';
import type { StateRepository } from '../state-repository.js';
import type { WorkerChannel } from '../worker/channel.js';
import type { AuditFilter, AuditPage, AuditRefusal, AuditTrail } from './audit-trail.js';

export class AuditCalls implements AuditTrail {
  private readonly channel: () => WorkerChannel<StateRepository>;

  constructor(channel: () => WorkerChannel<StateRepository>) {
    this.channel = channel;
  }

  async refuse(refusals: readonly AuditRefusal[]): Promise<void> {
    await this.channel().call('auditRefusals', refusals);
  }

  async read(after: number, limit: number, filter: AuditFilter): Promise<AuditPage> {
    return this.channel().call('readAudit', after, limit, filter);
  }

  async prune(olderThan: number, limit: number, fence: LeaderFence): Promise<number> {
    return this.channel().call('pruneAudit', olderThan, limit, fence);
  }
}
