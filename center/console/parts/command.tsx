// What a task runs. A long script is folded: whoever opens the page wants to know first when it runs, and where.
import { useState } from 'react';

/** As many as stay in sight; the stylesheet says so, too. */
const LINES = 3;
/** A line that is longer than this is several, also where there is much room. */
const LINE_CHARS = 160;

export function Command({ text }: { readonly text: string }) {
  const [open, setOpen] = useState(false);
  const lines = text.split('\n');
  const long = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE_CHARS)), 0) > LINES;
  return (
    <>
      <pre className="command">
        <code className={long && !open ? 'folded' : undefined}>{text}</code>
      </pre>
      {long && (
        <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open
            ? 'Show less'
            : lines.length > LINES
              ? `Show all ${lines.length.toLocaleString('en')} lines`
              : 'Show all'}
        </button>
      )}
    </>
  );
}
