import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '../api/api-error.js';
import { changePassword, type SessionUser, STILL_SIGNED_IN } from '../api/session.js';
import { Logo } from '../parts/logo.js';
import { useDoor } from './use-door.js';

interface ChangePasswordProps {
  readonly user: SessionUser;
  readonly onChanged: (user: SessionUser) => void;
  readonly onSignOut: () => Promise<void>;
}

/** For who has a password that somebody else chose. */
export function ChangePassword({ user, onChanged, onSignOut }: ChangePasswordProps) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useDoor('Choose a password');

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [current, next, again] = ['current', 'next', 'again'].map((name) => String(fields.get(name) ?? ''));
    if (next !== again) {
      setProblem('The new password is not the same both times.');
      return;
    }
    setBusy(true);
    try {
      onChanged(await changePassword(current!, next!));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.message);
      setBusy(false);
    }
  }

  const leave = () => void onSignOut().catch(() => setProblem(STILL_SIGNED_IN));

  return (
    <main className="sign-in">
      <form
        ref={form}
        className="sign-in-card"
        onSubmit={(event) => void submit(event)}
        aria-labelledby="password-title"
      >
        <Logo />
        <h1 id="password-title">Choose a password</h1>
        <p className="muted">The password of {user.name} was chosen by somebody else: choose one that only you know.</p>
        <input type="hidden" name="username" autoComplete="username" value={user.name} />
        <PasswordField name="current" label="Current password" complete="current-password" />
        <PasswordField name="next" label="New password" complete="new-password" hint="15 characters or more" />
        <PasswordField name="again" label="New password, again" complete="new-password" />
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="button primary wide" disabled={busy}>
          {busy ? 'Changing…' : 'Change password'}
        </button>
        <button type="button" className="button quiet wide" onClick={leave}>
          Sign out {user.name}
        </button>
      </form>
    </main>
  );
}

interface PasswordFieldProps {
  readonly name: string;
  readonly label: string;
  readonly complete: 'current-password' | 'new-password';
  readonly hint?: string;
}

function PasswordField({ name, label, complete, hint }: PasswordFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type="password"
        autoComplete={complete}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        required
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
