import { useState } from 'react';
import { ApiError } from '../../api/api-error.js';
import { changePassword } from '../../api/session.js';
import { TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { useToast } from '../../parts/toasts.js';

interface PasswordChangeProps {
  readonly user: string;
  readonly onClose: () => void;
}

export function PasswordChange({ user, onClose }: PasswordChangeProps) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const tell = useToast();
  const differs = again !== '' && again !== next;

  async function send(): Promise<void> {
    if (again !== next) throw new ApiError(400, 'BadRequest', 'The new password is not the same both times');
    await changePassword(current, next);
    tell({ text: 'Your password is changed; other sessions of yours have ended', tone: 'good' });
    onClose();
  }

  return (
    <FormDialog title="Change password" submit="Change" send={send} onClose={onClose}>
      {(problemAt) => (
        <>
          <input type="hidden" name="username" autoComplete="username" value={user} />
          <TextField
            label="Current password"
            type="password"
            autoComplete="current-password"
            value={current}
            onChange={setCurrent}
            required
            problem={problemAt('current')}
          />
          <TextField
            label="New password"
            type="password"
            autoComplete="new-password"
            value={next}
            onChange={setNext}
            required
            hint="15 characters or more"
            problem={problemAt('new')}
          />
          <TextField
            label="New password, again"
            type="password"
            autoComplete="new-password"
            value={again}
            onChange={setAgain}
            required
            problem={differs ? 'It is not the same' : undefined}
          />
        </>
      )}
    </FormDialog>
  );
}
