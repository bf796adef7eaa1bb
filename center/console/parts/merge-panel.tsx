// Somebody else has changed what is being edited: their change field by field, and whose counts.
import { useState } from 'react';
import type { TheirChange } from '../text/merge.js';

interface MergePanelProps {
  readonly changes: readonly TheirChange[];
  /** Takes what is theirs of these over into the text. */
  readonly onMerge: (taken: readonly TheirChange[]) => void;
  /** Begins anew with what is stored; what was typed is lost. */
  readonly onAgain: () => void;
}

const nameOf = ({ path }: TheirChange): string => path.join('.');

export function MergePanel({ changes, onMerge, onAgain }: MergePanelProps) {
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  const keep = (name: string, own: boolean) => {
    const after = new Set(mine);
    if (own) after.add(name);
    else after.delete(name);
    setMine(after);
  };
  return (
    <section className="merge card" aria-label="Changes of somebody else">
      <p>
        <strong>It has changed since you began.</strong> Nothing of it is lost: choose where both of you changed the
        same.
      </p>
      <ul>
        {changes.map((change) => {
          const name = nameOf(change);
          return (
            <li key={name}>
              <code>{name}</code>
              {change.clash ? (
                <fieldset>
                  <legend className="visually-hidden">Whose {name}</legend>
                  {[false, true].map((own) => (
                    <label key={String(own)}>
                      <input
                        type="radio"
                        name={`merge ${name}`}
                        checked={mine.has(name) === own}
                        onChange={() => keep(name, own)}
                      />
                      {own ? 'Mine' : 'Theirs'}: <code>{words(own ? change.mine : change.theirs)}</code>
                    </label>
                  ))}
                </fieldset>
              ) : (
                <span>
                  <del>{words(change.before)}</del> <ins>{words(change.theirs)}</ins>
                </span>
              )}
            </li>
          );
        })}
        {changes.length === 0 && <li>They have done what you have done.</li>}
      </ul>
      <div className="actions">
        <button
          type="button"
          className="button primary"
          onClick={() => onMerge(changes.filter((change) => !mine.has(nameOf(change))))}
        >
          Merge
        </button>
        <button type="button" className="button" onClick={onAgain}>
          Discard mine
        </button>
      </div>
    </section>
  );
}

function words(value: unknown): string {
  if (value === undefined) return 'not there';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
