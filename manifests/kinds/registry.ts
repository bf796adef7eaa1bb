// Group, kinds and columns in one table. The API's discovery, the CLI's names and the published schema all come from it.
import type { TSchema } from '@sinclair/typebox';
import { ClusterRoleBinding, Group, Role, RoleBinding, ServiceAccount, Token, User } from './access.js';
import { Calendar } from './calendar.js';
import { Agent, Cluster, Event, Namespace } from './infra.js';
import { Notifier } from './notifier.js';
import { Package } from './package.js';
import { Run } from './run.js';
import { Secret } from './secret.js';
import { Task } from './task.js';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete';

export interface KindRow {
  readonly kind: KindName;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  readonly schema: TSchema;
  /** Users may apply manifests of this kind; the others are written by the system. */
  readonly applicable: boolean;
  /** Fields a fieldSelector may name, besides metadata.name and metadata.namespace. */
  readonly selectableFields: readonly string[];
  /** Fields that `sortBy` of a list may name, besides metadata.name; the store has them in an index. */
  readonly sortableFields?: readonly string[];
}

export type AnyObject =
  | Task
  | Run
  | Cluster
  | Namespace
  | Agent
  | Event
  | Package
  | Secret
  | Calendar
  | Notifier
  | User
  | Group
  | ServiceAccount
  | Role
  | RoleBinding
  | ClusterRoleBinding
  | Token;
export type KindName = AnyObject['kind'];

const READ: readonly Verb[] = ['get', 'list', 'watch'];
const WRITE: readonly Verb[] = ['create', 'update', 'patch', 'apply', 'delete'];

export const kinds: readonly KindRow[] = [
  {
    kind: 'Task',
    plural: 'tasks',
    singular: 'task',
    shortNames: ['tk'],
    namespaced: true,
    categories: ['all'],
    verbs: [...READ, ...WRITE],
    schema: Task,
    applicable: true,
    selectableFields: ['spec.cluster', 'spec.run.package.name', 'status.allocations.agent', 'status.state'],
    sortableFields: ['spec.cluster', 'status.state', 'status.lastRun.time', 'status.nextTime'],
  },
  {
    kind: 'Run',
    plural: 'runs',
    singular: 'run',
    shortNames: ['ru'],
    namespaced: true,
    categories: ['all'],
    verbs: [...READ, 'delete'],
    schema: Run,
    applicable: false,
    selectableFields: [
      'spec.task',
      'spec.taskUid',
      'spec.slot',
      'spec.group',
      'spec.trigger',
      'status.state',
      'status.agent',
    ],
  },
  {
    kind: 'Event',
    plural: 'events',
    singular: 'event',
    shortNames: ['ev'],
    namespaced: true,
    categories: [],
    verbs: [...READ],
    schema: Event,
    applicable: false,
    selectableFields: ['spec.reason', 'spec.type', 'spec.regarding.kind', 'spec.regarding.name'],
  },
  {
    kind: 'Package',
    plural: 'packages',
    singular: 'package',
    shortNames: ['pkg'],
    namespaced: true,
    categories: ['all'],
    verbs: [...READ, ...WRITE],
    schema: Package,
    applicable: true,
    selectableFields: ['spec.digest'],
  },
  {
    kind: 'Calendar',
    plural: 'calendars',
    singular: 'calendar',
    shortNames: ['cal'],
    namespaced: true,
    categories: ['all'],
    verbs: [...READ, ...WRITE],
    schema: Calendar,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'Secret',
    plural: 'secrets',
    singular: 'secret',
    shortNames: ['sec'],
    namespaced: true,
    categories: [],
    verbs: [...READ, ...WRITE],
    schema: Secret,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'Notifier',
    plural: 'notifiers',
    singular: 'notifier',
    shortNames: ['nt'],
    namespaced: true,
    categories: ['all'],
    verbs: [...READ, ...WRITE],
    schema: Notifier,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'Cluster',
    plural: 'clusters',
    singular: 'cluster',
    shortNames: ['cl'],
    namespaced: false,
    categories: ['infra'],
    verbs: [...READ, ...WRITE],
    schema: Cluster,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'Agent',
    plural: 'agents',
    singular: 'agent',
    shortNames: ['ag'],
    namespaced: false,
    categories: ['infra'],
    verbs: [...READ, ...WRITE],
    schema: Agent,
    applicable: true,
    selectableFields: ['spec.cluster', 'status.state'],
    sortableFields: ['spec.cluster', 'status.state'],
  },
  {
    kind: 'Namespace',
    plural: 'namespaces',
    singular: 'namespace',
    shortNames: ['ns'],
    namespaced: false,
    categories: [],
    verbs: [...READ, ...WRITE],
    schema: Namespace,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'User',
    plural: 'users',
    singular: 'user',
    shortNames: ['usr'],
    namespaced: false,
    categories: ['access'],
    verbs: [...READ, ...WRITE],
    schema: User,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'Group',
    plural: 'groups',
    singular: 'group',
    shortNames: ['grp'],
    namespaced: false,
    categories: ['access'],
    verbs: [...READ, ...WRITE],
    schema: Group,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    singular: 'serviceaccount',
    shortNames: ['sa'],
    namespaced: false,
    categories: ['access'],
    verbs: [...READ, ...WRITE],
    schema: ServiceAccount,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'Role',
    plural: 'roles',
    singular: 'role',
    shortNames: ['ro'],
    namespaced: false,
    categories: ['access'],
    verbs: [...READ, ...WRITE],
    schema: Role,
    applicable: true,
    selectableFields: [],
  },
  {
    kind: 'RoleBinding',
    plural: 'rolebindings',
    singular: 'rolebinding',
    shortNames: ['rb'],
    namespaced: true,
    categories: ['access'],
    verbs: [...READ, ...WRITE],
    schema: RoleBinding,
    applicable: true,
    selectableFields: ['spec.role'],
  },
  {
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    singular: 'clusterrolebinding',
    shortNames: ['crb'],
    namespaced: false,
    categories: ['access'],
    verbs: [...READ, ...WRITE],
    schema: ClusterRoleBinding,
    applicable: true,
    selectableFields: ['spec.role'],
  },
  {
    kind: 'Token',
    plural: 'tokens',
    singular: 'token',
    shortNames: [],
    namespaced: false,
    categories: ['access'],
    verbs: [...READ, 'delete'],
    schema: Token,
    applicable: false,
    selectableFields: ['spec.owner.kind', 'spec.owner.name'],
  },
];

/** The row of a kind, by kind, plural, singular or short name in any case; undefined when there is none. */
export function findKind(name: string): KindRow | undefined {
  const wanted = name.toLowerCase();
  return kinds.find(
    (row) =>
      row.kind.toLowerCase() === wanted ||
      row.plural === wanted ||
      row.singular === wanted ||
      row.shortNames.includes(wanted),
  );
}

export function kindRow(kind: KindName): KindRow {
  return kinds.find((row) => row.kind === kind)!;
}
