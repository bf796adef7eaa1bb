// The one place that says whether a request is allowed: what a subject's role may do with a route. Whatever is not listed is denied.
import type { TokenRow } from '../store/index.js';
import { type BuiltInRole, builtInRoles, roleAllows } from './built-in-roles.js';

/** none: somebody whom the center does not know, as whom an administrator asks. */
export type SubjectRole = TokenRow['role'] | BuiltInRole | 'none';

/** The parts of a route that decide who may use it; see `Role` of the routes. */
export interface Permission {
  readonly role: 'none' | 'self' | 'read' | 'agent' | 'admin';
  readonly verb: string;
  readonly namespaced: boolean;
}

export function mayUse(subject: SubjectRole, { role, verb, namespaced }: Permission): boolean {
  if (subject === 'admin' || role === 'none' || role === 'self') return true;
  if (subject === 'agent') return role === 'agent' || role === 'read';
  if (subject === 'none' || role === 'agent') return false;
  return roleAllows(subject, verb, { reading: role === 'read', namespaced });
}

const GROUP = /^cloudtask:(.*)$/;

/** The strongest role that the groups give; undefined for none. */
export function roleOfGroups(groups: readonly string[]): SubjectRole | undefined {
  const names = new Set(groups.map((group) => GROUP.exec(group)?.[1]));
  const strongest = builtInRoles.findLast((role) => names.has(role));
  return strongest ?? (names.has('agent') ? 'agent' : undefined);
}
