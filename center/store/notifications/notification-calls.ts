// The outbox, as the thread of the database is asked for it.
import type { AlarmEntry, NotificationEntry, NotifierUse } from '../../../manifests/index.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { LeaderFence } from '../leader-fence.js';
import type { StateRepository } from '../state-repository.js';
import type { WorkerChannel } from '../worker/channel.js';
import type {
  AlarmLook,
  Claim,
  ClaimQuery,
  DeliveryOutcome,
  LateRule,
  NotificationBook,
  NotificationCounts,
  NotifierKey,
  OverdueLook,
  TestOutcome,
  UnstartedPoint,
  WaitingNotifier,
} from './notification-book.js';

export class NotificationCalls implements NotificationBook {
  private readonly channel: () => WorkerChannel<StateRepository>;

  constructor(channel: () => WorkerChannel<StateRepository>) {
    this.channel = channel;
  }

  async waiting(): Promise<WaitingNotifier[]> {
    return this.channel().call('waitingNotifiers');
  }

  async claim(query: ClaimQuery, fence: LeaderFence): Promise<Claim> {
    return this.channel().call('claimNotifications', query, fence);
  }

  async settle(batchId: string, outcome: DeliveryOutcome, fence: LeaderFence): Promise<void> {
    await this.channel().call('settleNotifications', batchId, outcome, fence);
  }

  async noteOverdue(fence: LeaderFence): Promise<OverdueLook> {
    return this.channel().call('noteOverdue', fence);
  }

  async lateRules(): Promise<LateRule[]> {
    return this.channel().call('lateRules');
  }

  async noteUnstarted(points: readonly UnstartedPoint[], fence: LeaderFence): Promise<void> {
    await this.channel().call('noteUnstarted', points, fence);
  }

  async alarms(): Promise<string[]> {
    return this.channel().call('alarms');
  }

  async noteAlarms(look: AlarmLook, fence?: LeaderFence): Promise<void> {
    await this.channel().call('noteAlarms', look, fence ?? null);
  }

  async alarmsOf(cluster: string): Promise<AlarmEntry[]> {
    return this.channel().call('alarmsOfCluster', cluster);
  }

  async forgetAlarms(since: number, fence: LeaderFence): Promise<void> {
    await this.channel().call('forgetAlarms', since, fence);
  }

  async counts(key: NotifierKey): Promise<NotificationCounts> {
    return this.channel().call('notificationCounts', key);
  }

  async prune(olderThan: number, fence: LeaderFence): Promise<void> {
    await this.channel().call('pruneNotifications', olderThan, fence);
  }

  async epoch(): Promise<number> {
    return this.channel().call('epoch');
  }

  async test(key: NotifierKey, user: string, audit?: AuditSource): Promise<number> {
    return this.channel().call('testNotifier', key, user, audit ?? null);
  }

  async testOutcome(key: NotifierKey, id: number): Promise<TestOutcome | undefined> {
    return this.channel().call('notifierTest', key, id);
  }

  async ofNotifier(key: NotifierKey, limit: number): Promise<NotificationEntry[]> {
    return this.channel().call('notificationsOfNotifier', key, limit);
  }

  async ofTask(taskUid: string, limit: number): Promise<NotificationEntry[]> {
    return this.channel().call('notificationsOfTask', taskUid, limit);
  }

  async uses(key: NotifierKey, limit: number): Promise<NotifierUse[]> {
    return this.channel().call('notifierUses', key, limit);
  }
}
