// The book of dependencies, as the thread of the database is asked for it.
import type { LeaderFence } from '../leader-fence.js';
import type { StateRepository } from '../state-repository.js';
import type { WorkerChannel } from '../worker/channel.js';
import type {
  Cause,
  DependencyBook,
  DependencyStep,
  Dependent,
  DependentsQuery,
  RunResult,
} from './dependency-book.js';

export class DependencyCalls implements DependencyBook {
  private readonly channel: () => WorkerChannel<StateRepository>;

  constructor(channel: () => WorkerChannel<StateRepository>) {
    this.channel = channel;
  }

  async results(after: number, limit: number): Promise<RunResult[]> {
    return this.channel().call('dependencyResults', after, limit);
  }

  async resultsOfGroup(groupUid: string): Promise<RunResult[]> {
    return this.channel().call('dependencyGroup', groupUid);
  }

  async dependents(query: DependentsQuery): Promise<Dependent[]> {
    return this.channel().call('dependents', query);
  }

  async settle(steps: readonly DependencyStep[], done: readonly number[], fence: LeaderFence): Promise<void> {
    await this.channel().call('settleDependencies', steps, done, fence);
  }

  async arrivedAt(taskUid: string): Promise<Record<string, Cause>> {
    return this.channel().call('arrivedAt', taskUid);
  }

  async usedBy(taskUid: string, causeUids: readonly string[]): Promise<string[]> {
    return this.channel().call('causesUsedBy', taskUid, causeUids);
  }

  async namesOfDependents(namespace: string, upstream: string, limit: number): Promise<string[]> {
    return this.channel().call('namesOfDependents', namespace, upstream, limit);
  }

  async forgetUses(olderThan: number, fence: LeaderFence): Promise<void> {
    await this.channel().call('forgetDependencyUses', olderThan, fence);
  }
}
