import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.js';
import { type SessionUser, signIn } from '../api/session.js';
import { Logo } from '../parts/logo.js';
import { ProviderLinks, problemOfAddress } from './provider-links.js';
import { useDoor } from './use-door.js';

interface SignInProps {
  /** There was a session, and it has ended. */
  readonly over: boolean;
  readonly onSignedIn: (user: SessionUser) => void;
}

type Way = 'password' | 'token';

export function SignIn({ over, onSignedIn }: SignInProps) {
  const [way, setWay] = useState<Way>('password');
  const [problem, setProblem] = useState<string | undefined>(() => problemOfAddress(window.location.search));
  const [busy, setBusy] = useState(false);
  const form = useDoor('Sign in', way);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? '').trim();
    setBusy(true);
    setProblem(undefined);
    try {
      const password = String(fields.get('password') ?? '');
      onSignedIn(await signIn(way === 'token' ? { token: text('token') } : { username: text('username'), password }));
    } catch (error) {
      setProblem(wordsFor(error, way));
      form.current?.querySelector<HTMLInputElement>('input[type="password"]')?.select();
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <form
        ref={form}
        className="sign-in-card"
        onSubmit={(event) => void submit(event)}
        aria-labelledby="sign-in-title"
      >
        <Logo />
        <h1 id="sign-in-title">Sign in</h1>
        {over && <p className="note">Your session has ended. Sign in to go on where you were.</p>}
        {way === 'password' ? (
          <>
            <label className="field">
              <span>User</span>
              <input name="username" autoComplete="username" required autoCapitalize="none" spellCheck={false} />
            </label>
            <label className="field">
              <span>Password</span>
              <input name="password" type="password" autoComplete="current-password" required />
            </label>
          </>
        ) : (
          <label className="field">
            <span>Token</span>
            <input name="token" type="password" autoComplete="off" required spellCheck={false} />
            <small>
              The token that <code>ctask</code> uses does here, too. <code>ctask up</code> says in which file it is.
            </small>
          </label>
        )}
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="button primary wide" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
        <ProviderLinks />
        <button
          type="button"
          className="button quiet wide"
          onClick={() => {
            setWay(way === 'token' ? 'password' : 'token');
            setProblem(undefined);
          }}
        >
          {way === 'token' ? 'Sign in with a password' : 'Sign in with a token'}
        </button>
      </form>
    </main>
  );
}

function wordsFor(error: unknown, way: Way): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.status !== 401) return `Signing in did not work: ${error.message}.`;
  return way === 'token' ? 'This token is not valid.' : 'The user or the password is not right.';
}
