import { AccessRepository } from '../access/access-repository.js';
import { requireEpoch } from '../epochs.js';
import type { LeaderFence } from '../leader-fence.js';
import type { Cause, DependencyStep, Dependent, DependentsQuery, RunResult } from './dependency-book.js';
import { readGroup, readResults } from './results.js';
import { arrivedAt, forgetUses, namesOfDependents, readDependents, settle, usedBy } from './settle.js';

/** What the repository of definitions offers of dependencies: see DependencyBook. */
export class DependencyRepository extends AccessRepository {
  async dependencyResults(after: number, limit: number): Promise<RunResult[]> {
    return readResults(this.database, after, limit);
  }

  async dependencyGroup(groupUid: string): Promise<RunResult[]> {
    return readGroup(this.database, groupUid);
  }

  async dependents(query: DependentsQuery): Promise<Dependent[]> {
    return readDependents(this.database, query);
  }

  async arrivedAt(taskUid: string): Promise<Record<string, Cause>> {
    return (await arrivedAt(this.database, [taskUid])).get(taskUid) ?? {};
  }

  async causesUsedBy(taskUid: string, causeUids: readonly string[]): Promise<string[]> {
    return usedBy(this.database, taskUid, causeUids);
  }

  async namesOfDependents(namespace: string, upstream: string, limit: number): Promise<string[]> {
    return namesOfDependents(this.database, namespace, upstream, limit);
  }

  settleDependencies(steps: readonly DependencyStep[], done: readonly number[], fence: LeaderFence): Promise<void> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      await settle(tx, steps, done);
    });
  }

  forgetDependencyUses(olderThan: number, fence: LeaderFence): Promise<void> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence);
      await forgetUses(tx, olderThan);
    });
  }
}
