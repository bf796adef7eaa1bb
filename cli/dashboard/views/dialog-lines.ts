// A dialog in the middle of the screen: as wide as what it says, and never so high that its buttons are not seen.
import { safeCell } from '../../output/terminal-safety.js';
import type { ChoiceField, Dialog, DialogList, Field, FieldNote } from '../navigation/dialog.js';
import { cellsOf, fit, fitLine, type Line, lineCells, type Meaning, type Span } from '../text/line.js';
import { wrapLine } from '../text/spans.js';
import { wrapWords } from '../text/wrap-words.js';

const WIDTH_LEAST = 40;
const WIDTH_MAX = 72;
const MARGIN = 2;
/** Cells in which one types; more where the terminal has them. */
const TEXT_LEAST = 40;
/** Fewer only where not even they have room beside the blank lines. */
const LISTED_LEAST = 3;

/** Lines above the fields that stay, where there are many fields. */
const HEAD_LEAST = 1;

export interface DialogBox {
  readonly top: number;
  readonly left: number;
  /** Each equally wide. */
  readonly lines: readonly Line[];
}

/** The box, to be laid over the lines of a screen of this size. */
export function dialogLines(dialog: Dialog, size: { width: number; height: number }, ascii: boolean): DialogBox {
  const { parts } = dialog;
  const most = Math.min(WIDTH_MAX, size.width - 2 * MARGIN - 2);
  const inner = Math.min(most, Math.max(WIDTH_LEAST, neededWidth(dialog)));
  const corners = ascii ? '++++|-' : '╭╮╰╯│─';
  const [topLeft = '', topRight = '', bottomLeft = '', bottomRight = '', side = '', dash = ''] = corners;
  const meaning: Meaning = parts.dangerous ? 'bad' : 'accent';
  const head = fit(` ${parts.title} `, Math.min(inner - 2, cellsOf(parts.title) + 2));
  const edge: Span = { text: side, meaning };
  const lines: Line[] = [
    [
      { text: `${topLeft}${dash}`, meaning },
      { text: head, meaning, bold: true },
      { text: dash.repeat(inner - 1 - cellsOf(head)) + topRight, meaning },
    ],
    ...bodyLines(dialog, inner, size.height - 2).map(
      (line): Line => [edge, ...fitLine([{ text: ' ' }, ...line], inner), edge],
    ),
    [{ text: bottomLeft + dash.repeat(inner) + bottomRight, meaning }],
  ];
  const left = Math.floor((size.width - inner - 2) / 2);
  return { top: Math.max(0, Math.floor((size.height - lines.length) / 2)), left, lines };
}

/** Without a line being broken or cut. */
function neededWidth({ parts, fields, buttons }: Dialog): number {
  const labels = labelCells(fields);
  const widths = [
    ...[...parts.lines, ...(parts.list?.lines ?? [])].map(lineCells),
    ...fields.map((field) => labels + 2 + ('options' in field ? lineCells(optionSpans(field, false)) : TEXT_LEAST)),
    buttons.reduce((sum, name) => sum + cellsOf(name) + 7, 0),
    cellsOf(parts.title) + 4,
  ];
  return Math.max(...widths) + 2;
}

/** Where there is little room, blank lines go first, then names of the list; the fields and the buttons always stay. */
function bodyLines(dialog: Dialog, inner: number, height: number): Line[] {
  const { parts, fields } = dialog;
  const room = inner - 2;
  const head = parts.lines.flatMap((line) => wrapWords(line, room));
  const allRows = fields.map((field, i) => fieldLine(field, i === dialog.focus, fields, inner));
  const note = parts.note === undefined ? [] : [noteLine(parts.note(dialog.focus), room)];
  const fieldRows = [...aroundFocus(allRows, dialog.focus, height - HEAD_LEAST - note.length - 1), ...note];
  const buttons = [buttonLine(dialog, inner)];
  const fixed = head.length + fieldRows.length + buttons.length;
  const whole = listLines(parts.list, Number.POSITIVE_INFINITY, room);
  const blocks = [head, whole, fieldRows, buttons].filter((block) => block.length > 0).length;
  const between = blocks - 1;
  if (fixed + whole.length + between + 2 <= height) return spaced([head, whole, fieldRows, buttons], true);
  const least = Math.min(whole.length, LISTED_LEAST + 1);
  if (fixed + least + between <= height) {
    const list = listLines(parts.list, height - fixed - between, room);
    return spaced([head, list, fieldRows, buttons], false);
  }
  const list = listLines(parts.list, Math.max(2, height - fixed), room);
  const tail = [...list, ...fieldRows, ...buttons];
  return [...cutTo(head, height - tail.length), ...tail].slice(-Math.max(1, height));
}

function noteLine(note: FieldNote | undefined, room: number): Line {
  return note === undefined ? [] : fitLine([{ text: safeCell(note.text), meaning: note.wrong ? 'bad' : 'dim' }], room);
}

/** As many fields as there is room for, the one with the focus among them; the others are counted. */
function aroundFocus(rows: readonly Line[], focus: number, room: number): Line[] {
  if (rows.length <= room) return [...rows];
  const count = Math.max(1, room - 1);
  const first = focus >= rows.length ? 0 : Math.min(Math.max(0, focus - (count >> 1)), rows.length - count);
  const more = `${rows.length - count} more fields: <tab>`;
  return [...rows.slice(first, first + count), [{ text: more, meaning: 'dim' }]];
}

/** Blocks with a blank line between them; `airy`: also around them. */
function spaced(blocks: readonly Line[][], airy: boolean): Line[] {
  const shown = blocks.filter((block) => block.length > 0);
  const lines = shown.flatMap((block, i) => (i === 0 ? block : [[], ...block]));
  return airy ? [[], ...lines, []] : lines;
}

function cutTo(lines: readonly Line[], count: number): Line[] {
  if (lines.length <= count) return [...lines];
  return count < 1 ? [] : [...lines.slice(0, count - 1), [{ text: '…', meaning: 'dim' }]];
}

/** A single name is never cut: it is what will be lost. */
function listLines(list: DialogList | undefined, room: number, width: number): Line[] {
  if (list === undefined || list.total === 0) return [];
  const [only] = list.lines;
  if (list.total === 1 && only !== undefined) return wrapLine(only, width);
  const listed = list.lines.length;
  const shown = list.total <= Math.min(listed, room) ? list.total : Math.min(listed, room - 1);
  const more = list.total - shown;
  const names = list.lines.slice(0, shown).map((line) => fitLine(line, width));
  return more === 0 ? names : [...names, [{ text: `  and ${more.toLocaleString('en')} more`, meaning: 'dim' }]];
}

const labelCells = (fields: readonly Field[]): number => Math.max(0, ...fields.map(({ label }) => cellsOf(label)));

function fieldLine(field: Field, focused: boolean, fields: readonly Field[], inner: number): Line {
  const labels = labelCells(fields);
  const label: Span = { text: `${fit(field.label, labels)}  `, meaning: focused ? 'accent' : 'dim' };
  const room = inner - labels - 4;
  if ('options' in field) {
    const options = optionSpans(field, focused);
    if (lineCells(options) <= room + 1) return [label, ...options];
    const chosen = field.options[field.chosen] ?? '';
    return [label, { text: `< ${chosen} >`, meaning: 'accent', ...(focused ? { inverse: true as const } : {}) }];
  }
  let text = safeCell(field.value);
  if (cellsOf(text) >= room) {
    // The end of what is typed is what one looks at.
    while (cellsOf(text) > room - 2) text = text.slice(1);
    text = `…${text}`;
  }
  const hint = field.value === '' ? (field.hint ?? '') : '';
  const rest = fit(hint, room - cellsOf(text)).replace(/ *$/, (blanks) => '_'.repeat(blanks.length));
  if (!focused) return [label, { text }, { text: rest, meaning: 'dim' }];
  const [first = '_', ...others] = rest;
  return [label, { text }, { text: first.replace('_', ' '), inverse: true }, { text: others.join(''), meaning: 'dim' }];
}

function optionSpans({ options, chosen }: ChoiceField, focused: boolean): Span[] {
  return options.map((option, i): Span => {
    if (i !== chosen) return { text: ` ${option}  `, meaning: 'dim' };
    return { text: `(${option}) `, meaning: 'accent', ...(focused ? { inverse: true as const } : {}) };
  });
}

function buttonLine(dialog: Dialog, inner: number): Line {
  const buttons = dialog.buttons.flatMap((name, i): Span[] => {
    const focused = dialog.focus === dialog.fields.length + i;
    const dangerous = i > 0 && dialog.parts.dangerous;
    return [
      ...(i > 0 ? [{ text: '   ' }] : []),
      {
        text: focused ? `[ ${name} ]` : `  ${name}  `,
        meaning: dangerous ? 'bad' : 'key',
        ...(focused ? { inverse: true as const, bold: true as const } : {}),
      },
    ];
  });
  const left = Math.max(0, Math.floor((inner - 2 - lineCells(buttons)) / 2));
  return [{ text: ' '.repeat(left) }, ...buttons];
}
