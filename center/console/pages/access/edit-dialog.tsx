import { useState } from 'react';
import { patchSpec, type UserObject } from '../../actions/access-actions.js';
import { TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { useToast } from '../../parts/toasts.js';
import { ctask } from '../../text/shell.js';

interface EditDialogProps {
  readonly user: UserObject;
  readonly onClose: () => void;
}

/** What people call a user, and where they write to. The name one signs in with stays. */
export function EditDialog({ user, onClose }: EditDialogProps) {
  const { name, resourceVersion } = user.metadata;
  const [displayName, setDisplayName] = useState(user.spec.displayName ?? '');
  const [email, setEmail] = useState(user.spec.email ?? '');
  const tell = useToast();
  // In a merge patch null takes a field away.
  const spec = { displayName: displayName || null, email: email || null };
  const command = ctask('patch user', name, '--type', 'merge', ['-p', JSON.stringify({ spec })]);
  async function send(): Promise<void> {
    await patchSpec('users', name, spec, resourceVersion);
    tell({ text: `${name} is changed`, tone: 'good', command });
    onClose();
  }
  return (
    <FormDialog title={`Edit ${name}`} submit="Save" command={command} send={send} onClose={onClose}>
      {(problemAt) => (
        <>
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
        </>
      )}
    </FormDialog>
  );
}
