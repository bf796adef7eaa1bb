// `x` on a task: when it runs next, and how its latest runs went.
import type { Run, Task } from '../../../manifests/index.js';
import { findResource } from '../../client/discovery.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { KeyRow, Scope } from '../keys/keymap.js';
import type { FeedQuery, ObjectSource } from '../state/object-source.js';
import { OnceASecond } from '../state/once-a-second.js';
import type { Line } from '../text/line.js';
import { buildPreview, type PreviewModel, previewLines } from '../views/preview.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';
import type { ShownObjectsOptions } from './shown-objects.js';

export interface PreviewScreenOptions extends Omit<ShownObjectsOptions, 'namespace'> {
  /** A key of the table of tasks, for the task that is shown. */
  readonly onKey: (key: string) => void;
}

export class PreviewScreen implements Screen {
  readonly crumb = 'next';
  readonly scopes: readonly Scope[] = ['next', 'ofTask', 'object'];
  readonly filterWord = '';
  readonly queries: readonly FeedQuery[];
  private readonly source: ObjectSource;
  private readonly onKey: PreviewScreenOptions['onKey'];
  private readonly task: ApiObject;
  private readonly model: OnceASecond<PreviewModel>;
  /** Versions of the objects that the model is made of. */
  private shown = '';

  /** @param tasks where the task comes from, so that its changes show. */
  constructor({ source, resources, onKey }: PreviewScreenOptions, task: ApiObject, tasks: FeedQuery) {
    this.source = source;
    this.onKey = onKey;
    this.task = task;
    const { namespace, name } = task.metadata;
    const runs = findResource(resources, 'runs');
    this.queries = [
      tasks,
      ...(runs === undefined ? [] : [{ resource: runs, namespace, fieldSelector: `spec.task=${name}` }]),
    ];
    this.model = new OnceASecond((now) => this.build(now));
  }

  title(): ScreenTitle {
    const { namespace, name } = this.task.metadata;
    return { name: 'Next', place: `${namespace}/${name}` };
  }

  lines(size: Size, context: ViewContext): Line[] {
    // What somebody just changed here is looked for at once.
    const version = this.queries
      .map((query) => this.source.feed(query))
      .map((feed) => `${feed?.phase}${feed?.version}`);
    if (version.join() !== this.shown) this.model.forget();
    this.shown = version.join();
    return previewLines(this.model.get(context.now), size, context);
  }

  handle(_row: KeyRow, key: string): void {
    this.onKey(key);
  }

  private build(now: number): PreviewModel {
    const [tasks, runs] = this.queries.map((query) => this.source.feed(query));
    const task = tasks?.objects.get(this.task.metadata.uid) ?? this.task;
    const known = runs === undefined || runs.phase === 'loading' ? undefined : runs.objects.values();
    return buildPreview(task as unknown as Task, known as unknown as Iterable<Run> | undefined, now);
  }
}
