// Kinds that the design names and this version does not offer, and fields that go by another name. They are refused as such, not as
// typing errors, so that nobody believes something is in force that is not.
import { type FieldPath, formatPath } from './field-path.js';

/** Fields that people look for and that another one makes needless; the sentence says what to write. */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Task: {
    'spec.run.entrypoint':
      'does not exist: name the program of the package in command, relative to its root, e.g. command: ["./bin/tool", "--daily"]',
  },
};

/** Kinds that the design names and this version does not offer. */
export const RESERVED_KINDS: readonly string[] = ['GitSource', 'Center'];

/** The sentence about a field of the object that goes by another name; undefined for any other. */
export function reservedMessage(root: unknown, path: FieldPath): string | undefined {
  const kind = (root as { kind?: unknown } | null)?.kind;
  if (typeof kind !== 'string') return undefined;
  const plain = path.filter((step) => typeof step === 'string').join('.');
  const instead = INSTEAD[kind]?.[plain];
  return instead === undefined ? undefined : `field "${formatPath(path)}" ${instead}`;
}
