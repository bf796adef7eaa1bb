// One user: groups, roles and where they come from, tokens, and what all of it allows.
import { useState } from 'react';
import { Link } from 'wouter';
import { patchSpec, userActions } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { CommandLine } from '../../parts/command-line.js';
import { Missing } from '../../parts/missing.js';
import { Moment } from '../../parts/moment.js';
import { LiveNote, Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { PermittedButton } from '../../parts/permitted-button.js';
import { RightsOf } from '../../parts/rights-of.js';
import { useToast } from '../../parts/toasts.js';
import { useListed } from '../../state/use-listed.js';
import { useLive } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';
import { OWN_USER, useSelf } from '../../state/use-self.js';
import { ctask } from '../../text/shell.js';
import { BindingDialog } from './binding-dialog.js';
import { EditDialog } from './edit-dialog.js';
import { NoRoleNote, placesOf, RolesCard, type Subject, useGivenRoles, useMayGive } from './given-roles.js';
import { Enabled } from './part.js';
import { PasswordDialog } from './password-dialog.js';
import { TokenTable } from './token-table.js';

export function UserPage({ name }: { readonly name: string }) {
  const users = useLive('users', { fieldSelector: `metadata.name=${name}` });
  const subject: Subject = { kind: 'User', name };
  const given = useGivenRoles(subject);
  const mayGive = useMayGive();
  const may = useRights();
  const self = useSelf();
  const [dialog, setDialog] = useState<'password' | 'role' | 'edit'>();
  const [user] = users.items;
  if (user === undefined) {
    if (users.phase === 'loading') return <Loading />;
    return <Missing live={users} kind="user" name={name} above={{ name: 'Users', path: '/access/users' }} />;
  }
  const { spec, metadata } = user;
  const without = given.complete && given.rows.length === 0;
  return (
    <>
      <PageHead
        title={name}
        above={{ name: 'Users', path: '/access/users' }}
        beside={
          <>
            <Enabled disabled={spec.disabled} />
            {self === name && <span className="tag">you</span>}
          </>
        }
      >
        {!without && (
          <PermittedButton permission={mayGive} onPress={() => setDialog('role')}>
            Give a role
          </PermittedButton>
        )}
        <PermittedButton permission={may({ verb: 'patch', plural: 'users' })} onPress={() => setDialog('edit')}>
          Edit
        </PermittedButton>
        <PermittedButton permission={may({ verb: 'password', plural: 'users' })} onPress={() => setDialog('password')}>
          Set password
        </PermittedButton>
        <ActionButtons
          object={user}
          actions={userActions}
          ofPage={name}
          barred={self === name ? OWN_USER : undefined}
        />
      </PageHead>
      <LiveNote live={users} what="users" />
      {without && <NoRoleNote subject={subject} onGive={() => setDialog('role')} />}
      <dl className="facts card across">
        <div>
          <dt>Display name</dt>
          <dd>{spec.displayName ?? '–'}</dd>
        </div>
        <div>
          <dt>E-mail</dt>
          <dd>{spec.email ?? '–'}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Moment time={metadata.creationTimestamp} />
          </dd>
        </div>
      </dl>
      <div className="columns">
        <Groups name={name} />
        <RolesCard subject={subject} given={given} />
      </div>
      <section className="card spaced" aria-label="Tokens">
        <header className="card-head">
          <h2>Tokens</h2>
        </header>
        <TokenTable owner={{ kind: 'User', name }} />
      </section>
      {may({ verb: 'impersonate', plural: 'users' }).allowed && <RightsOf name={name} where={placesOf(given)} />}
      <CommandLine command={ctask('describe user', name)} />
      {dialog === 'password' && <PasswordDialog name={name} onClose={() => setDialog(undefined)} />}
      {dialog === 'edit' && <EditDialog user={user} onClose={() => setDialog(undefined)} />}
      {dialog === 'role' && <BindingDialog subject={subject} onClose={() => setDialog(undefined)} />}
    </>
  );
}

function Groups({ name }: { readonly name: string }) {
  const groups = useListed('groups');
  const may = useRights();
  const tell = useToast();
  const permission = may({ verb: 'patch', plural: 'groups' });
  const isMember = ({ spec }: (typeof groups.items)[number]) => spec.members?.includes(name) === true;
  const sorted = [...groups.items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const others = sorted.filter((group) => !isMember(group));

  async function change(group: (typeof groups.items)[number], member: boolean): Promise<void> {
    const { name: groupName, resourceVersion } = group.metadata;
    const before = group.spec.members ?? [];
    const members = member ? [...before, name] : before.filter((one) => one !== name);
    const command = ctask('patch group', groupName, '--type', 'merge', ['-p', JSON.stringify({ spec: { members } })]);
    try {
      await patchSpec('groups', groupName, { members }, resourceVersion);
      tell({ text: `${name} is ${member ? 'in' : 'no more in'} ${groupName}`, tone: 'good', command });
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    }
  }

  return (
    <section className="card" aria-label="Groups">
      <header className="card-head">
        <h2>Groups</h2>
      </header>
      <LiveNote live={groups} what="groups" />
      <ul className="rows">
        {sorted.filter(isMember).map((group) => (
          <li key={group.metadata.uid}>
            <Link className="main-link" href={`/access/groups/${group.metadata.name}`}>
              {group.metadata.name}
            </Link>
            <PermittedButton permission={permission} onPress={() => void change(group, false)}>
              Take out
            </PermittedButton>
          </li>
        ))}
        {!sorted.some(isMember) && <li className="muted">In no group</li>}
      </ul>
      {permission.allowed && others.length > 0 && (
        <label className="choice spaced">
          <span className="visually-hidden">Add to a group</span>
          <select
            value=""
            onChange={(event) => {
              const group = others.find(({ metadata }) => metadata.name === event.target.value);
              if (group !== undefined) void change(group, true);
            }}
          >
            <option value="">Add to a group…</option>
            {others.map(({ metadata }) => (
              <option key={metadata.uid}>{metadata.name}</option>
            ))}
          </select>
        </label>
      )}
    </section>
  );
}
