// Who may do what: users, groups, roles, bindings and tokens.
import { Tabs } from '../../parts/tabs.js';
import { useRights } from '../../state/use-rights.js';
import { AccountPage } from './account.js';
import { AccountsPage } from './accounts.js';
import { BindingsPage } from './bindings.js';
import { GroupPage } from './group.js';
import { GroupsPage } from './groups.js';
import { RolePage } from './role.js';
import { RolesPage } from './roles.js';
import { TokensPage } from './tokens.js';
import { UserPage } from './user.js';
import { UsersPage } from './users.js';

interface AccessPageProps {
  /** Absent: the first one that the user may see. */
  readonly part: string | undefined;
  /** Of one object, where the part has a page of each. */
  readonly name?: string | undefined;
}

/** Words, page, and what one must be allowed to list for it. */
const PARTS = {
  users: ['Users', UsersPage, 'users'],
  groups: ['Groups', GroupsPage, 'groups'],
  serviceaccounts: ['Service accounts', AccountsPage, 'serviceaccounts'],
  roles: ['Roles', RolesPage, 'roles'],
  bindings: ['Bindings', BindingsPage, 'rolebindings'],
  tokens: ['Tokens', TokensPage, 'tokens'],
} as const;

type Part = keyof typeof PARTS;

export function AccessPage({ part, name }: AccessPageProps) {
  const may = useRights();
  if (name !== undefined && part === 'users') return <UserPage key={name} name={name} />;
  if (name !== undefined && part === 'groups') return <GroupPage key={name} name={name} />;
  if (name !== undefined && part === 'serviceaccounts') return <AccountPage key={name} name={name} />;
  if (name !== undefined && part === 'roles') return <RolePage key={name} name={name} />;
  const shown = (Object.keys(PARTS) as Part[]).filter((key) => {
    const permission = may({ verb: 'list', plural: PARTS[key][2] });
    return permission.allowed || permission.reason === undefined;
  });
  const known = part !== undefined && part in PARTS ? (part as Part) : (shown[0] ?? 'users');
  const Page = PARTS[known][1];
  const tabs = (
    <Tabs
      label="Parts of access"
      tabs={shown.map((key) => ({ name: PARTS[key][0], path: `/access/${key}`, current: key === known }))}
    />
  );
  return <Page tabs={tabs} />;
}
