// Actions on one object. Each shows its command line: before it is asked for where it is a thing to think about, else after.
import { useState } from 'react';
import type { Action } from '../actions/action.js';
import { useRights } from '../state/use-rights.js';
import { CommandLine } from './command-line.js';
import { Dialog } from './dialog.js';
import { PermittedButton } from './permitted-button.js';
import { useToast } from './toasts.js';

interface ActionButtonsProps<T> {
  readonly object: T;
  readonly actions: readonly Action<T>[];
}

export function ActionButtons<T>({ object, actions }: ActionButtonsProps<T>) {
  const [asked, setAsked] = useState<Action<T>>();
  const [busy, setBusy] = useState<string>();
  const tell = useToast();
  const may = useRights();

  async function perform(action: Action<T>): Promise<void> {
    setAsked(undefined);
    setBusy(action.verb);
    const command = action.command(object);
    try {
      await action.request(object);
      tell({ text: action.done(object), tone: 'good', command });
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    } finally {
      setBusy(undefined);
    }
  }

  return (
    <div className="actions">
      {actions
        .filter(({ possible }) => possible(object))
        .map((action) => (
          <PermittedButton
            key={action.verb}
            permission={may(action.right(object))}
            className={action.danger ? 'button danger' : 'button'}
            title={action.command(object)}
            disabled={busy !== undefined}
            onPress={() => (action.warning === undefined ? void perform(action) : setAsked(action))}
          >
            {action.name}
          </PermittedButton>
        ))}
      {asked !== undefined && (
        <Dialog title={`${asked.name}?`} onClose={() => setAsked(undefined)}>
          <p>{asked.warning?.(object)}</p>
          {asked.preview?.(object)}
          <CommandLine command={asked.command(object)} />
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => setAsked(undefined)}>
              Leave it
            </button>
            <button type="button" className="button danger filled" onClick={() => void perform(asked)}>
              {asked.name}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
