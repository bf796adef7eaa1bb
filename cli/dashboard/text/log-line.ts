// A line of a log, ready to be drawn: harmless, its colours kept.
import type { AssembledLine } from '../../output/line-assembler.js';
import { LogNeutralizer } from '../../output/terminal-safety.js';
import type { Line, Span } from './line.js';
import { type Pattern, stretchesOf } from './pattern.js';
import { parseSgr, withoutSgr } from './sgr.js';
import { markStretches, textOf } from './spans.js';

export interface LogText {
  /** Counts the lines of a buffer, from 0, also those that it does not hold any more. */
  readonly number: number;
  readonly stream: 'stdout' | 'stderr' | 'mark';
  readonly attempt: number;
  /** RFC 3339. */
  readonly time: string;
  /** Without line end; of control sequences only those of colours. */
  readonly text: string;
}

/** A longer line is cut: a window shows little of it, and `ctask logs` all. */
const LINE_MAX = 16_384;

export function logTextOf({ stream, attempt, time, bytes }: AssembledLine, number: number): LogText {
  const neutralizer = new LogNeutralizer();
  const all = (neutralizer.write(bytes) + neutralizer.end()).replace(/\r?\n$/, '').replaceAll('\r\n', ' ');
  // A new string: a piece of the old one would keep all of it in memory.
  const text = all.length > LINE_MAX ? `${Buffer.from(all.slice(0, LINE_MAX)).toString()}…` : all;
  return { number, stream, attempt, time, text };
}

/** `short` is for narrow windows: the day without its year, and no milliseconds. */
export type Timestamps = 'none' | 'short' | 'full';

export interface LogLineLook {
  readonly timestamps: Timestamps;
  readonly ascii: boolean;
  readonly pattern?: Pattern | undefined;
  /** The match one went to with `n`. */
  readonly current?: boolean;
}

/** What stderr wrote has a bar before it and a tint where it chose no colour itself: never by colour alone. */
export function logLine(entry: LogText, { timestamps, ascii, pattern, current = false }: LogLineLook): Line {
  if (entry.stream === 'mark') {
    const rule = (ascii ? '-' : '─').repeat(4);
    return [{ text: `${rule} ${entry.text} ${rule}`, meaning: 'title' }];
  }
  const stderr = entry.stream === 'stderr';
  const tint = (span: Span): Span => (stderr && span.style === undefined ? { ...span, meaning: 'warn' } : span);
  const body = parseSgr(entry.text).map(tint);
  const stretches = pattern === undefined ? [] : stretchesOf(pattern, textOf(body));
  const marked = markStretches(body, stretches);
  return [
    barOf(entry, ascii),
    ...(timestamps === 'none' ? [] : [{ text: `${timeWords(entry.time, timestamps)} `, meaning: 'dim' } as const]),
    ...(current
      ? marked.map((span) => (span.meaning === 'match' ? { ...span, inverse: true as const } : span))
      : marked),
  ];
}

/** Before the further rows of a wrapped line: they go on below its text, and are of the same stream. */
export function logLead(entry: LogText, { timestamps, ascii }: LogLineLook, width: number): Line {
  if (entry.stream === 'mark') return [];
  const cells = timestamps === 'none' ? 0 : TIME_CELLS[timestamps] + 1;
  return [barOf(entry, ascii), ...(cells > 0 && cells < width / 2 ? [{ text: ' '.repeat(cells) }] : [])];
}

function barOf({ stream }: LogText, ascii: boolean): Span {
  return stream === 'stderr' ? { text: ascii ? '!' : '┃', meaning: 'warn' } : { text: ' ' };
}

/** What of a line is searched: what is seen. */
export function searchedText({ text }: LogText): string {
  return withoutSgr(text);
}

const TIME_CELLS = { short: 15, full: 24 } as const;

/** `2026-11-22T12:00:00.123Z` or `11-22 12:00:00Z`, always as long. */
function timeWords(time: string, timestamps: 'short' | 'full'): string {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return ' '.repeat(TIME_CELLS[timestamps]);
  const iso = new Date(ms).toISOString();
  return timestamps === 'full' ? iso : `${iso.slice(5, 19).replace('T', ' ')}Z`;
}
