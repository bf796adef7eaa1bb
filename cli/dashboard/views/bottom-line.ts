// The last line: what is being typed; else the way here, and what there is to say.
import { safeCell } from '../../output/terminal-safety.js';
import type { Dialog } from '../navigation/dialog.js';
import type { Prompt, PromptMode } from '../navigation/prompt.js';
import type { Flash } from '../state/flash.js';
import { cellsOf, fitLine, type Line, lineCells, type Meaning, type Span, shorten } from '../text/line.js';
import { wrapWords } from '../text/wrap-words.js';

/** What may be typed, until something is. */
const PROMPT_HINTS: Readonly<Record<PromptMode, string>> = {
  command: 'view [namespace] [label=value] [/filter], <tab> completes',
  filter: 'text, !text, -l label=value, -f letters',
};

export function promptLine({ mode, text, ghost }: Pick<Prompt, 'mode' | 'text' | 'ghost'>, width: number): Line {
  const sign: Span = { text: mode === 'command' ? ':' : '/', meaning: 'key', bold: true };
  if (text === '') return fitLine([sign, CURSOR, { text: ` ${PROMPT_HINTS[mode]}`, meaning: 'dim' }], width);
  const [next = ' ', ...rest] = ghost;
  return fitLine(
    [
      sign,
      { text: endOf(safeCell(text), Math.max(1, width - 3)) },
      { text: next, meaning: 'dim', inverse: true },
      { text: rest.join(''), meaning: 'dim' },
    ],
    width,
  );
}

const CURSOR: Span = { text: ' ', meaning: 'dim', inverse: true };

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The end of what is typed is what one looks at. */
function endOf(text: string, room: number): string {
  if (cellsOf(text) <= room) return text;
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  let left = room - 1;
  let from = parts.length;
  while (from > 0 && cellsOf(parts[from - 1] ?? '') <= left) {
    from -= 1;
    left -= cellsOf(parts[from] ?? '');
  }
  return `…${parts.slice(from).join('')}`;
}

/** A longer message is cut: it is in the log as a whole. */
const FLASH_LINES = 3;
const FLASHES: Readonly<Record<Flash['level'], { meaning: Meaning; glyph: string; ascii: string }>> = {
  info: { meaning: 'ok', glyph: '', ascii: '' },
  warn: { meaning: 'warn', glyph: '! ', ascii: '! ' },
  error: { meaning: 'bad', glyph: '✗ ', ascii: 'x ' },
};

/** The message at the right of the way where both have room, else alone, in as many lines as it takes. */
export function flashLines(
  crumbs: readonly string[],
  { text, level }: Flash,
  width: number,
  { ascii }: { readonly ascii: boolean },
): Line[] {
  const { meaning, glyph, ascii: plain } = FLASHES[level];
  const said: Span = { text: (ascii ? plain : glyph) + safeCell(text), meaning, bold: true };
  const way = wayOf(crumbs);
  const room = width - cellsOf(said.text) - 1;
  if (room >= lineCells(way)) return [[...fitLine(way, room), said, { text: ' ' }]];
  const rows = wrapWords([said], width - 1);
  const last = rows.slice(FLASH_LINES - 1);
  const shown = rows.slice(0, FLASH_LINES - 1);
  if (last.length > 0)
    shown.push([
      {
        ...said,
        text: shorten(
          last
            .flat()
            .map((span) => span.text)
            .join(' '),
          width - 1,
        ),
      },
    ]);
  return shown.map((row) => fitLine(row, width));
}

export interface CrumbNotes {
  readonly position: string | undefined;
  /** Say which key shows the keys. */
  readonly help: boolean;
}

export function crumbLine(crumbs: readonly string[], width: number, { position, help }: CrumbNotes): Line {
  const notes: Span[] = [];
  if (position !== undefined) notes.push({ text: `${position} `, meaning: 'dim' });
  if (help)
    notes.push({ text: `${position === undefined ? '' : ' '}<?>`, meaning: 'key' }, { text: ' Help ', meaning: 'dim' });
  const room = width - lineCells(notes);
  const way = wayOf(crumbs);
  return [...fitLine(cutLeft(way, room), room), ...notes];
}

/** Keys of a dialog are no keys of the screen under it. */
export function dialogKeysLine(dialog: Dialog, width: number): Line {
  const field = dialog.fields[dialog.focus];
  const keys: [string, string][] = [
    ['tab', 'Next'],
    ...(field !== undefined && 'options' in field ? [['left/right', 'Choose'] as [string, string]] : []),
    ...(field === undefined ? [['enter', 'Press'] as [string, string]] : []),
    ['esc', 'Close'],
  ];
  const spans = keys.flatMap(([key, words]): Span[] => [
    { text: `<${key}>`, meaning: 'key' },
    { text: ` ${words}  `, meaning: 'dim' },
  ]);
  return fitLine(spans, width);
}

function wayOf(crumbs: readonly string[]): Line {
  return crumbs.map((crumb, i) => {
    const last = i === crumbs.length - 1;
    return {
      text: `<${safeCell(crumb)}> `,
      meaning: last ? 'accent' : 'dim',
      click: { crumb: i },
      ...(last ? { bold: true as const } : {}),
    };
  });
}

/** The latest crumbs are the important ones. */
function cutLeft(way: Line, width: number): Line {
  if (lineCells(way) <= width) return way;
  let from = 1;
  while (from < way.length - 1 && lineCells(way.slice(from)) + cellsOf(BEFORE.text) > width) from += 1;
  return [BEFORE, ...way.slice(from)];
}

const BEFORE: Span = { text: '… ', meaning: 'dim' };
