// The roles that every installation has. Each may what the one before it may, and more: read; start and stop runs; change what
// lives in namespaces; all.
import { kinds } from '../kinds/registry.js';
import type { RoleRules } from './grants.js';

export const builtInRoles = ['viewer', 'operator', 'editor', 'admin'] as const;
export type BuiltInRole = (typeof builtInRoles)[number];

const READING = ['get', 'list', 'watch', 'log', 'why', 'timepoints', 'download'];
const RUNNING = ['run', 'cancel', 'retry', 'backfill', 'suspend', 'resume'];
const WRITING = ['create', 'update', 'patch', 'apply', 'delete', 'undelete', 'undo', 'upload', 'switch', 'test'];
const WITH_AGENTS = ['cordon', 'uncordon', 'drain', 'rebalance', 'release', 'join'];
const WITH_USERS = ['impersonate', 'password'];
const WITH_KEYS = ['rotate', 'drop'];

/** All verbs of the API that people use, by what they are for. */
export const accessVerbGroups = {
  read: READING,
  run: RUNNING,
  change: WRITING,
  manage: [...WITH_AGENTS, ...WITH_USERS, ...WITH_KEYS],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export const accessVerbs: readonly string[] = Object.values(accessVerbGroups).flat();

/** What can be named in rules though there are no objects of that kind. */
export const accessOnlyKinds: readonly string[] = ['AuditEntry', 'Diagnosis', 'Metrics', 'SecretsKey'];

/** Who may do what, and with which tokens, is for administrators to know. */
const NOT_FOR_VIEWERS = ['Token'];
/** Giving roles is for administrators, of the namespace at least. */
const NOT_FOR_EDITORS = ['RoleBinding'];

const viewer = () => ({
  verbs: READING,
  kinds: [...kinds.map(({ kind }) => kind).filter((kind) => !NOT_FOR_VIEWERS.includes(kind)), 'Metrics'],
});
const operator = () => ({ verbs: RUNNING, kinds: ['Task', 'Run'] });
const editor = () => ({
  verbs: WRITING,
  kinds: kinds.filter(({ kind, namespaced }) => namespaced && !NOT_FOR_EDITORS.includes(kind)).map(({ kind }) => kind),
});

export const builtInRules: Readonly<Record<BuiltInRole, RoleRules>> = {
  viewer: { rules: [viewer()], runAs: [] },
  operator: { rules: [viewer(), operator()], runAs: [] },
  editor: { rules: [viewer(), operator(), editor()], runAs: [] },
  admin: { rules: [{ verbs: ['*'], kinds: ['*'] }], runAs: ['*'] },
};

export function isBuiltInRole(name: string): name is BuiltInRole {
  return builtInRoles.some((role) => role === name);
}
