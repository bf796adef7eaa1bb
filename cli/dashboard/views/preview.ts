// `x` on a task (T-31): when it runs next, and how it went lately.
import { formatAge, type Instant } from '../../../base/index.js';
import {
  compileSchedules,
  firesAfter,
  type Run,
  scheduleSpecOf,
  scheduleText,
  suspensionEnd,
  type Task,
  type TimePoint,
} from '../../../manifests/index.js';
import { safeCell } from '../../output/terminal-safety.js';
import { isoTime, zonedTime } from '../../output/times.js';
import { type Line, lineCells } from '../text/line.js';
import { type RunFacts, runFacts, taskFacts } from './facts.js';
import { statusGlyph } from './glyphs.js';
import { distance, lengthWords } from './times.js';
import { fitLines, type Size, type ViewContext } from './view-context.js';

export interface PreviewModel {
  readonly key: string;
  readonly state: string;
  readonly schedules: readonly { readonly name: string; readonly text: string; readonly zone: string }[];
  readonly zone: string;
  /** Until when it is suspended; Infinity without an end, in the past when it is not. */
  readonly suspendedUntil: Instant;
  /** Why no time points can be computed here. */
  readonly refusal?: string;
  readonly points: readonly TimePoint[];
  /** Oldest first; undefined while it is read. */
  readonly history: readonly RunFacts[] | undefined;
}

const POINTS_SHOWN = 10;
const HISTORY_SHOWN = 60;
const ISO_WIDTH = 22;
const IN_WIDTH = 10;
const GAP_WIDTH = 7;

/** Of a suspended task too: what would fire if it were not. */
export function buildPreview(task: Task, runs: Iterable<Run> | undefined, now: Instant): PreviewModel {
  const { spec, metadata } = task;
  const zone = spec.timeZone ?? 'UTC';
  const history: RunFacts[] = [];
  for (const run of runs ?? []) if (run.spec.taskUid === metadata.uid) history.push(runFacts(run));
  history.sort((a, b) => a.created - b.created);
  const { key, state } = taskFacts(task);
  return {
    key,
    state,
    schedules: (spec.schedules ?? []).map((schedule) => ({
      name: safeCell(schedule.name ?? 'default'),
      text: safeCell(scheduleText(schedule)),
      zone: safeCell(schedule.timeZone ?? zone),
    })),
    zone: safeCell(zone),
    suspendedUntil: suspensionEnd(spec),
    ...pointsOf(task, now),
    history: runs === undefined ? undefined : history.slice(-HISTORY_SHOWN),
  };
}

function pointsOf(task: Task, now: Instant): Pick<PreviewModel, 'points' | 'refusal'> {
  const { spec, metadata } = task;
  try {
    const schedules = compileSchedules(scheduleSpecOf(task), metadata.uid ?? '');
    // Of a task that is suspended without an end, those that would fire.
    const after = suspensionEnd(spec) === Number.POSITIVE_INFINITY ? now : firesAfter(spec, now);
    return { points: schedules.between(after, Number.POSITIVE_INFINITY, POINTS_SHOWN) };
  } catch (error) {
    // A schedule that only a later version knows is still worth its history.
    return { points: [], refusal: safeCell(error instanceof Error ? error.message : String(error)) };
  }
}

export function previewLines(model: PreviewModel, size: Size, context: ViewContext): Line[] {
  const head = headLines(model, context);
  const history = historyLines(model.history, size.width, context);
  // In a small window the strip stays and the last time points go.
  const room = Math.max(2, size.height - 2 - head.length - history.length);
  const points = pointLines(model, size.width, context).slice(0, room);
  return fitLines([...head, [], ...points, [], ...history], size, context);
}

/** How it is, and its schedules: one beside the state, several below. */
function headLines({ state, schedules }: PreviewModel, { ascii }: ViewContext): Line[] {
  const glyph = statusGlyph(state, ascii);
  const status: Line = [{ text: ` ${glyph.text} ${state}`, meaning: glyph.meaning ?? 'plain', bold: true }];
  const lines = schedules.map(
    ({ name, text, zone }): Line => [
      { text: `   ${text}` },
      { text: `  ${zone}${name === 'default' ? '' : `  (${name})`}`, meaning: 'dim' },
    ],
  );
  const [only = []] = lines;
  return lines.length === 1 ? [[...status, ...only]] : [status, ...lines];
}

function pointLines(model: PreviewModel, width: number, { now }: ViewContext): Line[] {
  const { points, refusal, schedules } = model;
  const title: Line = [{ text: ' Next', meaning: 'title', bold: true }, ...suspensionSpans(model, now)];
  if (refusal !== undefined) return [title, [{ text: `   ${refusal}`, meaning: 'bad' }]];
  if (points.length === 0) {
    return [
      title,
      [{ text: `   ${schedules.length === 0 ? 'no schedule: runs on demand only' : 'never'}`, meaning: 'dim' }],
    ];
  }
  // All in the same columns: the first way in which every line fits.
  const ways = (model.zone === 'UTC' ? UTC_WAYS : WAYS).map((columns) =>
    points.map((point, index) => pointLine(model, { point, before: points[index - 1] }, columns, now)),
  );
  return [title, ...(ways.find((lines) => lines.every((line) => lineCells(line) <= width)) ?? ways.at(-1) ?? [])];
}

type PointColumn = 'utc' | 'gap' | 'zoned' | 'short';

/** What goes first where there is little room. */
const UTC_WAYS: readonly (readonly PointColumn[])[] = [['utc', 'gap'], ['utc']];
const WAYS: readonly (readonly PointColumn[])[] = [
  ['utc', 'gap', 'zoned'],
  ['gap', 'zoned'],
  ['gap', 'short'],
  ['short'],
];

function suspensionSpans({ suspendedUntil }: PreviewModel, now: Instant): Line {
  if (suspendedUntil <= now) return [];
  const words =
    suspendedUntil === Number.POSITIVE_INFINITY
      ? 'suspended: none of these fires until it is resumed'
      : `suspended until ${isoTime(suspendedUntil)}`;
  return [{ text: `  ${words}`, meaning: 'warn' }];
}

/** In the zone of the task, and in UTC where there is room for both. */
function pointLine(
  { zone, schedules }: PreviewModel,
  { point, before }: { readonly point: TimePoint; readonly before: TimePoint | undefined },
  columns: readonly PointColumn[],
  now: Instant,
): Line {
  const { time, startTime, schedule } = point;
  const local = zonedTime(time, zone);
  const gap = before === undefined ? '' : `+${formatAge(time - before.time)}`;
  const clocks = before !== undefined && offsetOf(local) !== offsetOf(zonedTime(before.time, zone));
  const cells: Readonly<Record<PointColumn, Line>> = {
    utc: [{ text: isoTime(time).padEnd(ISO_WIDTH) }],
    gap: [{ text: gap.padEnd(GAP_WIDTH), meaning: clocks ? 'warn' : 'dim' }],
    zoned: [{ text: ` ${local}`, meaning: 'dim' }],
    // Without day of the week, year and seconds.
    short: [{ text: ` ${local.replace(/^\w+, (\d+ \w+) \d+ (\d+:\d+):\d+/, '$1 $2')}`, meaning: 'dim' }],
  };
  return [
    { text: `   ${distance(time, now).padEnd(IN_WIDTH)}`, meaning: 'accent' },
    ...columns.flatMap((column) => cells[column]),
    ...(clocks ? [{ text: '  clock change', meaning: 'warn' } as const] : []),
    ...(startTime === time
      ? []
      : [{ text: `  starts ${lengthWords(startTime - time)} later`, meaning: 'dim' } as const]),
    ...(schedules.length > 1 ? [{ text: `  ${safeCell(schedule)}`, meaning: 'dim' } as const] : []),
  ];
}

function offsetOf(zoned: string): string {
  return zoned.slice(zoned.lastIndexOf(' ') + 1);
}

/** `✓✓✗✓`, the latest at the right, and how often each. */
function historyLines(history: PreviewModel['history'], width: number, { now, ascii }: ViewContext): Line[] {
  const latest = history?.at(-1);
  if (history === undefined || latest === undefined) {
    const words = history === undefined ? 'reading…' : 'none';
    return [[{ text: ' Last runs', meaning: 'title', bold: true }], [{ text: `   ${words}`, meaning: 'dim' }]];
  }
  const counts = new Map<string, number>();
  for (const { state } of history) counts.set(state, (counts.get(state) ?? 0) + 1);
  const words = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([state, count]): Line => {
      const glyph = statusGlyph(state, ascii);
      return [glyph, { text: ` ${count} ${state}`, meaning: glyph.meaning ?? 'plain' }];
    });
  return [
    [
      { text: ' Last runs', meaning: 'title', bold: true },
      { text: `  ${history.length}, the latest ${distance(latest.created, now)}`, meaning: 'dim' },
    ],
    [{ text: '   ' }, ...history.slice(-Math.max(1, width - 4)).map(({ state }) => statusGlyph(state, ascii))],
    ...filledRows(words, width),
  ];
}

/** One behind the other, as many in a row as there is room for. */
function filledRows(parts: readonly Line[], width: number): Line[] {
  const rows: Line[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    const longer: Line = last === undefined ? [] : [...last, { text: '   ' }, ...part];
    if (last !== undefined && lineCells(longer) <= width) rows[rows.length - 1] = longer;
    else rows.push([{ text: '   ' }, ...part]);
  }
  return rows;
}
