import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { createObject, setPassword, type UserObject, userActions } from '../../actions/access-actions.js';
import { ApiError } from '../../api/api-error.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import type { DataColumn } from '../../parts/data-table.js';
import { SelectField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { ShownOnce } from '../../parts/shown-once.js';
import { useToast } from '../../parts/toasts.js';
import { useLive } from '../../state/use-live.js';
import { OWN_USER, useSelf } from '../../state/use-self.js';
import { newPassword } from '../../text/passwords.js';
import { ctask, shellWord } from '../../text/shell.js';
import { RoleNames } from './given-roles.js';
import { Enabled, madeColumn, nameColumn, PartFrame, type PartProps } from './part.js';

const columns: readonly DataColumn<UserObject>[] = [
  {
    ...nameColumn,
    cell: ({ metadata, spec }) => (
      <>
        <Link className="main-link" href={`/access/users/${metadata.name}`}>
          {metadata.name}
        </Link>
        <You name={metadata.name} />
        {spec.displayName !== undefined && (
          <small className="clipped" title={spec.displayName}>
            {spec.displayName}
          </small>
        )}
      </>
    ),
  },
  { name: 'State', cell: ({ spec }) => <Enabled disabled={spec.disabled} /> },
  { name: 'E-mail', cell: ({ spec }) => <Email address={spec.email} /> },
  { name: 'Roles', cell: ({ metadata }) => <RoleNames subject={{ kind: 'User', name: metadata.name }} /> },
  madeColumn,
  { name: 'Actions', cell: (user) => <UserButtons user={user} /> },
];

/** Whoever looks, among the others. */
function You({ name }: { readonly name: string }) {
  return useSelf() === name ? <span className="tag">you</span> : null;
}

function UserButtons({ user }: { readonly user: UserObject }) {
  const own = useSelf() === user.metadata.name;
  return <ActionButtons object={user} actions={userActions} barred={own ? OWN_USER : undefined} />;
}

function Email({ address }: { readonly address: string | undefined }) {
  if (address === undefined) return <span className="faint none">–</span>;
  return (
    <span className="clipped" title={address}>
      {address}
    </span>
  );
}

export function UsersPage({ tabs }: PartProps) {
  const users = useLive('users');
  const [making, setMaking] = useState(false);
  return (
    <PartFrame
      tabs={tabs}
      what="users"
      live={users}
      items={users.items}
      columns={columns}
      command="ctask get users"
      button="New user"
      right={{ verb: 'create', plural: 'users' }}
      onNew={() => setMaking(true)}
      empty="A user is somebody who may sign in here and have tokens."
    >
      {making && <NewUser onClose={() => setMaking(false)} />}
    </PartFrame>
  );
}

type FirstPassword = 'generated' | 'chosen' | 'none';

function NewUser({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [email, setEmail] = useState('');
  const [way, setWay] = useState<FirstPassword>('generated');
  const [chosen, setChosen] = useState('');
  /** The user is there, without a password: only that is sent again. */
  const [there, setThere] = useState(false);
  const [secret, setSecret] = useState<string>();
  const tell = useToast();
  const [, navigate] = useLocation();
  const command = ctask(
    'create user',
    shellWord(name || 'NAME'),
    ['--display-name', displayName],
    ['--email', email],
    ...(way === 'none' ? [] : ['--password-stdin < first-password.txt']),
  );

  async function send(): Promise<void> {
    const spec = { ...(displayName === '' ? {} : { displayName }), ...(email === '' ? {} : { email }) };
    if (!there) await createObject('users', 'User', { name }, spec);
    setThere(true);
    if (way !== 'none') {
      const password = way === 'chosen' ? chosen : newPassword();
      await setPassword(name, password).catch((cause: unknown) => {
        if (!(cause instanceof ApiError)) throw cause;
        const message = `${name} is there, without a password: ${cause.message}`;
        throw new ApiError(cause.status, cause.reason, message, cause.causes);
      });
      if (way === 'generated') return setSecret(password);
    }
    tell({ text: `${name} is created`, tone: 'good', command });
    done();
  }

  /** There it is said what the user still lacks. */
  function done(): void {
    onClose();
    navigate(`/access/users/${name}`);
  }

  if (secret !== undefined) {
    return (
      <ShownOnce
        title={`${name} is created`}
        label={`First password of ${name}`}
        secret={secret}
        words={`Give ${name} this password. At the first log-in it must be changed.`}
        onClose={done}
      />
    );
  }
  return (
    <FormDialog title="New user" submit="Create" command={command} send={send} onClose={onClose}>
      {(problemAt) => (
        <>
          <TextField
            label="Name"
            value={name}
            onChange={setName}
            required
            hint="What one signs in with, for example ann"
            problem={problemAt('metadata.name')}
          />
          <TextField
            label="Display name"
            value={displayName}
            onChange={setDisplayName}
            problem={problemAt('spec.displayName')}
          />
          <TextField
            label="E-mail"
            type="email"
            value={email}
            onChange={setEmail}
            hint="For people; nothing is sent to it"
            problem={problemAt('spec.email')}
          />
          <SelectField
            label="First password"
            value={way}
            onChange={(value) => setWay(value as FirstPassword)}
            options={[
              ['generated', 'Generated, and shown once'],
              ['chosen', 'Chosen here'],
              ['none', 'None: tokens only'],
            ]}
          />
          {way === 'chosen' && (
            <TextField
              label="Password"
              type="password"
              autoComplete="new-password"
              value={chosen}
              onChange={setChosen}
              required
              hint="15 characters or more; it must be changed at the first log-in"
              problem={problemAt('password')}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
