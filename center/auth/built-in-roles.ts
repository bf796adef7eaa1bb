// What people may do, by the names of the roles that every installation has. Tokens are of admins and agents in this
// version; the others say what such a user could do (`ctask auth can-i … --as viewer`).

export const builtInRoles = ['viewer', 'operator', 'editor', 'admin'] as const;
export type BuiltInRole = (typeof builtInRoles)[number];

const READING = ['get', 'list', 'watch', 'log'];
const RUNNING = ['run', 'cancel', 'retry', 'backfill', 'suspend', 'resume'];
const WRITING = ['create', 'update', 'patch', 'apply', 'delete', 'undo'];

/** Each role may what the one before it may, and more: read; start and stop runs; change what lives in namespaces; all. */
export function roleAllows(role: BuiltInRole, verb: string, namespaced: boolean): boolean {
  if (role === 'admin' || READING.includes(verb)) return true;
  if (role === 'viewer') return false;
  if (RUNNING.includes(verb)) return true;
  return role === 'editor' && namespaced && WRITING.includes(verb);
}
