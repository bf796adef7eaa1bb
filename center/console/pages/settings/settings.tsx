// Who is signed in and what they may, their password and tokens, and how they like to see things.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { currentUser, type SessionUser } from '../../api/session.js';
import { CommandLine } from '../../parts/command-line.js';
import { Moment } from '../../parts/moment.js';
import { ErrorNote, Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { RightsOf } from '../../parts/rights-of.js';
import { exactTime } from '../../text/times.js';
import { About } from './about.js';
import { Looks } from './looks.js';
import { OwnTokens } from './own-tokens.js';
import { PasswordChange } from './password-change.js';

export function SettingsPage() {
  const session = useQuery({ queryKey: ['session'], queryFn: currentUser });
  return (
    <>
      <PageHead title="Settings" />
      {session.error !== null ? (
        <ErrorNote error={session.error} />
      ) : session.data === undefined ? (
        <Loading />
      ) : (
        <div className="settings">
          <Myself user={session.data} />
          <Looks />
          <OwnTokens />
          <RightsOf />
          <About />
        </div>
      )}
    </>
  );
}

function SessionEnd({ time }: { readonly time: string }) {
  return (
    <>
      <Moment time={time} ahead /> <span className="muted">on {exactTime(Date.parse(time))}</span>
    </>
  );
}

function Myself({ user }: { readonly user: SessionUser }) {
  const [changing, setChanging] = useState(false);
  return (
    <section className="card" aria-label="Who is signed in">
      <header className="card-head">
        <h2>{user.name}</h2>
        <button type="button" className="button" onClick={() => setChanging(true)}>
          Change password
        </button>
      </header>
      <dl className="facts">
        <div>
          <dt>Groups</dt>
          <dd>{user.groups.join(', ') || 'none: what you may comes from roles of your own'}</dd>
        </div>
        <div>
          <dt>Session ends</dt>
          <dd>{user.expires === undefined ? 'when you sign out' : <SessionEnd time={user.expires} />}</dd>
        </div>
      </dl>
      <CommandLine command="ctask auth whoami" />
      {changing && <PasswordChange user={user.name} onClose={() => setChanging(false)} />}
    </section>
  );
}
