// The half of `get` that does not end by itself.
import { resourcePath } from '../client/paths.js';
import { type ObjectList, watchFrom } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { ObjectPrinter } from '../output/object-printer.js';
import type { ApiObject } from '../resources/api-object.js';
import { type Target, usage } from '../resources/target.js';
import { listTarget, typed } from './fetch-target.js';
import type { GetOptions } from './get-options.js';
import { ObjectTable } from './object-table.js';

/** Prints what is there, then a row per change; ends with an interrupt only. */
export async function watchTarget(targets: readonly Target[], options: GetOptions, deps: CliDeps): Promise<void> {
  const [target] = targets;
  if (target === undefined || targets.length > 1 || (target.names?.length ?? 0) > 1) {
    throw usage('watching is possible for one type, or one name, at a time');
  }
  const { resource, names } = target;
  const [name] = names ?? [];
  const fieldSelector = name === undefined ? options.fieldSelector : `metadata.name=${name}`;
  const api = await deps.api();
  const namespace = target.namespace ?? (await deps.settings()).namespace;
  const list = await listTarget(
    api,
    target,
    { ...options, ...(fieldSelector === undefined ? {} : { fieldSelector }) },
    deps,
  );
  const print = printer(target, options, deps);
  if (name !== undefined && list.items.length === 0 && !options.ignoreNotFound) {
    // Asked for by name: say that it is not there, as `get` without -w does.
    await api.get(resourcePath(resource.name, resource.namespaced ? namespace : undefined, name));
  }
  if (!options.watchOnly) await print(list.items, 'ADDED');
  const path = resourcePath(resource.name, resource.namespaced && !options.allNamespaces ? namespace : undefined);
  const query = { labelSelector: options.selector, fieldSelector };
  const onTrouble = () => void deps.say('connection lost; trying again');
  for await (const { type, object } of watchFrom(api, path, query, list as ObjectList<ApiObject>, onTrouble)) {
    if (type === 'DELETED' && expires(resource.kind) && options.output.kind === 'table' && !options.outputWatchEvents)
      continue;
    await print([typed(object, resource.kind)], type);
  }
}

/** Finished runs and old events go all the time, by the limits of the history: their last row once more would look like news. */
const expires = (kind: string): boolean => kind === 'Run' || kind === 'Event';

function printer({ resource }: Target, options: GetOptions, deps: CliDeps) {
  const { output } = options;
  if (output.kind === 'table') {
    const table = new ObjectTable(resource, options, deps);
    return (objects: readonly ApiObject[], event: string) => deps.out(table.render(objects, deps.clock.now(), event));
  }
  const { headers, showManagedFields: managedFields } = options;
  const whole = new ObjectPrinter(output, { headers, terminal: deps.host.stdout.isTTY, managedFields });
  return async (objects: readonly ApiObject[], event: string): Promise<void> => {
    for (const object of objects) {
      await deps.out(await whole.renderNext(object, options.outputWatchEvents ? event : undefined));
    }
  };
}
