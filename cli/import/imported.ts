import type { Calendar, Cluster, Namespace, Notifier, Task } from '../../manifests/index.js';

/** A manifest that was made of something else. */
export interface Imported<Manifest = Task | Cluster | Namespace | Calendar | Notifier> {
  /** What it was made of, for comments above it. */
  readonly comments: readonly string[];
  readonly manifest: Manifest;
}

/** Where tasks that are imported shall live. */
export interface ImportTarget {
  readonly namespace?: string;
  readonly cluster?: string;
  /** What their names begin with. */
  readonly prefix?: string;
}
