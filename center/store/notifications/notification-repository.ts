import type { AlarmEntry, NotificationEntry, NotifierUse } from '../../../manifests/index.js';
import type { AuditSource } from '../audit/audit-trail.js';
import { DependencyRepository } from '../dependencies/dependency-repository.js';
import { requireEpoch } from '../epochs.js';
import type { LeaderFence } from '../leader-fence.js';
import { claim } from './claim-batch.js';
import { forgetAlarms, noteAlarms, readAlarms } from './note-alarms.js';
import { noteOverdue, noteUnstarted, readLateRules } from './note-overdue.js';
import type {
  AlarmLook,
  Claim,
  ClaimQuery,
  DeliveryOutcome,
  LateRule,
  NotificationCounts,
  NotifierKey,
  OverdueLook,
  TestOutcome,
  UnstartedPoint,
  WaitingNotifier,
} from './notification-book.js';
import { addTest, pruneNotifications, readCounts, readTest, readWaiting, settleBatch } from './outbox.js';
import { alarmsOfCluster } from './read-alarms.js';
import { latestOfNotifier, latestOfTask, usesOfNotifier } from './read-notifications.js';

/** What the repository of definitions offers of notifications: see NotificationBook. */
export class NotificationRepository extends DependencyRepository {
  async waitingNotifiers(): Promise<WaitingNotifier[]> {
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

  noteOverdue(fence: LeaderFence): Promise<OverdueLook> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      return noteOverdue(tx);
    });
  }

  async lateRules(): Promise<LateRule[]> {
    return readLateRules(this.database);
  }

  noteUnstarted(points: readonly UnstartedPoint[], fence: LeaderFence): Promise<void> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      await noteUnstarted(tx, points);
    });
  }

  async alarms(): Promise<string[]> {
    return readAlarms(this.database);
  }

  noteAlarms(look: AlarmLook, fence: LeaderFence | null): Promise<void> {
    return this.queue.run(async (tx) => {
      if (fence !== null) await requireEpoch(tx, fence);
      await noteAlarms(tx, look);
    });
  }

  async alarmsOfCluster(cluster: string): Promise<AlarmEntry[]> {
    return alarmsOfCluster(this.database, cluster);
  }

  forgetAlarms(since: number, fence: LeaderFence): Promise<void> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      await forgetAlarms(tx, since);
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

  async notificationsOfNotifier(key: NotifierKey, limit: number): Promise<NotificationEntry[]> {
    return latestOfNotifier(this.database, key, limit);
  }

  async notificationsOfTask(taskUid: string, limit: number): Promise<NotificationEntry[]> {
    return latestOfTask(this.database, taskUid, limit);
  }

  async notifierUses(key: NotifierKey, limit: number): Promise<NotifierUse[]> {
    return usesOfNotifier(this.database, key, limit);
  }
}
