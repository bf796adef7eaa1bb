// Objects of several kinds for a view over all of them.
import type { Agent, Cluster, Run, Task } from '../../../manifests/index.js';
import { findResource, type Resource } from '../../client/discovery.js';
import type { Feed, FeedQuery, ObjectSource } from '../state/object-source.js';
import type { Line } from '../text/line.js';
import { emptyLines } from '../views/empty-lines.js';
import type { Size } from './screen.js';

interface Objects {
  readonly tasks: Task;
  readonly runs: Run;
  readonly agents: Agent;
  readonly clusters: Cluster;
}

export interface ShownObjectsOptions {
  readonly source: ObjectSource;
  readonly resources: readonly Resource[];
  /** Absent: of all. */
  readonly namespace: string | undefined;
}

export class ShownObjects {
  readonly namespace: string | undefined;
  readonly queries: readonly FeedQuery[];
  private readonly source: ObjectSource;

  constructor({ source, resources, namespace }: ShownObjectsOptions, ...kinds: readonly (keyof Objects)[]) {
    this.source = source;
    this.namespace = namespace;
    this.queries = kinds.flatMap((kind) => {
      const resource = findResource(resources, kind);
      return resource === undefined ? [] : [{ resource, namespace: resource.namespaced ? namespace : undefined }];
    });
  }

  of<K extends keyof Objects>(kind: K): Iterable<Objects[K]> {
    return (this.feed(kind)?.objects.values() ?? []) as unknown as Iterable<Objects[K]>;
  }

  /** Figures over a part of the objects would be wrong: what stands there until all are known, or when they may not be. */
  missing(size: Size): Line[] | undefined {
    for (const query of this.queries) {
      const feed = this.source.feed(query);
      if (feed !== undefined && feed.phase !== 'loading' && feed.phase !== 'refused') continue;
      return emptyLines({ resource: query.resource, feed, total: 0, place: this.namespace }, size);
    }
    return undefined;
  }

  /** Older ones were left out. */
  isCut(kind: keyof Objects): boolean {
    return this.feed(kind)?.cut === true;
  }

  private feed(kind: keyof Objects): Feed | undefined {
    const query = this.queries.find(({ resource }) => resource.name === kind);
    return query === undefined ? undefined : this.source.feed(query);
  }
}
