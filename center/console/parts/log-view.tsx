// Output as lines of which only those in sight are drawn, of a window that moves over the log.
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  ArrowDownToLine,
  ArrowUpToLine,
  ChevronDown,
  ChevronUp,
  Download,
  type LucideIcon,
  Search,
  WrapText,
} from 'lucide-react';
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { formatBytes } from '../../../base/index.js';
import { pathOf, urlOf } from '../api/request.js';
import type { LogLine } from '../state/log-parser.js';
import { type LogSnapshot, LogWindow, PART_BYTES } from '../state/log-window.js';
import { useLogSearch } from '../state/use-log-search.js';
import { ansiParts, plainText } from '../text/ansi.js';
import { CopyButton } from './copy-button.js';
import { ErrorNote } from './notes.js';

interface LogViewProps {
  readonly namespace: string;
  readonly run: string;
  readonly attempt: number;
  /** Nothing more comes. */
  readonly over: boolean;
}

const LINE_HEIGHT = 20;
/** So near to its end, whoever scrolls wants to see what comes. */
const NEAR_END_PX = 2 * LINE_HEIGHT;
/** So near to an end of the window, what lies beyond is read. */
const NEAR_EDGE_PX = 200 * LINE_HEIGHT;
/** A log that is larger has a slider. */
const LARGE_BYTES = 4 * PART_BYTES;
const SLIDING_MS = 150;
/** So many lines may have any height: all of them are drawn. Of more, only those in sight, which takes lines that are equally high. */
const WRAPPED_LINES = 1000;
const NARROW = '(max-width: 760px)';

export function LogView({ namespace, run, attempt, over }: LogViewProps) {
  const window = useMemo(() => new LogWindow(namespace, run, attempt), [namespace, run, attempt]);
  useEffect(() => {
    window.end();
    return () => window.stop();
  }, [window]);
  const log = useSyncExternalStore(window.subscribe, window.snapshot);
  const { lines, shift, jumps, atEnd } = log;
  const whole = log.from === 0 && atEnd;
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [wrap, setWrap] = useState(() => matchMedia(NARROW).matches);
  const wrapped = wrap && whole && lines.length <= WRAPPED_LINES;
  const [wanted, setWanted] = useState('');
  const [match, setMatch] = useState(-1);
  /** Where a jump leads to, until its line is there. */
  const [aim, setAim] = useState<number>();
  const found = useLogSearch({ namespace, run, attempt }, log, wanted);
  // It is never asked to scroll: it would try again later, when the window is elsewhere.
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 30,
  });

  useEffect(() => window.hold(!following), [window, following]);

  // What is put in front of the window must not push away what is read.
  const before = useRef({ shift, jumps });
  useLayoutEffect(() => {
    const element = box.current!;
    if (before.current.jumps !== jumps) element.scrollTop = 0;
    else if (!following) element.scrollTop += (shift - before.current.shift) * LINE_HEIGHT;
    before.current = { shift, jumps };
  }, [shift, jumps, following]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: wrapped lines are higher, and the end is elsewhere
  useEffect(() => {
    const element = box.current!;
    if (following && atEnd && lines.length > 0) element.scrollTop = element.scrollHeight;
  }, [following, atEnd, lines, wrapped]);

  useEffect(() => {
    if (aim === undefined) return;
    const index = indexOf(lines, aim);
    if (index < 0) return;
    setAim(undefined);
    const element = box.current!;
    const drawn = wrapped ? element.firstElementChild?.children[index] : undefined;
    const top = drawn instanceof HTMLElement ? drawn.offsetTop : index * LINE_HEIGHT;
    element.scrollTop = top - element.clientHeight / 2;
  }, [aim, lines, wrapped]);

  const leave = () => {
    setFollowing(false);
    window.hold(true);
  };
  const go = (to: number) => {
    if (found === undefined || found.at.length === 0) return;
    const next = (to + found.at.length) % found.at.length;
    const at = found.at[next]!;
    setMatch(next);
    leave();
    if (indexOf(lines, at) < 0) window.jump(at);
    setAim(at);
  };
  const slide = (to: number) => {
    leave();
    window.jump(to);
    setAim(to);
  };
  const scrolled = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement) => {
    const below = scrollHeight - scrollTop - clientHeight;
    if (aim === undefined) setFollowing(atEnd && below < NEAR_END_PX);
    if (scrollTop < NEAR_EDGE_PX) window.earlier();
    if (below < NEAR_EDGE_PX) window.later();
  };
  const visible: readonly { readonly index: number; readonly start?: number }[] = wrapped
    ? lines.map((_, index) => ({ index }))
    : virtualizer.getVirtualItems();
  const top = lines[virtualizer.range?.startIndex ?? 0]?.at ?? log.from;

  return (
    <section className="log" aria-label="Log">
      {log.phase === 'refused' && <ErrorNote error={log.error} />}
      {log.phase === 'lost' && (
        <p className="log-note" role="status">
          The center does not answer; the log goes on as soon as it does.
        </p>
      )}
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
            {found === undefined ? 'looking…' : foundWords(found.at.length, found.cut, match)}
          </span>
        )}
        <button type="button" className="icon-button" aria-label="Match before" onClick={() => go(match - 1)}>
          <ChevronUp aria-hidden />
        </button>
        <button type="button" className="icon-button" aria-label="Next match" onClick={() => go(match + 1)}>
          <ChevronDown aria-hidden />
        </button>
        <span className="grow" />
        {log.size > LARGE_BYTES && <Slider size={log.size} at={top} onSlide={slide} />}
        <span className="muted hide-narrow">{sizeWords(log)}</span>
        <JumpButton
          name="Start of the log"
          Icon={ArrowUpToLine}
          onJump={() => {
            leave();
            if (log.from > 0) window.start();
            else box.current!.scrollTop = 0;
          }}
        />
        {over ? (
          <JumpButton
            name="End of the log"
            Icon={ArrowDownToLine}
            onJump={() => {
              if (!atEnd) window.end();
              else box.current!.scrollTop = box.current!.scrollHeight;
              setFollowing(true);
            }}
          />
        ) : (
          <button
            type="button"
            className={following ? 'button on' : 'button'}
            aria-pressed={following}
            aria-label="Follow"
            title="Stay at the end, where new lines come"
            onClick={() => {
              if (!following && !atEnd) window.end();
              setFollowing(!following);
            }}
          >
            <ArrowDownToLine aria-hidden />
            <span className="hide-narrow">Follow</span>
          </button>
        )}
        {whole && lines.length <= WRAPPED_LINES && (
          <button
            type="button"
            className={wrap ? 'button on' : 'button'}
            aria-pressed={wrap}
            aria-label="Wrap lines"
            title="Wrap lines"
            onClick={() => setWrap(!wrap)}
          >
            <WrapText aria-hidden />
          </button>
        )}
        {whole && (
          <CopyButton
            className="button"
            label="Copy the log"
            text={() => lines.map(({ text }) => `${plainText(text)}\n`).join('')}
          />
        )}
        <a
          className="button"
          href={urlOf(pathOf('runs', namespace, run, 'log'), { attempt })}
          download={`${run}${attempt > 1 ? `-${attempt}` : ''}.log`}
          aria-label="Download the log"
          title="Download the log"
        >
          <Download aria-hidden />
        </a>
      </div>
      <div
        ref={box}
        className={wrapped ? 'log-lines wrapped' : 'log-lines'}
        role="log"
        aria-label="Output"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        tabIndex={0}
        onScroll={({ currentTarget }) => scrolled(currentTarget)}
      >
        <div className="log-space" style={wrapped ? undefined : { height: virtualizer.getTotalSize() }}>
          {visible.map(({ index, start }) => {
            const line = lines[index]!;
            return (
              <Line
                key={`${line.stream} ${line.at}`}
                line={line}
                number={log.first === undefined ? undefined : log.first + index}
                top={start}
                marked={wanted !== '' && plainText(line.text).toLowerCase().includes(wanted.toLowerCase())}
                current={match >= 0 && found?.at[match] === line.at}
              />
            );
          })}
        </div>
      </div>
    </section>
  );
}

function foundWords(count: number, cut: boolean, match: number): string {
  if (count === 0) return 'not found';
  const of = match < 0 ? '' : `${match + 1} of `;
  return `${of}${cut ? `the first ${count.toLocaleString('en')}` : count} ${count === 1 ? 'line' : 'lines'}`;
}

function sizeWords({ lines, from, atEnd, size }: LogSnapshot): string {
  if (from > 0 || !atEnd) return formatBytes(size);
  return `${lines.length.toLocaleString('en')} ${lines.length === 1 ? 'line' : 'lines'}`;
}

/** The line that begins there, or the next one; -1 when the window does not hold the place. */
function indexOf(lines: readonly LogLine[], at: number): number {
  if (lines.length === 0 || lines[0]!.at > at || lines.at(-1)!.at < at) return -1;
  return lines.findIndex((line) => line.at >= at);
}

interface SliderProps {
  readonly size: number;
  readonly at: number;
  readonly onSlide: (to: number) => void;
}

interface JumpButtonProps {
  readonly name: string;
  readonly Icon: LucideIcon;
  readonly onJump: () => void;
}

function JumpButton({ name, Icon, onJump }: JumpButtonProps) {
  return (
    <button type="button" className="button" aria-label={name} title={name} onClick={onJump}>
      <Icon aria-hidden />
      <span className="hide-narrow">{name}</span>
    </button>
  );
}

/** How far into the log the window is; each place that it is drawn to is a request. */
function Slider({ size, at, onSlide }: SliderProps) {
  const [drawn, setDrawn] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only drawing starts the wait
  useEffect(() => {
    if (drawn === undefined) return undefined;
    const timer = setTimeout(() => {
      onSlide(drawn);
      setDrawn(undefined);
    }, SLIDING_MS);
    return () => clearTimeout(timer);
  }, [drawn]);
  const percent = `${Math.round((100 * at) / size)} %`;
  return (
    <input
      type="range"
      className="log-place hide-narrow"
      aria-label="Place in the log"
      aria-valuetext={percent}
      title={percent}
      min={0}
      max={size}
      step={Math.ceil(size / 1000)}
      value={drawn ?? at}
      onChange={(event) => setDrawn(Number(event.target.value))}
    />
  );
}

interface LineProps {
  readonly line: LogLine;
  readonly number: number | undefined;
  /** From the first line, px; undefined where it stands below the one before. */
  readonly top: number | undefined;
  readonly marked: boolean;
  readonly current: boolean;
}

/** Drawn anew only when it is another: of a log that is followed all stay but the last. */
const Line = memo(function Line({ line, number, top, marked, current }: LineProps) {
  const classes = ['log-line', line.stream, marked ? 'marked' : '', current ? 'current' : ''].filter(Boolean).join(' ');
  return (
    <div className={classes} style={top === undefined ? undefined : { transform: `translateY(${top}px)` }}>
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
});
