// `:doctor`: what is wrong, the worst first; below, of the finding under the cursor, all that is to be said.
import { fit, type Line, type Span, shorten } from '../text/line.js';
import { textOf } from '../text/spans.js';
import { wrapWords } from '../text/wrap-words.js';
import type { DoctorReport, Finding } from './doctor-model.js';
import type { Severity } from './doctor-rules.js';
import { statusGlyph } from './glyphs.js';
import { cursorSpan, fitLines, type Size, type ViewContext } from './view-context.js';

export interface DoctorView {
  readonly report: DoctorReport;
  /** First finding in the window. */
  readonly top: number;
  readonly selected: number;
}

const HEAD_ROWS = 2;
/** A rule, and what is to be said of one finding; in a low window less. */
const DETAIL_ROWS = 5;
const LOW = 14;
const LOW_DETAIL_ROWS = 4;
const SEVERITY_WIDTH = 9;
const SUBJECT_MIN = 16;
const SUBJECT_MAX = 40;
/** What is wrong needs more room than of what. */
const SUBJECT_SHARE = 0.34;

/** Rows for findings in a window of that height. */
export function findingRows(height: number): number {
  return Math.max(1, height - HEAD_ROWS - detailRows(height));
}

function detailRows(height: number): number {
  return height < LOW ? LOW_DETAIL_ROWS : DETAIL_ROWS;
}

export function doctorLines({ report, top, selected }: DoctorView, size: Size, context: ViewContext): Line[] {
  const head = [summary(report, context), []];
  if (report.findings.length === 0) return fitLines([...head, ...nothing(size.width)], size, context);
  const room = findingRows(size.height);
  const shown = report.findings.slice(top, top + room);
  const subjects = Math.min(
    report.subjectCells,
    SUBJECT_MAX,
    Math.max(SUBJECT_MIN, Math.floor(size.width * SUBJECT_SHARE)),
  );
  const rows = shown.map((finding, index): Line => {
    const [cursor, ...rest] = row(finding, top + index === selected, subjects, context);
    return cursor === undefined ? rest : [{ ...cursor, click: { row: top + index } }, ...rest];
  });
  const blank = Array.from({ length: room - rows.length }, (): Line => []);
  const chosen = report.findings[selected];
  const detail = chosen === undefined ? [] : detailLines(chosen, size, context);
  return fitLines([...head, ...rows, ...blank, ...detail], size, context);
}

const WORDS: readonly (readonly [Severity, string])[] = [
  ['Error', 'error'],
  ['Warning', 'warning'],
  ['Note', 'note'],
];

/** ` ✗ 2 errors  ! 1 warning   of 7 tasks`. */
function summary({ findings, counts, tasks, runsCut }: DoctorReport, { ascii }: ViewContext): Line {
  const what = tasks === 1 ? '1 task' : `${tasks} tasks`;
  if (tasks === 0) return [{ text: ' There are no tasks here.', meaning: 'dim' }];
  if (findings.length === 0) {
    return [{ text: ' ' }, statusGlyph('Healthy', ascii), { text: ` Nothing is wrong with the ${what}.` }];
  }
  const parts = WORDS.filter(([severity]) => counts[severity] > 0).flatMap(([severity, word]): Span[] => [
    { text: ' ' },
    statusGlyph(severity, ascii),
    { text: ` ${counts[severity]} ${word}${counts[severity] === 1 ? '' : 's'} ` },
  ]);
  return [...parts, { text: ` in ${what}${runsCut ? ', by the latest runs only' : ''}`, meaning: 'dim' }];
}

function nothing(width: number): Line[] {
  const words =
    'Looked for: no agent, failures in a row, schedules that are over, runs that overlap, no timeout, long suspensions, many tasks in one second.';
  return wrapWords([{ text: words, meaning: 'dim' }], width - 2).map((line) => [{ text: ' ' }, ...line]);
}

function row({ severity, subject, what }: Finding, chosen: boolean, subjects: number, { ascii }: ViewContext): Line {
  const glyph = statusGlyph(severity, ascii);
  const line: Line = [
    cursorSpan(chosen, ascii),
    { ...glyph, text: fit(`${glyph.text} ${severity}`, SEVERITY_WIDTH) },
    { text: ` ${fit(subject, subjects)}  ${what}` },
  ];
  return chosen ? line.map((span) => ({ ...span, inverse: true as const })) : line;
}

/** Whole sentences where there is room: in the rows they are cut. */
function detailLines({ subject, what, remedy }: Finding, { width, height }: Size, { ascii }: ViewContext): Line[] {
  const rows = detailRows(height) - 1;
  const room = width - 2;
  const sentences = [
    ...wrapWords([{ text: `${subject}: ${what}.` }], room),
    ...wrapWords([{ text: remedy, meaning: 'accent' }], room),
  ];
  const shown = sentences.slice(0, rows).map((line, index): Line => {
    const cut = index === rows - 1 && sentences.length > rows;
    return cut ? [{ ...line[0], text: shorten(`${textOf(line)} …`, room) }] : line;
  });
  const rule: Line = [{ text: (ascii ? '-' : '─').repeat(width), meaning: 'dim' }];
  return [rule, ...shown.map((line): Line => [{ text: ' ' }, ...line])];
}
