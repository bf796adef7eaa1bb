import type { AuditSource } from '../audit/audit-trail.js';
import { DependencyRepository } from '../dependencies/dependency-repository.js';
import { requireEpoch } from '../epochs.js';
import type { LeaderFence } from '../leader-fence.js';
import type {
  Claim,
  ClaimQuery,
  DeliveryOutcome,
  NotificationCounts,
  NotifierKey,
  TestOutcome,
} from './notification-book.js';
import { addTest, claim, pruneNotifications, readCounts, readTest, readWaiting, settleBatch } from './outbox.js';

/** What the repository of definitions offers of notifications: see NotificationBook. */
export class NotificationRepository extends DependencyRepository {
  async waitingNotifiers(): Promise<NotifierKey[]> {
    return readWaiting(this.database);
  }

  claimNotifications(query: ClaimQuery, fence: LeaderFence): Promise<Claim> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      return claim(tx, query);
    });
  }

  settleNotifications(batchId: string, outcome: DeliveryOutcome, fence: LeaderFence): Promise<void> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      await settleBatch(tx, batchId, outcome);
    });
  }

  async notificationCounts(key: NotifierKey): Promise<NotificationCounts> {
    return readCounts(this.database, key);
  }

  pruneNotifications(olderThan: number, fence: LeaderFence): Promise<void> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      await pruneNotifications(tx, olderThan);
    });
  }

  testNotifier(key: NotifierKey, user: string, audit: AuditSource | null): Promise<number> {
    return this.queue.run((tx) => addTest(tx, key, user, audit ?? undefined));
  }

  async notifierTest(key: NotifierKey, id: number): Promise<TestOutcome | undefined> {
    return readTest(this.database, key, id);
  }
}
