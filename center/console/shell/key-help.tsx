import { useState } from 'react';
import { Dialog } from '../parts/dialog.js';
import { CONTROL, KEYS, lettersOn, switchLetters } from './keys.js';

/** The table of keys. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  const [on, setOn] = useState(lettersOn);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(({ keys, says, control }) => (
          <div key={says}>
            <dt>
              {[...(control ? [CONTROL] : []), ...keys].map((key) => (
                <kbd key={key}>{key.length === 1 && control ? key.toUpperCase() : key}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <label className="check-line">
        <input
          type="checkbox"
          checked={on}
          onChange={() => {
            switchLetters(!on);
            setOn(!on);
          }}
        />
        Keys without {CONTROL} are on
      </label>
      <div className="dialog-buttons">
        <button type="button" className="button primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
