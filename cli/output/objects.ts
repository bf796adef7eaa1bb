// Objects as JSON and YAML: whole, stable, with the keys in the order people expect.
import { CloudTaskError } from '../../base/index.js';

const ORDER = ['apiVersion', 'kind', 'metadata', 'spec', 'status', 'items'];

/** apiVersion, kind, metadata, spec, status first; within metadata name and namespace first; the rest as sent. */
export function ordered(object: object): object {
  const source = object as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of [...ORDER, ...Object.keys(source)]) {
    if (!(key in source) || key in result) continue;
    result[key] = key === 'metadata' ? named(source[key]) : key === 'items' ? items(source[key]) : source[key];
  }
  return result;
}

function named(metadata: unknown): unknown {
  const { name, namespace, ...rest } = metadata as { name?: unknown; namespace?: unknown };
  return { ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }), ...rest };
}

const items = (value: unknown): unknown => (Array.isArray(value) ? value.map((item: object) => ordered(item)) : value);

/** One object as it is, several as a List. */
export function listOf(objects: readonly object[], single: boolean): object {
  const [only] = objects;
  if (single && only !== undefined && objects.length === 1) return only;
  return { apiVersion: 'v1', kind: 'List', items: objects };
}

export type ObjectFormat = 'json' | 'yaml';

/** Without managedFields, which nobody reads, unless asked for. */
export async function renderObject(object: object, format: ObjectFormat, showManagedFields = false): Promise<string> {
  const shown = ordered(showManagedFields ? object : withoutManagedFields(object));
  if (format === 'json') return `${JSON.stringify(shown, undefined, 2)}\n`;
  const { toYaml } = await import('../heavy/yaml.js');
  return toYaml(shown);
}

/** The object, or the objects of a List, without metadata.managedFields. */
export function withoutManagedFields<T extends object>(object: T): T {
  const { metadata, items } = object as { metadata?: { managedFields?: unknown }; items?: unknown };
  const list = Array.isArray(items) ? { items: items.map((item: object) => withoutManagedFields(item)) } : {};
  if (metadata?.managedFields === undefined) return { ...object, ...list };
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest, ...list };
}

/** Checks `-o` against what a command offers. Throws CT_USAGE that lists them. */
export function checkFormat<T extends string>(format: string | undefined, offered: readonly T[]): T | undefined {
  if (format === undefined || format === '') return undefined;
  const found = offered.find((candidate) => candidate === format);
  if (found !== undefined) return found;
  const hint = format.startsWith('go-template')
    ? 'go-template is not supported; use `-o json | jq`'
    : `allowed formats are: ${offered.join(', ')}`;
  throw new CloudTaskError('CT_USAGE', {
    detail: `unable to match a printer suitable for the output format "${format}"`,
    hint,
  });
}
