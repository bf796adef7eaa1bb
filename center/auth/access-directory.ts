// What each subject may, from the roles and bindings as they are now.
import {
  type AnyObject,
  builtInRules,
  type ClusterRoleBinding,
  type Grant,
  type Group,
  isBuiltInRole,
  type KindName,
  type Role,
  type RoleBinding,
  type RoleRules,
} from '../../manifests/index.js';
import type { Store } from '../store/index.js';

const KINDS: readonly KindName[] = ['Role', 'RoleBinding', 'ClusterRoleBinding', 'Group'];
/** Whose changes may take rights away from somebody. */
const SUBJECT_KINDS: readonly KindName[] = ['User', 'ServiceAccount', 'Token'];

/** Groups that are not objects: each gives the built-in role of its name everywhere. */
const BUILT_IN_GROUP = /^cloudtask:(.*)$/;

type Binding = RoleBinding | ClusterRoleBinding;

/** `issuerGroups`: groups that somebody else has said the user is in. */
export interface SubjectName {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  readonly issuerGroups?: readonly string[];
}

interface Snapshot {
  readonly roles: ReadonlyMap<string, RoleRules>;
  /** By `Kind/name` of the subject. */
  readonly grants: ReadonlyMap<string, readonly Grant[]>;
  /** By name of the user. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

type DirectoryStore = Pick<Store, 'list' | 'onChange'>;

/** Holds the roles in memory and reads them anew after a change of them, from whichever center it came. */
export class AccessDirectory {
  private readonly store: DirectoryStore;
  private snapshot: Promise<Snapshot> | undefined;
  private off: (() => void) | undefined;

  constructor(store: DirectoryStore) {
    this.store = store;
  }

  /** `changed` is called when anybody's rights may have become less. */
  start(changed: () => void): void {
    this.off = this.store.onChange((changes) => {
      const roles = changes.some(({ kind }) => KINDS.includes(kind));
      if (roles) this.snapshot = undefined;
      const subjects = changes.some(
        ({ kind, type }) => SUBJECT_KINDS.includes(kind) && type !== 'ADDED' && !isUse(kind, type),
      );
      // What else changes of an agent changes all the time.
      const agents = changes.some(({ kind, type }) => kind === 'Agent' && type === 'DELETED');
      if (roles || subjects || agents) changed();
    });
  }

  stop(): void {
    this.off?.();
  }

  /** What a subject has by itself and through its groups, which are told too. */
  async of(subject: SubjectName): Promise<{ grants: readonly Grant[]; groups: readonly string[] }> {
    const { grants, groups } = await this.current();
    const own = subject.kind === 'User' ? [...(groups.get(subject.name) ?? []), ...(subject.issuerGroups ?? [])] : [];
    const subjects = [`${subject.kind}/${subject.name}`, ...own.map((name) => `Group/${name}`)];
    return { grants: subjects.flatMap((key) => grants.get(key) ?? []), groups: own };
  }

  /** What groups have together, the built-in ones `cloudtask:viewer` … `cloudtask:admin` among them. */
  async ofGroups(groups: readonly string[]): Promise<readonly Grant[]> {
    const { grants } = await this.current();
    return groups.flatMap((group) => {
      const role = BUILT_IN_GROUP.exec(group)?.[1];
      if (role !== undefined) return isBuiltInRole(role) ? [builtInRules[role]] : [];
      return grants.get(`Group/${group}`) ?? [];
    });
  }

  /** undefined for a role that there is not. */
  async roles(): Promise<(name: string) => RoleRules | undefined> {
    const { roles } = await this.current();
    return (name) => roleOf(roles, name);
  }

  private current(): Promise<Snapshot> {
    if (this.snapshot === undefined) {
      const reading = this.read();
      this.snapshot = reading;
      // A failure is of this request; the next one reads again.
      reading.catch(() => {
        if (this.snapshot === reading) this.snapshot = undefined;
      });
    }
    return this.snapshot;
  }

  private async read(): Promise<Snapshot> {
    const [roleObjects, local, everywhere, groupObjects] = await Promise.all([
      this.all<Role>('Role'),
      this.all<RoleBinding>('RoleBinding'),
      this.all<ClusterRoleBinding>('ClusterRoleBinding'),
      this.all<Group>('Group'),
    ]);
    const roles = new Map(roleObjects.map(({ metadata, spec }) => [metadata.name, rulesOf(spec)]));
    const grants = new Map<string, Grant[]>();
    for (const binding of [...local, ...everywhere] as Binding[]) {
      const grant = grantOf(binding, (name) => roleOf(roles, name));
      if (grant === undefined) continue;
      for (const { kind, name } of binding.spec.subjects) add(grants, `${kind}/${name}`, grant);
    }
    const groups = new Map<string, string[]>();
    for (const { metadata, spec } of groupObjects) {
      for (const member of spec.members ?? []) add(groups, member, metadata.name);
    }
    return { roles, grants, groups };
  }

  private async all<T extends AnyObject>(kind: KindName): Promise<T[]> {
    const objects: T[] = [];
    let page = await this.store.list<T>(kind);
    for (;;) {
      objects.push(...page.items);
      if (page.continueToken === undefined) return objects;
      page = await this.store.list<T>(kind, { continueToken: page.continueToken });
    }
  }
}

/** Nothing of a token changes but when it was used last. */
function isUse(kind: KindName, type: string): boolean {
  return kind === 'Token' && type === 'MODIFIED';
}

export function rulesOf({ rules = [], runAs = [] }: Role['spec']): RoleRules {
  return { rules, runAs };
}

/** What a binding gives; undefined when its role is not there. */
export function grantOf(
  { metadata, spec, kind }: Pick<Binding, 'metadata' | 'spec' | 'kind'>,
  role: (name: string) => RoleRules | undefined,
): Grant | undefined {
  const rules = role(spec.role);
  if (rules === undefined) return undefined;
  return kind === 'RoleBinding' ? { ...rules, namespace: metadata.namespace ?? 'default' } : rules;
}

/** The built-in roles are what they are, whatever is stored under their names. */
function roleOf(roles: ReadonlyMap<string, RoleRules>, name: string): RoleRules | undefined {
  return isBuiltInRole(name) ? builtInRules[name] : roles.get(name);
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
