import { useEffect } from 'react';
import type { ApiError } from '../api/api-error.js';
import { Logo } from '../parts/logo.js';

interface UnreachableProps {
  readonly error: ApiError;
  /** Asks the center once more. */
  readonly onAgain: () => void;
}

const AGAIN_MS = 5_000;

/** Before anybody knows who is signed in, the center did not answer. It is asked again by itself. */
export function Unreachable({ error, onAgain }: UnreachableProps) {
  useEffect(() => {
    const timer = setInterval(onAgain, AGAIN_MS);
    return () => clearInterval(timer);
  }, [onAgain]);
  return (
    <main className="sign-in">
      <section className="sign-in-card" aria-labelledby="unreachable-title">
        <Logo />
        <h1 id="unreachable-title">The center does not answer</h1>
        <p className="muted" role="status">
          {error.status === 0 ? '' : `It said: ${error.message}. `}It is asked again every {AGAIN_MS / 1000} seconds,
          and the page goes on where it was.
        </p>
        <button type="button" className="button primary wide" onClick={onAgain}>
          Try again now
        </button>
      </section>
    </main>
  );
}
