// What the words after a verb name: TYPE, TYPE NAME…, TYPE/NAME …, T1,T2, or a category such as `all`.
import { CloudTaskError } from '../../base/index.js';
import type { Discovery, Resource } from '../client/discovery.js';

export interface Target {
  readonly resource: Resource;
  /** Absent: all objects of the kind. */
  readonly names?: readonly string[];
  /** Where they are; the namespace of the command unless given. */
  readonly namespace?: string;
}

/** Targets in the order named, one per kind for lists; TYPE/NAME pairs of the same kind in a row stay together.
 * Throws CT_USAGE for unknown kinds and mixed forms. */
export async function parseTargets(words: readonly string[], discovery: Discovery): Promise<Target[]> {
  const slashed = words.filter((word) => word.includes('/'));
  if (slashed.length > 0) {
    if (slashed.length < words.length) {
      throw usage('there is no need to specify a resource type as a separate argument when passing TYPE/NAME');
    }
    return pairs(words, discovery);
  }
  const [types, ...names] = words;
  if (types === undefined) throw usage('you must specify the type of resource', "run 'ctask api-resources' for a list");
  const resources = await resourcesOf(types, discovery);
  if (names.length === 0) return resources.map((resource) => ({ resource }));
  return resources.map((resource) => ({ resource, names: [...new Set(names)] }));
}

async function resourcesOf(types: string, discovery: Discovery): Promise<Resource[]> {
  const found: Resource[] = [];
  for (const type of types.split(',').filter((part) => part !== '')) {
    const category = await discovery.category(type);
    const members = category.length > 0 ? category : [await discovery.resource(type)];
    for (const resource of members) if (!found.includes(resource)) found.push(resource);
  }
  return found;
}

async function pairs(words: readonly string[], discovery: Discovery): Promise<Target[]> {
  const targets: { resource: Resource; names: string[] }[] = [];
  for (const word of words) {
    const [type = '', name = '', ...rest] = word.split('/');
    if (type === '' || name === '' || rest.length > 0) {
      throw usage(`arguments in TYPE/NAME form must have a single type and name, not "${word}"`);
    }
    const resource = await discovery.resource(type);
    const last = targets.at(-1);
    if (last?.resource.name === resource.name) last.names.push(name);
    else targets.push({ resource, names: [name] });
  }
  return targets;
}

/** The one name in `NAME` or `TYPE/NAME`, where only `allowed` types make sense. */
export function oneName(word: string, allowed: readonly string[]): { type: string | undefined; name: string } {
  const [type, name, ...rest] = word.split('/');
  if (name === undefined) return { type: undefined, name: word };
  if (rest.length > 0 || name === '') throw usage(`"${word}" is not NAME or TYPE/NAME`);
  const plain = (type ?? '').toLowerCase().replace(/\.cloudtask\.dev$/, ''); // as `-o name` prints it
  if (!allowed.includes(plain)) {
    throw usage(`"${word}": expected ${allowed.slice(0, 1).join('')}/NAME, not ${type}/NAME`);
  }
  return { type: plain, name };
}

export const TASK_NAMES = ['task', 'tasks', 'tk'] as const;
export const RUN_NAMES = ['run', 'runs', 'ru'] as const;

/** The names in `hello`, `task/hello` or `task hello`: people type all of them. */
export function taskNames(words: readonly string[]): string[] {
  const [first = '', ...rest] = words;
  const bare = rest.length > 0 && (TASK_NAMES as readonly string[]).includes(first.toLowerCase()) ? rest : words;
  return bare.map((word) => oneName(word, TASK_NAMES).name);
}

export function usage(detail: string, hint?: string): CloudTaskError {
  return new CloudTaskError('CT_USAGE', { detail, ...(hint === undefined ? {} : { hint }) });
}
