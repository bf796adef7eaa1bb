import { CloudTaskError } from '../../../base/index.js';
import { isFinal, type Run } from '../../../manifests/index.js';
import type { Resource } from '../../client/discovery.js';
import { type Query, resourcePath } from '../../client/paths.js';
import { listAll, type ObjectList, watchFrom } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import type { ApiObject } from '../../resources/api-object.js';
import { reportMissing } from '../../resources/missing.js';
import { type Target, usage } from '../../resources/target.js';
import { qualifiedName } from '../../resources/words.js';
import { inTime } from '../agents/in-time.js';
import type { FileFlags } from '../filename-option.js';
import type { Wish } from './wishes.js';

export interface WaitOptions extends FileFlags {
  /** All must hold of an object at the same time. */
  wishes: readonly Wish[];
  /** Longest wait; 0 looks once. */
  timeoutMs: number;
  selector?: string;
  all: boolean;
  allNamespaces: boolean;
}

/** Objects of one kind that one watch tells of. */
export interface Group {
  readonly resource: Resource;
  readonly path: string;
  readonly query: Query;
  readonly list: ObjectList<ApiObject>;
  /** What is waited for, by name and namespace; undefined: not there. */
  readonly objects: Map<string, ApiObject | undefined>;
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);

/** Which objects are meant is decided once, now; what comes later is not waited for, as in kubectl. */
export async function resolveGroups(targets: readonly Target[], options: WaitOptions, deps: CliDeps): Promise<Group[]> {
  const groups: Group[] = [];
  for (const target of targets) {
    requireFit(target.resource, options.wishes);
    groups.push(target.names === undefined ? await selected(target, options, deps) : await named(target, deps));
  }
  const gone = options.wishes.some(({ wants }) => wants === 'absence');
  if (!gone && groups.every(({ objects }) => objects.size === 0)) {
    throw new CloudTaskError('CT_NOT_FOUND', 'no matching resources found');
  }
  return groups;
}

function requireFit({ kind, name }: Resource, wishes: readonly Wish[]): void {
  if (kind !== 'Run' && wishes.some(({ ofRuns }) => ofRuns))
    throw usage(`--for=complete and --for=succeeded are about runs, not about ${name}`, "see 'ctask run --wait'");
  if (kind !== 'Task' && wishes.some(({ wants }) => wants === 'next-run'))
    throw usage(`--for=next-run is about tasks, not about ${name}`);
}

async function selected({ resource }: Target, options: WaitOptions, deps: CliDeps): Promise<Group> {
  const { namespace } = await deps.settings();
  const path = resourcePath(resource.name, resource.namespaced && !options.allNamespaces ? namespace : undefined);
  const list = await listAll<ApiObject>(await deps.api(), path, { labelSelector: options.selector });
  const objects = new Map(list.items.map((one) => [keyOf(one.metadata.namespace, one.metadata.name), one]));
  // Without the selector: an object that loses a label meanwhile is not gone.
  return { resource, path, query: {}, list, objects };
}

async function named({ resource, names = [], namespace: own }: Target, deps: CliDeps): Promise<Group> {
  const api = await deps.api();
  const { namespace: current } = await deps.settings();
  const namespace = resource.namespaced ? (own ?? current) : undefined;
  const path = resourcePath(resource.name, namespace);
  const byName = (name: string): Query => ({ fieldSelector: `metadata.name=${name}` });
  const objects = new Map<string, ApiObject | undefined>();
  const lists: ObjectList<ApiObject>[] = [];
  for (const name of names) {
    const list = await listAll<ApiObject>(api, path, byName(name));
    objects.set(keyOf(namespace, name), list.items[0]);
    lists.push(list);
  }
  // One watch for several names begins at the oldest of their lists; what it tells again is harmless.
  const list = { metadata: lists[0]!.metadata, items: lists.flatMap(({ items }) => items) };
  return { resource, path, query: names.length === 1 ? byName(names[0]!) : {}, list, objects };
}

/** Says each object that is as asked; throws when one cannot become so, or is not in time. */
export async function awaitAll(groups: readonly Group[], options: WaitOptions, deps: CliDeps): Promise<void> {
  const pending = new Map(groups.map((group) => [group, new Set(group.objects.keys())]));
  const late = () => lateErrors(pending, options.timeoutMs === 0);
  if (options.timeoutMs === 0) {
    for (const group of groups) await lookOnce(group, pending.get(group)!, options.wishes, deps);
    return reportMissing(late(), deps);
  }
  const work = Promise.all(groups.map((group) => awaitGroup(group, pending.get(group)!, options.wishes, deps)));
  const done = await inTime(
    work.then(() => true),
    options.timeoutMs,
    deps,
    () => '',
  ).catch((error: unknown) => {
    if (error instanceof CloudTaskError && error.code === 'CT_TIMEOUT' && error.message === '') return false;
    throw error;
  });
  if (!done) await reportMissing(late(), deps);
}

function lateErrors(pending: ReadonlyMap<Group, ReadonlySet<string>>, once: boolean): CloudTaskError[] {
  return [...pending].flatMap(([{ resource }, keys]) =>
    [...keys].map((key) => {
      const object = `${resource.name}/${nameOf(key)}`;
      return new CloudTaskError(
        'CT_TIMEOUT',
        once ? `condition not met for ${object}` : `timed out waiting for the condition on ${object}`,
      );
    }),
  );
}

async function lookOnce(group: Group, pending: Set<string>, wishes: readonly Wish[], deps: CliDeps): Promise<void> {
  for (const key of [...pending]) {
    // No run can have begun since.
    if (wishes.some(({ wants }) => wants === 'next-run')) continue;
    if (await isMet(group, key, wishes, deps)) await met(group, key, pending, deps);
  }
}

async function awaitGroup(group: Group, pending: Set<string>, wishes: readonly Wish[], deps: CliDeps): Promise<void> {
  const begins = wishes.some(({ wants }) => wants === 'next-run');
  if (begins) await Promise.all([...pending].map((key) => untilNextRun(group, key, deps)));
  for (const key of [...pending]) if (await isMet(group, key, wishes, deps)) await met(group, key, pending, deps);
  if (pending.size === 0) return;
  for await (const { type, object } of watchFrom(await deps.api(), group.path, group.query, group.list)) {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    if (!pending.has(key)) continue;
    group.objects.set(key, type === 'DELETED' ? undefined : object);
    if (await isMet(group, key, wishes, deps)) await met(group, key, pending, deps);
    if (pending.size === 0) return;
  }
}

async function met({ resource }: Group, key: string, pending: Set<string>, deps: CliDeps): Promise<void> {
  pending.delete(key);
  await deps.out(`${qualifiedName(resource.kind, nameOf(key))} condition met\n`);
}

async function isMet(
  { resource, objects }: Group,
  key: string,
  wishes: readonly Wish[],
  deps: CliDeps,
): Promise<boolean> {
  const object = objects.get(key);
  if (object !== undefined) return wishes.every((wish) => wish.holds(object));
  if (wishes.some(({ wants }) => wants === 'absence')) return true;
  if (wishes.some(({ wants }) => wants === 'presence')) return false;
  // In the server's words, as `get` says it; it may have been made again meanwhile.
  const [namespace = '', name = ''] = key.split('/');
  const path = resourcePath(resource.name, namespace === '' ? undefined : namespace, name);
  objects.set(key, await (await deps.api()).get<ApiObject>(path));
  return isMet({ resource, objects } as Group, key, wishes, deps);
}

/** Until a run of the task has started that had not when the wait began. */
async function untilNextRun({ resource, objects }: Group, key: string, deps: CliDeps): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  const api = await deps.api();
  if (objects.get(key) === undefined) await api.get(resourcePath(resource.name, namespace, name)); // CT_NOT_FOUND
  const path = resourcePath('runs', namespace);
  const query = { fieldSelector: `spec.task=${name}` };
  const list = await listAll<Run & ApiObject>(api, path, query);
  const begun = new Set(list.items.filter(hasBegun).map(({ metadata }) => metadata.uid));
  for await (const { type, object } of watchFrom(api, path, query, list)) {
    if (type !== 'DELETED' && hasBegun(object) && !begun.has(object.metadata.uid)) return;
  }
}

/** A time point that was skipped or missed begins nothing. */
function hasBegun({ status }: Run): boolean {
  return status?.startTime !== undefined || (isFinal(status?.state ?? 'Pending') && status?.attempts !== undefined);
}
