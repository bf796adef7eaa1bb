// Fields that the design names and this version does not offer. They are refused as such, not as typing errors, so that
// nobody believes a policy is in force that is not.
import { type FieldPath, formatPath } from './field-path.js';

/** Paths without list indexes, by kind. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  Task: ['spec.notify', 'spec.run.entrypoint'],
};

/** Kinds that the design names and this version does not offer. */
export const RESERVED_KINDS: readonly string[] = ['Notifier', 'GitSource', 'Center'];

/** The sentence about a reserved field of the object, or undefined when the field is not reserved. */
export function reservedMessage(root: unknown, path: FieldPath): string | undefined {
  const kind = (root as { kind?: unknown } | null)?.kind;
  if (typeof kind !== 'string') return undefined;
  const plain = path.filter((step) => typeof step === 'string').join('.');
  if (RESERVED[kind]?.includes(plain) !== true) return undefined;
  return `field "${formatPath(path)}" is not available in this version`;
}
