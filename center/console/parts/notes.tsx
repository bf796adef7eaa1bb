// What a page says instead of its contents, or above them.
import type { ReactNode } from 'react';
import { ApiError } from '../api/api-error.js';
import type { Live } from '../state/use-live.js';

export function ErrorNote({ error }: { readonly error: unknown }) {
  const text = error instanceof ApiError || error instanceof Error ? error.message : String(error);
  return (
    <p className="note bad" role="alert">
      {text.charAt(0).toUpperCase() + text.slice(1)}
      {/[.!?]$/.test(text) ? '' : '.'}
    </p>
  );
}

/** Says that what is shown may be old, may not be seen, or is not all. Nothing while all is well. */
export function LiveNote({ live, what }: { readonly live: Live<unknown>; readonly what: string }) {
  if (live.phase === 'refused') return <ErrorNote error={live.error} />;
  return (
    <>
      {live.phase === 'stale' && (
        <p className="note warn" role="status">
          {live.items.length === 0
            ? `The center does not answer; the ${what} are shown as soon as it does.`
            : 'The center does not answer; this is what it said last.'}
        </p>
      )}
      {live.cut && (
        <p className="note">
          There are more {what} than are shown here. Choose a namespace or a filter to see fewer of them.
        </p>
      )}
    </>
  );
}

interface EmptyProps {
  readonly title: string;
  /** The list that is empty: of one that could not be read nobody says that there is nothing in it. */
  readonly live?: Pick<Live<unknown>, 'phase'>;
  readonly children?: ReactNode;
}

export function Empty({ title, live, children }: EmptyProps) {
  if (live !== undefined && live.phase !== 'live') return null;
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Lines in the place of what is on its way. */
export function Loading({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div className="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <span key={line} />
      ))}
    </div>
  );
}
