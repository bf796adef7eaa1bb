import { useState } from 'react';
import { setPassword } from '../../actions/access-actions.js';
import { SelectField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { ShownOnce } from '../../parts/shown-once.js';
import { useToast } from '../../parts/toasts.js';
import { newPassword } from '../../text/passwords.js';
import { ctask } from '../../text/shell.js';

/** Another password for a user who has forgotten theirs. */
export function PasswordDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [generated, setGenerated] = useState(true);
  const [chosen, setChosen] = useState('');
  const [secret, setSecret] = useState<string>();
  const tell = useToast();
  const command = ctask('auth set-password', name, '--password-stdin < new-password.txt');
  async function send(): Promise<void> {
    const password = generated ? newPassword() : chosen;
    await setPassword(name, password);
    if (generated) return setSecret(password);
    tell({ text: `The password of ${name} is set`, tone: 'good', command });
    onClose();
  }
  if (secret !== undefined) {
    return (
      <ShownOnce
        title={`The password of ${name} is set`}
        label={`New password of ${name}`}
        secret={secret}
        words={`Give ${name} this password. At the next log-in it must be changed.`}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog title={`Password of ${name}`} submit="Set password" command={command} send={send} onClose={onClose}>
      {(problemAt) => (
        <>
          <p className="muted">All sessions of {name} end. Tokens stay in force.</p>
          <SelectField
            label="Password"
            value={generated ? 'generated' : 'chosen'}
            onChange={(value) => setGenerated(value === 'generated')}
            options={[
              ['generated', 'Generated, and shown once'],
              ['chosen', 'Chosen here'],
            ]}
          />
          {!generated && (
            <TextField
              label="New password"
              type="password"
              autoComplete="new-password"
              value={chosen}
              onChange={setChosen}
              required
              hint="15 characters or more; it must be changed at the next log-in"
              problem={problemAt('password')}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
