// Actions on all that is selected: asked about first, with their command lines, eight at a time.
import { useState } from 'react';
import type { Action } from '../actions/action.js';
import { ALLOWED } from '../state/rights.js';
import { useRights } from '../state/use-rights.js';
import { CommandLine } from './command-line.js';
import { Dialog } from './dialog.js';
import { PermittedButton } from './permitted-button.js';
import { useToast } from './toasts.js';

interface BulkBarProps<T> {
  readonly objects: readonly T[];
  readonly actions: readonly Action<T>[];
  /** Word for the objects. */
  readonly what: string;
  readonly onDone: () => void;
}

const AT_A_TIME = 8;
/** Of more command lines than this the others are only counted. */
const LINES_SHOWN = 5;

export function BulkBar<T>({ objects, actions, what, onDone }: BulkBarProps<T>) {
  const [asked, setAsked] = useState<Action<T>>();
  const [busy, setBusy] = useState(false);
  const tell = useToast();
  const may = useRights();
  if (objects.length === 0) return null;
  const allowed = ({ right }: Action<T>) =>
    objects.filter((object) => right === undefined || may(right(object)).allowed);
  const meant = asked === undefined ? [] : allowed(asked).filter(asked.possible);

  async function perform(action: Action<T>): Promise<void> {
    setBusy(true);
    const failures = await eachOf(meant, action.request);
    setBusy(false);
    setAsked(undefined);
    onDone();
    const done = meant.length - failures.length;
    if (done > 0) tell({ text: `${action.name}: done for ${done} ${what}`, tone: 'good' });
    if (failures.length > 0) {
      tell({ text: `${action.name}: ${failures.length} ${what} failed; the first: ${failures[0]}`, tone: 'bad' });
    }
  }

  return (
    <section className="bulk-bar" aria-label="Actions on the selection">
      <strong>{objects.length} selected</strong>
      {actions.map((action) => (
        <PermittedButton
          key={action.verb}
          permission={action.right === undefined ? ALLOWED : may(action.right(allowed(action)[0] ?? objects[0]!))}
          disabled={!allowed(action).some(action.possible)}
          onPress={() => setAsked(action)}
        >
          {action.name}
        </PermittedButton>
      ))}
      <button type="button" className="button quiet" onClick={onDone}>
        Clear
      </button>
      {asked !== undefined && (
        <Dialog title={`${asked.name}: ${meant.length} ${what}?`} onClose={() => setAsked(undefined)}>
          <CommandLine
            command={[
              ...meant.slice(0, LINES_SHOWN).map(asked.command),
              ...(meant.length > LINES_SHOWN ? [`# and ${meant.length - LINES_SHOWN} more`] : []),
            ].join('\n')}
          />
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => setAsked(undefined)}>
              Leave it
            </button>
            <button type="button" className="button primary" disabled={busy} onClick={() => void perform(asked)}>
              {busy ? 'On it…' : asked.name}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

/** What went wrong, one text for each. */
async function eachOf<T>(objects: readonly T[], act: (object: T) => Promise<unknown>): Promise<readonly string[]> {
  const left = [...objects];
  const failures: string[] = [];
  const worker = async () => {
    for (let object = left.shift(); object !== undefined; object = left.shift()) {
      await act(object).catch((error: unknown) => {
        failures.push(error instanceof Error ? error.message : String(error));
      });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return failures;
}
