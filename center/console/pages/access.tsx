// Who may do what: users, groups, roles, bindings and tokens.
import type { ReactNode } from 'react';
import { type Action, rightOn } from '../actions/action.js';
import type { ApiObject, Followed } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { CommandLine } from '../parts/command-line.js';
import { type DataColumn, DataTable } from '../parts/data-table.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { Tabs } from '../parts/tabs.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';

type User = Followed['users'];
type Token = Followed['tokens'];
type Binding = Followed['rolebindings'] | Followed['clusterrolebindings'];

const PARTS = [
  ['users', 'Users'],
  ['groups', 'Groups'],
  ['serviceaccounts', 'Service accounts'],
  ['roles', 'Roles'],
  ['bindings', 'Bindings'],
  ['tokens', 'Tokens'],
] as const;

export function AccessPage({ part }: { readonly part: string }) {
  return (
    <>
      <PageHead title="Access" />
      <Tabs
        label="Parts of access"
        tabs={PARTS.map(([key, name]) => ({
          name,
          path: key === 'users' ? '/access' : `/access/${key}`,
          current: key === part,
        }))}
      />
      {part === 'groups' ? (
        <Objects plural="groups" columns={groupColumns} command="ctask get groups" />
      ) : part === 'serviceaccounts' ? (
        <Objects plural="serviceaccounts" columns={accountColumns} command="ctask get serviceaccounts" />
      ) : part === 'roles' ? (
        <Objects plural="roles" columns={roleColumns} command="ctask get roles" />
      ) : part === 'bindings' ? (
        <Bindings />
      ) : part === 'tokens' ? (
        <Objects plural="tokens" columns={tokenColumns} command="ctask get tokens" />
      ) : (
        <Objects plural="users" columns={userColumns} command="ctask get users" />
      )}
    </>
  );
}

interface ObjectsProps<K extends keyof Followed> {
  readonly plural: K;
  readonly columns: readonly DataColumn<Followed[K]>[];
  readonly command: string;
}

function Objects<K extends keyof Followed>({ plural, columns, command }: ObjectsProps<K>) {
  const live = useLive(plural);
  return (
    <>
      <LiveNote live={live} what={plural} />
      <Rows phase={live.phase} items={live.items} columns={columns} caption={plural} />
      <CommandLine command={command} />
    </>
  );
}

function Bindings() {
  const { namespace } = useNamespace();
  const everywhere = useLive('clusterrolebindings');
  const inside = useLive('rolebindings', { namespace });
  const all: readonly Binding[] = [...everywhere.items, ...inside.items];
  return (
    <>
      <LiveNote live={inside} what="bindings" />
      <Rows phase={inside.phase} items={all} columns={bindingColumns} caption="Bindings" />
      <CommandLine command={`ctask get rolebindings ${namespace === undefined ? '-A' : `-n ${namespace}`}`} />
    </>
  );
}

interface RowsProps<T> {
  readonly phase: string;
  readonly items: readonly T[];
  readonly columns: readonly DataColumn<T>[];
  readonly caption: string;
}

function Rows<T extends ApiObject>({ phase, items, columns, caption }: RowsProps<T>): ReactNode {
  if (phase === 'loading') return <Loading lines={3} />;
  if (items.length === 0) return phase === 'refused' ? null : <Empty title="There are none" />;
  const keyOf = ({ metadata }: T) => metadata.uid;
  return <DataTable caption={caption} columns={columns} items={items} keyOf={keyOf} sorted="Name" />;
}

interface Named extends ApiObject {
  readonly spec: { readonly description?: string };
}

const name: DataColumn<ApiObject> = {
  name: 'Name',
  by: ({ metadata }) => metadata.name,
  cell: ({ metadata }) => <strong className="main-link">{metadata.name}</strong>,
};
const age: DataColumn<ApiObject> = {
  name: 'Made',
  by: ({ metadata }) => metadata.creationTimestamp,
  cell: ({ metadata }) => <Moment time={metadata.creationTimestamp} />,
  wide: true,
};
const description: DataColumn<Named> = { name: 'Description', cell: ({ spec }) => spec.description ?? '–', wide: true };

const enabled = ({ spec }: { readonly spec: { readonly disabled?: boolean } }) =>
  spec.disabled ? <span className="state warn">disabled</span> : <span className="state good">enabled</span>;

/** A merge patch of the whole of what an action changes. */
function patch(user: User, spec: object): Promise<unknown> {
  return request(pathOf('users', undefined, user.metadata.name), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    query: { fieldManager: 'ctask-console' },
    body: { spec },
  });
}

const userActions: readonly Action<User>[] = [
  {
    name: 'Disable',
    verb: 'patch',
    right: rightOn('users', 'patch'),
    danger: true,
    warning: ({ metadata }) => `${metadata.name} cannot log in any more; sessions and tokens are refused.`,
    possible: ({ spec }) => spec.disabled !== true,
    command: ({ metadata }) => `ctask patch user ${metadata.name} --type merge -p '{"spec":{"disabled":true}}'`,
    done: ({ metadata }) => `${metadata.name} is disabled`,
    request: (user) => patch(user, { disabled: true }),
  },
  {
    name: 'Enable',
    verb: 'patch',
    right: rightOn('users', 'patch'),
    possible: ({ spec }) => spec.disabled === true,
    command: ({ metadata }) => `ctask patch user ${metadata.name} --type merge -p '{"spec":{"disabled":false}}'`,
    done: ({ metadata }) => `${metadata.name} may log in again`,
    request: (user) => patch(user, { disabled: false }),
  },
];

const revoke: Action<Token> = {
  name: 'Revoke',
  verb: 'delete',
  right: rightOn('tokens', 'delete'),
  danger: true,
  warning: ({ spec }) => `Whatever uses this token of ${spec.owner.name} is refused from now on.`,
  possible: () => true,
  command: ({ metadata }) => `ctask delete token ${metadata.name}`,
  done: ({ metadata }) => `The token ${metadata.name} is out of force`,
  request: ({ metadata }) => request(pathOf('tokens', undefined, metadata.name), { method: 'DELETE' }),
};

const userColumns: readonly DataColumn<User>[] = [
  {
    ...name,
    cell: ({ metadata, spec }) => (
      <>
        <strong className="main-link">{metadata.name}</strong>
        {spec.displayName !== undefined && <small>{spec.displayName}</small>}
      </>
    ),
  },
  { name: 'State', cell: enabled },
  { name: 'E-mail', cell: ({ spec }) => spec.email ?? '–', wide: true },
  age,
  { name: 'Actions', cell: (user) => <ActionButtons object={user} actions={userActions} /> },
];

const groupColumns: readonly DataColumn<Followed['groups']>[] = [
  name,
  { name: 'Members', cell: ({ spec }) => spec.members?.join(', ') || '–' },
  description,
  age,
];

const accountColumns: readonly DataColumn<Followed['serviceaccounts']>[] = [
  name,
  { name: 'State', cell: enabled },
  description,
  age,
];

const roleColumns: readonly DataColumn<Followed['roles']>[] = [
  name,
  {
    name: 'Allows',
    cell: ({ spec }) => (
      <ul>
        {(spec.rules ?? []).map(({ verbs, kinds }) => (
          <li key={`${verbs} ${kinds}`}>
            {verbs.includes('*') ? 'everything' : verbs.join(', ')} <span className="faint">with</span>{' '}
            {kinds.includes('*') ? 'all kinds' : kinds.join(', ')}
          </li>
        ))}
      </ul>
    ),
  },
  description,
];

const bindingColumns: readonly DataColumn<Binding>[] = [
  name,
  { name: 'Role', by: ({ spec }) => spec.role, cell: ({ spec }) => spec.role },
  {
    name: 'Where',
    by: ({ metadata }) => metadata.namespace ?? '',
    cell: ({ metadata }) => metadata.namespace || 'everywhere',
  },
  { name: 'Who', cell: ({ spec }) => spec.subjects.map(({ kind, name: who }) => `${kind} ${who}`).join(', ') },
];

const tokenColumns: readonly DataColumn<Token>[] = [
  name,
  { name: 'Owner', by: ({ spec }) => spec.owner.name, cell: ({ spec }) => spec.owner.name },
  { name: 'For', cell: ({ spec }) => spec.description ?? '–', wide: true },
  { name: 'Role', cell: ({ spec }) => spec.scope?.role ?? 'all of the owner', wide: true },
  { name: 'Expires', by: ({ spec }) => spec.expires, cell: ({ spec }) => <Moment time={spec.expires} ahead /> },
  { name: 'Actions', cell: (token) => <ActionButtons object={token} actions={[revoke]} /> },
];
