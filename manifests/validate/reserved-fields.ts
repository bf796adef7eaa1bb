// Fields that the design names and this version does not offer. They are refused as such, not as typing errors, so that
// nobody believes a policy is in force that is not.
import { type FieldPath, formatPath } from './field-path.js';

/** Paths without list indexes, by kind. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  Task: [
    'spec.after',
    'spec.logs',
    'spec.notify',
    'spec.priority',
    'spec.resources',
    'spec.suspendUntil',
    'spec.calendar',
    'spec.window',
    'spec.placement.mode',
    'spec.placement.shards',
    'spec.schedules.calendar',
    'spec.schedules.window',
    'spec.schedules.suspend',
    'spec.run.envFrom',
    'spec.run.env.valueFrom',
    'spec.run.package',
    'spec.run.entrypoint',
    'spec.run.user',
    'spec.retry.backoff.jitter',
    'spec.history.bytes',
  ],
  Cluster: ['spec.rebalance', 'spec.massLoss'],
};

/** Kinds that the design names and this version does not offer. */
export const RESERVED_KINDS: readonly string[] = [
  'Secret',
  'Calendar',
  'Notifier',
  'RoleBinding',
  'Package',
  'GitSource',
  'User',
  'Group',
  'ServiceAccount',
  'Role',
  'ClusterRoleBinding',
  'Center',
];

/** The sentence about a reserved field of the object, or undefined when the field is not reserved. */
export function reservedMessage(root: unknown, path: FieldPath): string | undefined {
  const kind = (root as { kind?: unknown } | null)?.kind;
  if (typeof kind !== 'string') return undefined;
  const plain = path.filter((step) => typeof step === 'string').join('.');
  if (RESERVED[kind]?.includes(plain) !== true) return undefined;
  return `field "${formatPath(path)}" is not available in this version`;
}
