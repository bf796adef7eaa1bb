import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.js';
import { changePassword, type SessionUser } from '../api/session.js';
import { Logo } from '../parts/logo.js';

interface ChangePasswordProps {
  readonly user: SessionUser;
  readonly onChanged: (user: SessionUser) => void;
}

/** For who has a password that somebody else chose. */
export function ChangePassword({ user, onChanged }: ChangePasswordProps) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [current, next, again] = ['current', 'next', 'again'].map((name) => String(form.get(name) ?? ''));
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

  return (
    <main className="sign-in">
      <form className="sign-in-card" onSubmit={(event) => void submit(event)} aria-labelledby="password-title">
        <Logo />
        <h1 id="password-title">Choose a password</h1>
        <p className="muted">
          The password of {user.name} was chosen by somebody else. Choose one that only you know: 15 characters or more.
        </p>
        <input type="hidden" name="username" autoComplete="username" value={user.name} />
        <PasswordField name="current" label="Current password" complete="current-password" />
        <PasswordField name="next" label="New password" complete="new-password" />
        <PasswordField name="again" label="New password, again" complete="new-password" />
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="button primary wide" disabled={busy}>
          {busy ? 'Changing…' : 'Change password'}
        </button>
      </form>
    </main>
  );
}

interface PasswordFieldProps {
  readonly name: string;
  readonly label: string;
  readonly complete: 'current-password' | 'new-password';
}

function PasswordField({ name, label, complete }: PasswordFieldProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input name={name} type="password" autoComplete={complete} required />
    </label>
  );
}
