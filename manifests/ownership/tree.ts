// Reading and changing a tree of maps and keyed lists by the paths of its leaves.
import { type LeafStep, parentPath, stepsOf } from './field-steps.js';
import { type Fields, isMap, type Leaf } from './leaves.js';

export function valueAt(root: unknown, path: string): unknown {
  let node = root;
  for (const step of stepsOf(path)) node = inner(node, step);
  return node;
}

function inner(node: unknown, step: LeafStep): unknown {
  if (typeof step === 'string') return isMap(node) && Object.hasOwn(node, step) ? node[step] : undefined;
  if (!Array.isArray(node)) return undefined;
  return node.find((item) => isMap(item) && item[step.key] === step.value);
}

/** Writes a leaf, and what must be around it; what stands in the way of it goes. New items go to the end of their list. */
export function setLeaf(root: Fields, path: string, { value, container }: Leaf): void {
  const steps = stepsOf(path);
  let node: unknown = root;
  steps.forEach((step, index) => {
    const there = inner(node, step);
    const next = steps[index + 1];
    if (next === undefined) {
      const fits = container && (Array.isArray(value) ? Array.isArray(there) : isMap(there));
      if (!fits) put(node, step, container ? structuredClone(value) : value);
      return;
    }
    const fits = typeof next === 'string' ? isMap(there) : Array.isArray(there);
    const made = fits ? there : emptyFor(step, next);
    if (!fits) put(node, step, made);
    node = made;
  });
}

function emptyFor(step: LeafStep, next: LeafStep): unknown {
  if (typeof next !== 'string') return [];
  return typeof step === 'string' ? {} : { [step.key]: step.value };
}

function put(node: unknown, step: LeafStep, value: unknown): void {
  if (typeof step === 'string') {
    // A plain assignment of `__proto__` would make no field.
    Object.defineProperty(node, step, { value, writable: true, enumerable: true, configurable: true });
    return;
  }
  const list = node as unknown[];
  const at = list.findIndex((item) => isMap(item) && item[step.key] === step.value);
  if (at === -1) list.push(value);
  else list[at] = value;
}

/**
 * Takes a leaf away. `owned` has every path that is owned or above one: what is in there stays, what is left empty by the
 * removal and is not in there goes too, and so does an item of which nobody owns anything any more.
 */
export function removeLeaf(root: Fields, path: string, owned: ReadonlySet<string>): void {
  if (owned.has(path)) return;
  const steps = stepsOf(path);
  let at = path;
  // From the leaf up: the outermost item that nobody has a share in goes whole.
  const paths = steps.map(() => {
    const here = at;
    at = parentPath(at);
    return here;
  });
  paths.reverse();
  const item = steps.findIndex((step, index) => typeof step !== 'string' && !owned.has(paths[index]!));
  if (item !== -1) {
    removeAndPrune(root, steps.slice(0, item + 1), paths, owned);
    return;
  }
  const before = steps.at(-2);
  if (before !== undefined && typeof before !== 'string' && before.key === steps.at(-1)) return; // others' item keeps its key
  if (isFilled(valueAt(root, path))) return; // it was owned as an empty map, and is none any more
  removeAndPrune(root, steps, paths, owned);
}

function isFilled(value: unknown): boolean {
  return isMap(value) && Object.keys(value).length > 0;
}

function removeAndPrune(
  root: Fields,
  steps: readonly LeafStep[],
  paths: readonly string[],
  owned: ReadonlySet<string>,
): void {
  const nodes: unknown[] = [root];
  for (const step of steps) nodes.push(inner(nodes.at(-1), step));
  for (let depth = steps.length - 1; depth >= 0; depth--) {
    const node = nodes[depth];
    const step = steps[depth]!;
    if (Array.isArray(node)) node.splice(node.indexOf(nodes[depth + 1]), nodes[depth + 1] === undefined ? 0 : 1);
    else if (isMap(node) && typeof step === 'string') delete node[step];
    // metadata and spec themselves stay, whatever is in them.
    const left = Array.isArray(node) ? node.length : Object.keys((node ?? {}) as Fields).length;
    if (depth <= 1 || left > 0 || owned.has(paths[depth - 1]!)) return;
  }
}
