// Fields that the design names and this version does not offer. They are refused as such, not as typing errors, so that
// nobody believes a policy is in force that is not.
import { type FieldPath, formatPath } from './field-path.js';

/** Paths without list indexes, by kind. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  Task: ['spec.notify'],
};

/** Fields that people look for and that another one makes needless; the sentence says what to write. */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Task: {
    'spec.run.entrypoint':
      'does not exist: name the program of the package in command, relative to its root, e.g. command: ["./bin/tool", "--daily"]',
  },
};

/** Kinds that the design names and this version does not offer. */
export const RESERVED_KINDS: readonly string[] = ['Notifier', 'GitSource', 'Center'];

/** The sentence about a field of the object that is reserved, or goes by another name; undefined for any other. */
export function reservedMessage(root: unknown, path: FieldPath): string | undefined {
  const kind = (root as { kind?: unknown } | null)?.kind;
  if (typeof kind !== 'string') return undefined;
  const plain = path.filter((step) => typeof step === 'string').join('.');
  const instead = INSTEAD[kind]?.[plain];
  if (instead !== undefined) return `field "${formatPath(path)}" ${instead}`;
  if (RESERVED[kind]?.includes(plain) !== true) return undefined;
  return `field "${formatPath(path)}" is not available in this version`;
}
