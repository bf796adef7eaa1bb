// Output as lines of which only those in sight are drawn, so that many do not matter.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine, ChevronDown, ChevronUp, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { LogLine, LogSnapshot } from '../state/run-log.js';
import { ansiParts, plainText } from '../text/ansi.js';

interface LogViewProps {
  readonly log: LogSnapshot;
  /** Asks for the lines before the first; absent when there are none. */
  readonly onAll?: (() => void) | undefined;
}

const LINE_HEIGHT = 20;
/** So near to its end, whoever scrolls wants to see what comes. */
const NEAR_END_PX = 2 * LINE_HEIGHT;

export function LogView({ log, onAll }: LogViewProps) {
  const { lines } = log;
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [wanted, setWanted] = useState('');
  const [match, setMatch] = useState(0);
  const found = useMemo(() => matches(lines, wanted), [lines, wanted]);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 30,
  });

  useEffect(() => {
    if (following && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [following, lines.length, virtualizer]);

  const go = (to: number) => {
    if (found.length === 0) return;
    const next = (to + found.length) % found.length;
    setMatch(next);
    setFollowing(false);
    virtualizer.scrollToIndex(found[next]!, { align: 'center' });
  };

  return (
    <section className="log" aria-label="Log">
      <div className="log-bar">
        <form
          className="search"
          onSubmit={(event) => {
            event.preventDefault();
            go(match + 1);
          }}
        >
          <Search aria-hidden />
          <input
            type="search"
            aria-label="Search the log"
            placeholder="Search the log"
            value={wanted}
            onChange={(event) => {
              setWanted(event.target.value);
              setMatch(-1);
            }}
          />
        </form>
        {wanted !== '' && (
          <span className="muted" role="status">
            {found.length === 0
              ? 'not found'
              : `${match < 0 ? '' : `${match + 1} of `}${found.length} ${found.length === 1 ? 'line' : 'lines'}`}
          </span>
        )}
        <button type="button" className="icon-button" aria-label="Match before" onClick={() => go(match - 1)}>
          <ChevronUp aria-hidden />
        </button>
        <button type="button" className="icon-button" aria-label="Next match" onClick={() => go(match + 1)}>
          <ChevronDown aria-hidden />
        </button>
        <span className="grow" />
        <span className="muted hide-narrow">{lines.length.toLocaleString('en')} lines</span>
        <button
          type="button"
          className={following ? 'button on' : 'button'}
          aria-pressed={following}
          onClick={() => setFollowing(!following)}
        >
          <ArrowDownToLine aria-hidden />
          Follow
        </button>
      </div>
      {log.cut && onAll !== undefined && (
        <p className="log-note">
          Earlier lines are not shown.{' '}
          <button type="button" className="link" onClick={onAll}>
            Read the whole log
          </button>
        </p>
      )}
      <div
        ref={box}
        className="log-lines"
        role="log"
        aria-label="Output"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setFollowing(scrollHeight - scrollTop - clientHeight < NEAR_END_PX)
        }
      >
        <div className="log-space" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => (
            <Line
              key={index}
              line={lines[index]!}
              number={index + 1}
              top={start}
              marked={wanted !== '' && plainText(lines[index]!.text).toLowerCase().includes(wanted.toLowerCase())}
              current={found[match] === index}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

interface LineProps {
  readonly line: LogLine;
  readonly number: number;
  readonly top: number;
  readonly marked: boolean;
  readonly current: boolean;
}

function Line({ line, number, top, marked, current }: LineProps) {
  const classes = ['log-line', line.stream, marked ? 'marked' : '', current ? 'current' : ''].filter(Boolean).join(' ');
  return (
    <div className={classes} style={{ transform: `translateY(${top}px)` }}>
      <span className="log-number" aria-hidden="true">
        {number}
      </span>
      <span className="log-text">
        {ansiParts(line.text).map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a line have no other name
          <span key={index} className={part.classes || undefined}>
            {part.text}
          </span>
        ))}
      </span>
    </div>
  );
}

function matches(lines: readonly LogLine[], wanted: string): readonly number[] {
  if (wanted === '') return [];
  const lower = wanted.toLowerCase();
  const found: number[] = [];
  for (const [index, { text }] of lines.entries()) {
    if (plainText(text).toLowerCase().includes(lower)) found.push(index);
  }
  return found;
}
