// A form in a dialog: its fields, the ctask line that does the same, and at which field the center says no.
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '../api/api-error.js';
import { CommandLine } from './command-line.js';
import { Dialog } from './dialog.js';

/** What the center has said about a field, by its path. A path speaks for what is below it. */
export type ProblemAt = (field: string) => string | undefined;

interface FormDialogProps {
  readonly title: string;
  /** Word of the button. */
  readonly submit: string;
  /** Absent where no command does the same. */
  readonly command?: string;
  readonly danger?: boolean;
  /** Nothing to send yet. */
  readonly incomplete?: boolean;
  /** Throws ApiError; the dialog stays and says why. */
  readonly send: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: (problemAt: ProblemAt) => ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { title, submit, command, danger = false, incomplete = false, send, onClose, children } = props;
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const causes = error?.causes ?? [];
  const shown = new Set<unknown>();
  const problemAt: ProblemAt = (path) => {
    const found = causes.find(
      ({ field = '' }) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`),
    );
    if (found !== undefined) shown.add(found);
    // Which field it is about is plain there.
    return found?.message.replace(`${found.field}: `, '');
  };
  const fields = children(problemAt);
  // What none of the fields has shown.
  const rest = causes.length === 0 ? error?.message : causes.find((cause) => !shown.has(cause))?.message;

  async function submitted(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await send();
    } catch (cause) {
      setError(cause instanceof ApiError ? cause : new ApiError(0, 'Unknown', String(cause)));
    }
    setBusy(false);
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void submitted(event)}>
        {fields}
        <p className="form-problem" role="alert">
          {rest}
        </p>
        {command !== undefined && <CommandLine command={command} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={onClose}>
            Leave it
          </button>
          <button
            type="submit"
            className={danger ? 'button danger filled' : 'button primary'}
            disabled={busy || incomplete}
          >
            {busy ? 'On it…' : submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
