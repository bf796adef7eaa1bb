// What can be asked of users, groups, roles, bindings and tokens.
import type { Followed } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { ctask } from '../text/shell.js';
import { type Action, rightOn } from './action.js';

export type UserObject = Followed['users'];
export type GroupObject = Followed['groups'];
export type AccountObject = Followed['serviceaccounts'];
export type RoleObject = Followed['roles'];
export type TokenObject = Followed['tokens'];
export type BindingObject = Followed['rolebindings'] | Followed['clusterrolebindings'];

const MANAGER = { fieldManager: 'ctask-console' };

type Plural = 'users' | 'groups' | 'serviceaccounts' | 'roles' | 'rolebindings' | 'clusterrolebindings';

export function createObject<K extends Plural>(
  plural: K,
  kind: string,
  metadata: { readonly name: string; readonly namespace?: string | undefined },
  spec: object,
): Promise<Followed[K]> {
  return request(pathOf(plural, metadata.namespace), {
    ...{ method: 'POST', query: MANAGER },
    body: { apiVersion: 'cloudtask.dev/v1', kind, metadata, spec },
  });
}

/** A merge patch. @param resourceVersion refused when the object has another one: what is written is all of a list that was read */
export function patchSpec(plural: Plural, name: string, spec: object, resourceVersion?: string): Promise<unknown> {
  return request(pathOf(plural, undefined, name), {
    ...{ method: 'PATCH', contentType: 'application/merge-patch+json', query: MANAGER },
    body: { ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }), spec },
  });
}

export function setPassword(name: string, password: string): Promise<unknown> {
  return request(pathOf('users', undefined, name, 'password'), { method: 'PUT', body: { password } });
}

type Account = UserObject | AccountObject;

function disabling<T extends Account>(plural: 'users' | 'serviceaccounts'): readonly Action<T>[] {
  const singular = plural.slice(0, -1);
  const line = (name: string, disabled: boolean) =>
    ctask('patch', singular, name, '--type', 'merge', ['-p', JSON.stringify({ spec: { disabled } })]);
  return [
    {
      name: 'Disable',
      verb: 'patch',
      right: rightOn(plural, 'patch'),
      danger: true,
      warning: ({ metadata }) => `${metadata.name} is kept out; sessions and tokens are refused from now on.`,
      possible: ({ spec }) => spec.disabled !== true,
      command: ({ metadata }) => line(metadata.name, true),
      done: ({ metadata }) => `${metadata.name} is disabled`,
      request: ({ metadata }) => patchSpec(plural, metadata.name, { disabled: true }),
    },
    {
      name: 'Enable',
      verb: 'patch',
      right: rightOn(plural, 'patch'),
      possible: ({ spec }) => spec.disabled === true,
      command: ({ metadata }) => line(metadata.name, false),
      done: ({ metadata }) => `${metadata.name} is let in again`,
      request: ({ metadata }) => patchSpec(plural, metadata.name, { disabled: false }),
    },
  ];
}

interface Removal<T> {
  readonly plural: string;
  readonly question?: (object: T) => string;
  readonly warning: (object: T) => string;
  readonly name?: string;
  readonly done?: (object: T) => string;
  readonly possible?: (object: T) => boolean;
}

function removing<T extends { readonly metadata: UserObject['metadata']; readonly kind: string }>({
  plural,
  warning,
  ...rest
}: Removal<T>): Action<T> {
  const where = ({ metadata }: T) => metadata.namespace || undefined;
  return {
    name: 'Delete',
    verb: 'delete',
    right: rightOn(plural, 'delete'),
    danger: true,
    possible: () => true,
    command: (object) => ctask('delete', plural.slice(0, -1), object.metadata.name, ['-n', where(object)]),
    done: ({ metadata }) => `${metadata.name} is deleted`,
    warning,
    request: (object) => request(pathOf(plural, where(object), object.metadata.name), { method: 'DELETE' }),
    ...rest,
  };
}

export const userActions: readonly Action<UserObject>[] = [
  ...disabling<UserObject>('users'),
  removing({
    plural: 'users',
    warning: ({ metadata }) =>
      `Password, sessions and tokens of ${metadata.name} go along, at once. Another user of that name begins with nothing.`,
  }),
];

export const accountActions: readonly Action<AccountObject>[] = [
  ...disabling<AccountObject>('serviceaccounts'),
  removing({
    plural: 'serviceaccounts',
    warning: ({ metadata }) => `Tokens of ${metadata.name} go along, at once.`,
  }),
];

/** Of more names than these the others are only counted. */
const NAMED = 5;

function namesOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
}

export const deleteGroup: Action<GroupObject> = removing({
  plural: 'groups',
  warning: ({ metadata, spec }) =>
    spec.members === undefined || spec.members.length === 0
      ? `Nobody is in ${metadata.name}.`
      : `Its members lose what roles are given to ${metadata.name}: ${namesOf(spec.members)}. They stay as users.`,
});

export const deleteRole: Action<RoleObject> = removing({
  plural: 'roles',
  warning: ({ metadata }) =>
    `What ${metadata.name} allows is lost by whoever has it; the bindings stay, and give nothing. Who has it:`,
});

const subjectsOf = ({ subjects }: BindingObject['spec']): string => namesOf(subjects.map(({ name }) => name));

const binding = {
  name: 'Take away',
  question: ({ spec }: BindingObject) => `Take ${spec.role} away from ${subjectsOf(spec)}?`,
  warning: ({ metadata, spec }: BindingObject) =>
    `What ${spec.role} allows ${metadata.namespace ? `in ${metadata.namespace}` : 'everywhere'} is no more given to ${subjectsOf(spec)}. The role stays.`,
  done: ({ metadata }: BindingObject) => `${metadata.name} is taken away`,
};
const bindingActions = {
  RoleBinding: removing<BindingObject>({ plural: 'rolebindings', ...binding }),
  ClusterRoleBinding: removing<BindingObject>({ plural: 'clusterrolebindings', ...binding }),
};

export const deleteBinding = ({ kind }: BindingObject): Action<BindingObject> => bindingActions[kind];

export const revokeToken: Action<TokenObject> = removing({
  plural: 'tokens',
  name: 'Revoke',
  warning: ({ spec }) => `Whatever uses this token of ${spec.owner.name} is refused from now on.`,
  done: ({ metadata }) => `The token ${metadata.name} is out of force`,
});
