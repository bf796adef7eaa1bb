// Who somebody is for the center, and what they may.
import { type Access, builtInRoles, builtInRules, NO_ACCESS, withinScope } from '../../manifests/index.js';
import type { Credential, Owner, Store } from '../store/index.js';
import type { AccessDirectory } from './access-directory.js';
import type { Impersonated } from './impersonation.js';
import type { Subject } from './permissions.js';

export interface KnownSubject extends Subject {
  /** A user's name; `serviceaccount:NAME`; of a token file, what it is for. */
  readonly subject: string;
  readonly groups: readonly string[];
  /** The one agent that it is, by its certificate: it may do what that agent does, and read nothing but what it needs for it. */
  readonly agent?: { readonly name: string; readonly cluster: string; readonly identity: string };
}

/** Reads what viewers read. */
const AGENT: Access = { grants: [builtInRules.viewer] };
const ADMIN: Access = { grants: [builtInRules.admin] };

export async function subjectOf(directory: AccessDirectory, { owner, scope }: Credential): Promise<KnownSubject> {
  if (owner.kind === 'File') return ofFile(owner);
  if (owner.kind === 'Agent') return ofAgent(owner);
  const { grants, groups } = await directory.of(owner);
  const within = withinScope(scope, await directory.roles());
  const subject = owner.kind === 'User' ? owner.name : `serviceaccount:${owner.name}`;
  return { subject, role: 'person', groups, access: { grants, ...(within === undefined ? {} : { within }) } };
}

/** Somebody without any token or session, where that is allowed. */
export function guest(): KnownSubject {
  const groups = ['cloudtask:viewer'];
  return { subject: 'guest', role: 'person', groups, access: { grants: [builtInRules.viewer] } };
}

function ofAgent({ name, cluster, uid: identity }: Extract<Owner, { kind: 'Agent' }>): KnownSubject {
  const agent = { name, cluster, identity };
  return { subject: `agent:${name}`, role: 'agent', groups: [], access: NO_ACCESS, agent };
}

function ofFile({ name, role }: Extract<Owner, { kind: 'File' }>): KnownSubject {
  const groups = [`cloudtask:${role}`];
  return role === 'agent'
    ? { subject: name, role: 'agent', groups, access: AGENT }
    : { subject: name, role: 'person', groups, access: ADMIN };
}

/** Of groups if there are any; else of the user or token file of that name, or of the built-in role that is called so. */
export async function subjectOfImpersonated(
  directory: AccessDirectory,
  store: Pick<Store, 'findSubject' | 'get' | 'access'>,
  { user, groups }: Impersonated,
): Promise<KnownSubject> {
  const none = { subject: user, role: 'person', groups, access: NO_ACCESS } as const;
  if (groups.length > 0) {
    const agent = groups.includes('cloudtask:agent') && groups.length === 1;
    if (agent) return { ...none, role: 'agent', access: AGENT };
    return { ...none, access: { grants: await directory.ofGroups(groups) } };
  }
  const account = /^serviceaccount:(.+)$/.exec(user)?.[1];
  const kind = account === undefined ? 'User' : 'ServiceAccount';
  const name = account ?? user;
  if ((await store.get({ kind, namespace: '', name })) !== undefined) {
    const issuerGroups = kind === 'User' ? await store.access.issuerGroups(name) : [];
    return subjectOf(directory, { owner: { kind, name, uid: '', issuerGroups } });
  }
  const file = await store.findSubject(user);
  if (file !== undefined) return ofFile({ kind: 'File', name: user, role: file.role });
  const role = builtInRoles.find((one) => one === user);
  if (role === undefined) return none;
  return { ...none, groups: [`cloudtask:${role}`], access: { grants: [builtInRules[role]] } };
}
