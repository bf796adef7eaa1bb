// The one place that says whether a request is allowed. Whatever is not allowed here is denied.
import { type Access, allowedNamespaces, allows, kinds } from '../../manifests/index.js';

/** The parts of a route that decide who may use it; see `Role` of the routes. */
export interface Permission {
  readonly role: 'none' | 'self' | 'read' | 'agent' | 'admin';
  readonly verb: string;
  /** What rules of roles call its objects. */
  readonly kind?: string;
  /** Its handler asks about each object that the request names. */
  readonly perObject?: true;
}

/** Who asks. An agent uses the routes of agents, and reads. */
export interface Subject {
  readonly role: 'agent' | 'person';
  readonly access: Access;
  /** The one agent that it is; agents that share a token are not told apart. */
  readonly agent?: { readonly name: string };
}

/** What the request is about, as its path says. */
export interface Target {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export function mayUse({ role, access, agent }: Subject, route: Permission, target: Target): boolean {
  if (route.role === 'none' || route.role === 'self') return true;
  if (route.role === 'agent') {
    if (agent !== undefined) return agent.name === target.name;
    return role === 'agent' || isAdministrator(access);
  }
  const { verb, kind } = route;
  if (role === 'agent') return route.role === 'read' && kind !== undefined && allows(access, { verb, kind });
  if (kind === undefined) return route.perObject === true || isAdministrator(access);
  const namespace = target.namespace ?? ownNamespace(route, target);
  if (allows(access, { verb, kind, namespace })) return true;
  // A list of all namespaces is one of those that may be read.
  const narrowed = namespace === undefined && target.name === undefined && (route.perObject || isListOfMany(route));
  return narrowed === true && allowedNamespaces(access, { verb, kind })?.length !== 0;
}

/** All that there is, everywhere. */
export function isAdministrator(access: Access): boolean {
  return allows(access, { verb: '*', kind: '*' });
}

/** Who may read in a namespace may read the Namespace itself. */
function ownNamespace({ kind, role }: Permission, { name }: Target): string | undefined {
  return kind === 'Namespace' && role === 'read' ? name : undefined;
}

function isListOfMany({ kind, verb }: Permission): boolean {
  const namespaced = kind === 'Namespace' || kinds.some((row) => row.kind === kind && row.namespaced);
  return namespaced && (verb === 'list' || verb === 'watch');
}
