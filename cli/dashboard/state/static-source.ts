// Objects that are not watched, e.g. contexts: they change only when somebody puts others there.
import type { ApiObject } from '../../resources/api-object.js';
import type { Feed, ObjectSource } from './object-source.js';

export class StaticSource implements ObjectSource {
  private only: Feed = {
    ...{ phase: 'live', since: undefined, error: undefined, version: 0, limit: undefined, cut: false },
    objects: new Map(),
  };

  constructor(objects: readonly ApiObject[]) {
    this.put(objects);
  }

  /** Instead of all that were there. */
  put(objects: readonly ApiObject[]): void {
    const { version } = this.only;
    const byUid = new Map(objects.map((object) => [object.metadata.uid, object]));
    this.only = { ...this.only, version: version + 1, objects: byUid };
  }

  keep(): void {}

  feed(): Feed {
    return this.only;
  }

  staleSince(): undefined {
    return undefined;
  }

  refresh(): void {}

  stop(): void {}
}
