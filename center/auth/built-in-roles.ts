// What people may do, by the names of the roles that every installation has. Tokens are of admins and agents in this
// version; the others say what such a user could do (`ctask auth can-i … --as viewer`).

export const builtInRoles = ['viewer', 'operator', 'editor', 'admin'] as const;
export type BuiltInRole = (typeof builtInRoles)[number];

const RUNNING = ['run', 'cancel', 'retry', 'backfill', 'suspend', 'resume'];
const WRITING = ['create', 'update', 'patch', 'apply', 'delete', 'undelete', 'undo', 'upload', 'switch'];

export interface VerbScope {
  /** Any token may use the route. */
  readonly reading: boolean;
  readonly namespaced: boolean;
}

/** Each role may what the one before it may, and more: read; start and stop runs; change what lives in namespaces; all. What only
 * reads is known by its route (`reading`). */
export function roleAllows(role: BuiltInRole, verb: string, { reading, namespaced }: VerbScope): boolean {
  if (role === 'admin' || reading) return true;
  if (role === 'viewer') return false;
  if (RUNNING.includes(verb)) return true;
  return role === 'editor' && namespaced && WRITING.includes(verb);
}
