// Who may do what: users, groups, roles, bindings and tokens.
import { Tabs } from '../../parts/tabs.js';
import { AccountsPage } from './accounts.js';
import { BindingsPage } from './bindings.js';
import { GroupsPage } from './groups.js';
import { RolePage } from './role.js';
import { RolesPage } from './roles.js';
import { TokensPage } from './tokens.js';
import { UserPage } from './user.js';
import { UsersPage } from './users.js';

interface AccessPageProps {
  readonly part: string;
  /** Of one object, where the part has a page of each. */
  readonly name?: string | undefined;
}

const PARTS = {
  users: ['Users', UsersPage],
  groups: ['Groups', GroupsPage],
  serviceaccounts: ['Service accounts', AccountsPage],
  roles: ['Roles', RolesPage],
  bindings: ['Bindings', BindingsPage],
  tokens: ['Tokens', TokensPage],
} as const;

export function AccessPage({ part, name }: AccessPageProps) {
  if (name !== undefined && part === 'users') return <UserPage key={name} name={name} />;
  if (name !== undefined && part === 'roles') return <RolePage key={name} name={name} />;
  const known = part in PARTS ? (part as keyof typeof PARTS) : 'users';
  const Part = PARTS[known][1];
  const tabs = (
    <Tabs
      label="Parts of access"
      tabs={Object.entries(PARTS).map(([key, [words]]) => ({
        name: words,
        path: key === 'users' ? '/access' : `/access/${key}`,
        current: key === known,
      }))}
    />
  );
  return <Part tabs={tabs} />;
}
