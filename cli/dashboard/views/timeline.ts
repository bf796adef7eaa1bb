// `:timeline`: a bar per run, a ring per time point to come, and a line that is now.
import { formatAge, type Instant } from '../../../base/index.js';
import { fit, type Line, lineCells, type Meaning, type Span } from '../text/line.js';
import { joinSpans } from '../text/spans.js';
import type { RunFacts } from './facts.js';
import { nextDue } from './fires.js';
import { statusGlyph, statusMeaning } from './glyphs.js';
import { firesWithin, TIMELINE_MS, type TimelineRow } from './timeline-model.js';
import { clockTime, distance, runTimeWords } from './times.js';
import { cursorSpan, fitLines, type Size, type ViewContext } from './view-context.js';

export interface TimelineView {
  readonly rows: readonly TimelineRow[];
  /** First row in the window. */
  readonly top: number;
  readonly selected?: number;
  /** Back and ahead, ms; an hour unless given. */
  readonly spanMs?: number;
  /** All rows are of it: their names need not say so. */
  readonly namespace?: string | undefined;
  /** Rows are hidden by a filter. */
  readonly filtered?: boolean;
}

const NAME_MAX = 36;
const NAME_SHARE = 0.3;
/** In this order: what runs, then what is wrong; what goes as it should is the easiest to guess. */
const LEGEND = ['Running', 'Failed', 'TimedOut', 'Lost', 'Missed', 'Cancelled', 'Skipped'];
const HEAD_ROWS = 2;
/** A lower window has no row for words about the selected task. */
const DETAIL_FROM_HEIGHT = 8;

/** Rows of tasks that a window has. */
export function timelineRoom(height: number): number {
  return Math.max(0, height - HEAD_ROWS - Number(height >= DETAIL_FROM_HEIGHT));
}

/** A column of time: `cells` of them, from the time back to the time ahead. */
interface Axis {
  readonly cells: number;
  readonly now: Instant;
  readonly spanMs: number;
  /** The column of an instant; of one before the axis the first, of one after it the last. */
  cell(time: Instant): number;
}

function axisOf(cells: number, now: Instant, spanMs: number): Axis {
  const cell = (time: Instant) => {
    const share = (time - now + spanMs) / (2 * spanMs);
    return Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
  };
  return { cells, now, spanMs, cell };
}

export function timelineLines(view: TimelineView, size: Size, context: ViewContext): Line[] {
  const { spanMs = TIMELINE_MS, selected } = view;
  const nameWidth = Math.min(NAME_MAX, Math.max(8, Math.floor(size.width * NAME_SHARE)));
  const axis = axisOf(Math.max(1, size.width - nameWidth - 3), context.now, spanMs);
  const lead = ' '.repeat(nameWidth + 2);
  const room = timelineRoom(size.height);
  const rows = view.rows.slice(view.top, view.top + room).map((row, index): Line => {
    const number = view.top + index;
    const chosen = number === selected;
    const line: Line = [
      { ...cursorSpan(chosen, context.ascii), click: { row: number } },
      { text: fit(nameOf(row, view), nameWidth) },
      { text: ' ' },
      ...rowLine(row, axis, context),
    ];
    return chosen ? line.map((span) => ({ ...span, inverse: true as const })) : line;
  });
  const body = view.rows.length === 0 ? [noneLine(view, spanMs)] : rows;
  const lines = [legend(view, size.width, context), [{ text: lead }, ...scale(axis)], ...body];
  const chosen = selected === undefined ? undefined : view.rows[selected];
  if (chosen !== undefined && size.height >= DETAIL_FROM_HEIGHT) {
    while (lines.length < HEAD_ROWS + room) lines.push([]);
    lines.push(detailLine(chosen, context));
  }
  return fitLines(lines, size, context);
}

function nameOf({ key }: TimelineRow, { namespace }: TimelineView): string {
  return namespace !== undefined && key.startsWith(`${namespace}/`) ? key.slice(namespace.length + 1) : key;
}

function noneLine({ filtered }: TimelineView, spanMs: number): Line {
  const words = filtered
    ? 'nothing matches; <esc> ends the filter'
    : `nothing ran within the last ${formatAge(spanMs)}, and nothing is due within the next; <shift-z> looks further`;
  return [{ text: ` ${words}`, meaning: 'dim' }];
}

/** The task under the cursor in words: what runs of it, or ran last, and when the next one is due. */
function detailLine({ key, task, runs }: TimelineRow, { now, ascii }: ViewContext): Line {
  const run = runs.findLast(({ state }) => state === 'Running') ?? runs.at(-1);
  const next = task === undefined ? undefined : nextDue(task, now);
  const line: Span[] = [];
  if (run !== undefined) {
    const { text, meaning = 'plain' } = statusGlyph(run.state, ascii);
    line.push({ text: ` ${text} ${run.state}`, meaning }, { text: ` ${runTimeWords(run, now)}`, meaning: 'dim' });
  }
  const due = next === undefined ? 'not due' : `next ${distance(Math.max(next, now + 1), now)}`;
  return [
    ...line,
    { text: `${run === undefined ? ' ' : '  '}${due}` },
    { text: `  ${key}`, meaning: 'title', bold: true },
  ];
}

/** What the glyphs say that are there; of many time points to come, how dense they are. Words stand whole or not at all. */
function legend({ rows }: TimelineView, width: number, { ascii }: ViewContext): Line {
  const states = new Set(rows.flatMap(({ runs }) => runs.map(({ state }) => state)));
  const waiting = states.has('Queued') || states.has('Pending');
  const seen = (all: readonly string[]) =>
    all.filter((state) => states.has(state)).map((state) => [statusGlyph(state, ascii), state] as const);
  const parts: readonly (readonly [Span, string])[] = [
    ...seen(LEGEND),
    [statusGlyph('Pending', ascii), waiting ? 'waiting, due' : 'due'],
    ...seen(['Succeeded']),
    [{ text: (ascii ? ASCII_SHADES : SHADES).join(''), meaning: 'dim' }, 'due often'],
  ];
  const line: Span[] = [];
  for (const [glyph, words] of parts) {
    const part: Line = [{ text: line.length === 0 ? ' ' : '  ' }, glyph, { text: ` ${words}`, meaning: 'dim' }];
    // Room for the ellipsis that says that there are more.
    if (lineCells([...line, ...part]) > width - 2) return [...line, { text: ' …', meaning: 'dim' }];
    line.push(...part);
  }
  return line;
}

/** A word at each quarter; with the time of the day where there is room for it. */
function scale(axis: Axis): Line {
  const { now, spanMs } = axis;
  const ticks = [-1, -0.5, 0, 0.5, 1].map((share) => {
    const time = now + share * spanMs;
    const word = share === 0 ? 'now' : `${share < 0 ? '-' : '+'}${formatAge(Math.abs(share) * spanMs)}`;
    return { share, cell: axis.cell(time), word, full: `${word} ${minuteTime(time, now)}` };
  });
  const placed = (words: (tick: (typeof ticks)[number]) => string) =>
    ticks.map((tick) => ({ word: words(tick), from: wordStart(tick, words(tick).length, axis.cells) }));
  const full = placed((tick) => tick.full);
  const apart = full.every(
    ({ from }, i) => i === 0 || from > (full[i - 1]?.from ?? 0) + (full[i - 1]?.word.length ?? 0),
  );
  const cells = new Array<string>(axis.cells).fill(' ');
  for (const { word, from } of apart ? full : placed((tick) => tick.word)) {
    for (const [i, letter] of [...word].entries()) if (from + i >= 0) cells[from + i] = letter;
  }
  return [{ text: cells.join(''), meaning: 'dim' }];
}

/** The outer words stand at the borders, the others in the middle of what they say. */
function wordStart({ share, cell }: { share: number; cell: number }, length: number, cells: number): number {
  const before = share === -1 ? 0 : share === 1 ? length - 1 : Math.floor(length / 2);
  return Math.min(Math.max(0, cell - before), cells - length);
}

/** `11:30Z`, or with the day where that is another one. */
const minuteTime = (time: Instant, now: Instant): string => clockTime(time, now).replace(/^(\d\d:\d\d):\d\dZ$/, '$1Z');

function rowLine({ task, runs }: TimelineRow, axis: Axis, { ascii, now }: ViewContext): Line {
  const cells = new Array<Span>(axis.cells).fill({ text: ' ' });
  cells[axis.cell(now)] = { text: ascii ? '|' : '│', meaning: 'dim' };
  if (task !== undefined) drawFires(cells, firesWithin(task, now, axis.spanMs), axis, ascii);
  // Of runs that end in the same column the one that matters most is seen.
  const drawn = [...runs].sort((a, b) => weight(a) - weight(b));
  for (const run of drawn) drawRun(cells, run, axis, ascii);
  return joinSpans(cells);
}

function weight({ final, start, bad }: RunFacts): number {
  if (!final) return start === undefined ? 0 : 3;
  return bad ? 2 : 1;
}

/** A ring per time point; where there is more than one in a column, how dense they are. */
function drawFires(cells: Span[], times: readonly Instant[], axis: Axis, ascii: boolean): void {
  const cellMs = (2 * axis.spanMs) / axis.cells;
  for (const [i, time] of times.entries()) {
    if (time <= axis.now || time > axis.now + axis.spanMs) continue;
    const gap = i > 0 ? time - (times[i - 1] ?? 0) : (times[1] ?? Number.POSITIVE_INFINITY) - time;
    const cell = axis.cell(time);
    if (gap >= cellMs) cells[cell] = statusGlyph('Pending', ascii);
    else if (cell !== axis.cell(axis.now)) cells[cell] = density(gap, ascii);
  }
}

const SHADES = ['░', '▒', '▓'];
const ASCII_SHADES = [':', '%', '#'];

function density(gap: number, ascii: boolean): Span {
  const perMinute = 60_000 / gap;
  const level = perMinute < 3 ? 0 : perMinute < 9 ? 1 : 2;
  return { text: (ascii ? ASCII_SHADES : SHADES)[level] ?? '', meaning: 'dim' };
}

/** A bar from start to end, and at its end how it ended; what never ran is its glyph alone. A bar covers no glyph. */
function drawRun(cells: Span[], run: RunFacts, axis: Axis, ascii: boolean): void {
  const end = run.end ?? (run.final ? run.created : axis.now);
  const last = axis.cell(end);
  const meaning: Meaning = statusMeaning(run.state);
  if (run.start !== undefined) {
    for (let cell = axis.cell(run.start); cell < last; cell += 1) {
      if (cells[cell]?.text === ' ') cells[cell] = { text: ascii ? '=' : '━', meaning };
    }
  }
  cells[last] = statusGlyph(run.state, ascii);
}
