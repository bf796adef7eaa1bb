// Actions on one object. Each shows its command line: before it is asked for where it is a thing to think about, else after.
import { type ReactNode, Suspense, useState } from 'react';
import { type Action, questionOf } from '../actions/action.js';
import { useOffering } from '../shell/present-actions.js';
import { ALLOWED, type Permission } from '../state/rights.js';
import { useRights } from '../state/use-rights.js';
import { CommandLine } from './command-line.js';
import { Dialog } from './dialog.js';
import { PermittedButton } from './permitted-button.js';
import { useToast } from './toasts.js';

interface ActionButtonsProps<T> {
  readonly object: T;
  readonly actions: readonly Action<T>[];
  /** They are those of the page, with this as the name of its object: the command palette has them, too. */
  readonly ofPage?: string;
  /** Why whoever is signed in had better leave alone what is dangerous here. */
  readonly barred?: string | undefined;
  /** Stands before what is dangerous. */
  readonly children?: ReactNode;
}

export function ActionButtons<T>({ object, actions, ofPage, barred, children }: ActionButtonsProps<T>) {
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

  const permissionOf = ({ right, danger }: Action<T>): Permission => {
    const permission = right === undefined ? ALLOWED : may(right(object));
    return permission.allowed && danger && barred !== undefined ? { allowed: false, reason: barred } : permission;
  };
  const formOf = (action: Action<T>) => (action.form?.needed(object) ? action.form.Form : undefined);
  const start = (action: Action<T>) => {
    if (action.warning === undefined && formOf(action) === undefined) void perform(action);
    else setAsked(action);
  };
  const Form = asked === undefined ? undefined : formOf(asked);
  const possible = actions.filter((action) => action.possible(object));
  useOffering(
    ofPage === undefined
      ? undefined
      : possible.map((action) => ({
          ...{ name: `${action.name} ${ofPage}`, command: action.command(object) },
          ...{ permission: permissionOf(action), start: () => start(action) },
        })),
  );

  // In rows, a filled button each would be louder than what the rows say.
  const classOf = ({ danger, primary }: Action<T>) =>
    danger ? 'button danger' : primary && ofPage !== undefined ? 'button primary' : 'button';
  const button = (action: Action<T>) => (
    <PermittedButton
      key={action.name}
      permission={permissionOf(action)}
      className={classOf(action)}
      title={action.command(object)}
      disabled={busy !== undefined}
      onPress={() => start(action)}
    >
      {action.name}
    </PermittedButton>
  );
  return (
    <div className="actions">
      {possible.filter(({ danger }) => !danger).map(button)}
      {children}
      {possible.filter(({ danger }) => danger).map(button)}
      {Form !== undefined && (
        <Suspense>
          <Form object={object} onClose={() => setAsked(undefined)} />
        </Suspense>
      )}
      {asked !== undefined && Form === undefined && (
        <Dialog title={questionOf(asked, object)} onClose={() => setAsked(undefined)}>
          <p>{asked.warning?.(object)}</p>
          {asked.preview?.(object)}
          <CommandLine command={asked.command(object)} />
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => setAsked(undefined)}>
              Leave it
            </button>
            <button
              type="button"
              className={asked.danger ? 'button danger filled' : 'button primary'}
              onClick={() => void perform(asked)}
            >
              {asked.name}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
