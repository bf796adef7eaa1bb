import { useEffect, useState } from 'react';
import { CommandLine } from '../../parts/command-line.js';
import { ErrorNote } from '../../parts/notes.js';
import { type Verification, verifyAudit } from '../../state/audit.js';

/** Checks the chain of all entries as long as it is on the page. */
export function Verify() {
  const [so, setSo] = useState<Verification>();
  const [done, setDone] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    const ending = new AbortController();
    verifyAudit(setSo, ending.signal).then(
      (result) => {
        setSo(result);
        setDone(true);
      },
      (cause: unknown) => {
        if (!ending.signal.aborted) setError(cause);
      },
    );
    return () => ending.abort();
  }, []);
  return (
    <section className="card verify" aria-label="Verification">
      <header className="card-head">
        <h2>Whether the audit is whole</h2>
        <span className="muted">computed in this browser</span>
      </header>
      {error !== undefined ? (
        <ErrorNote error={error} />
      ) : so === undefined || !done ? (
        <>
          <progress max={so?.of ?? 1} value={so?.checked ?? 0} aria-label="Entries checked" />
          <p className="muted" role="status">
            {so === undefined ? 'Reading…' : `${so.checked.toLocaleString('en')} of ${so.of.toLocaleString('en')}`}
          </p>
        </>
      ) : so.broken === undefined ? (
        <p role="status">
          <span className="state good">Whole</span> {so.checked.toLocaleString('en')} entries, up to {so.head.sequence}{' '}
          with hash <code>{so.head.hash}</code>
        </p>
      ) : (
        <p role="alert">
          <span className="state bad">Broken</span> Entry {so.broken.sequence}: {so.broken.why}
        </p>
      )}
      <CommandLine command="ctask audit writes --verify" />
    </section>
  );
}
