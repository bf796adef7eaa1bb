// `:pulses` (T-42): six cards, what fails, what is due next. A small window shows the cards as lines.
import { cellsOf, fitLine, type Line, lineCells, type Span } from '../text/line.js';
import { joinSpans } from '../text/spans.js';
import { statusGlyph } from './glyphs.js';
import { PULSE_CARDS, type PulseCard, type PulseCardId, pulseCard } from './pulse-cards.js';
import type { Fire, PulsesModel } from './pulses-model.js';
import { clockTime, distance, lengthWords } from './times.js';
import { cursorSpan, fitLines, type Size, type ViewContext } from './view-context.js';

export interface PulsesContext extends ViewContext {
  /** The card that `enter` opens. */
  readonly selected?: PulseCardId;
}

const CARD_COLUMNS = 3;
const CARD_MIN_WIDTH = 25;
const CARDS_MIN_HEIGHT = 20;
const SIDE_BY_SIDE_WIDTH = 100;
const LABEL_WIDTH = 10;
const FIGURE_WIDTH = 13;
const DETAIL_WIDTH = 22;
const WHEN_WIDTH = 9;
/** Its title, its axis and a few lines. */
const DUE_LEAST = 5;

export function pulsesLines(model: PulsesModel, size: Size, context: PulsesContext): Line[] {
  const roomy = size.width >= CARD_COLUMNS * CARD_MIN_WIDTH && size.height >= CARDS_MIN_HEIGHT;
  const cards = PULSE_CARDS.map((id) => pulseCard(id, model));
  const top = roomy ? cardRows(cards, size.width, context) : cards.map((card) => cardLine(card, size.width, context));
  const height = size.height - top.length - 1;
  return fitLines([...top, [], ...lists(model, { width: size.width, height }, context)], size, context);
}

/** The card that is beside the selected one; the same at a border. `tab` goes round, see `nextCard`. */
export function cardBeside(selected: PulseCardId, to: 'left' | 'right' | 'up' | 'down'): PulseCardId {
  const index = PULSE_CARDS.indexOf(selected);
  const column = index % CARD_COLUMNS;
  const target = {
    left: column > 0 ? -1 : 0,
    right: column < CARD_COLUMNS - 1 ? 1 : 0,
    up: -CARD_COLUMNS,
    down: CARD_COLUMNS,
  };
  return PULSE_CARDS[index + target[to]] ?? selected;
}

export function nextCard(selected: PulseCardId, by: 1 | -1 = 1): PulseCardId {
  const count = PULSE_CARDS.length;
  return PULSE_CARDS[(PULSE_CARDS.indexOf(selected) + by + count) % count] ?? selected;
}

function cardRows(cards: readonly PulseCard[], width: number, context: PulsesContext): Line[] {
  const lines: Line[] = [];
  for (let first = 0; first < cards.length; first += CARD_COLUMNS) {
    const boxes = cards.slice(first, first + CARD_COLUMNS).map((card, column) => {
      const from = Math.floor((width * column) / CARD_COLUMNS);
      return cardBox(card, Math.floor((width * (column + 1)) / CARD_COLUMNS) - from, context);
    });
    const [box = []] = boxes;
    lines.push(...box.map((_, row) => boxes.flatMap((one) => one[row] ?? [])));
  }
  return lines;
}

const FRAMES = {
  plain: { corners: '╭╮╰╯', side: '│', rule: '─' },
  selected: { corners: '┏┓┗┛', side: '┃', rule: '━' },
  asciiPlain: { corners: '++++', side: '|', rule: '-' },
  asciiSelected: { corners: '####', side: '#', rule: '=' },
} as const;

/** A frame with the title in it; that of the selected card is heavy, so that it is seen without colours. */
function cardBox(card: PulseCard, width: number, { selected, ascii }: PulsesContext): Line[] {
  const chosen = card.id === selected;
  const frame = FRAMES[ascii ? (chosen ? 'asciiSelected' : 'asciiPlain') : chosen ? 'selected' : 'plain'];
  const inner = width - 4;
  const meaning = chosen ? 'accent' : 'dim';
  const [a = '', b = '', c = '', d = ''] = frame.corners;
  const row = (line: Line): Line => [
    { text: `${frame.side} `, meaning },
    ...fitLine(line, inner),
    { text: ` ${frame.side}`, meaning },
  ];
  const rest = Math.max(0, inner - card.title.length - 1);
  const figure = cellsOf(card.figure.text) + 1;
  return [
    [
      { text: `${a}${frame.rule} `, meaning },
      { text: card.title, meaning: 'title', bold: true },
      { text: ` ${frame.rule.repeat(rest)}${b}`, meaning },
    ],
    row(spread({ ...card.figure, bold: true }, { text: detailOf(card, inner - figure), meaning: 'dim' }, inner)),
    row(card.graph?.(inner, ascii) ?? []),
    [{ text: `${c}${frame.rule.repeat(inner + 2)}${d}`, meaning }],
  ];
}

/** The most words that there is room for. */
function detailOf({ details }: PulseCard, room: number): string {
  return details.find((words) => cellsOf(words) <= room) ?? details.at(-1) ?? '';
}

/** One at the left border, one at the right. */
function spread(left: Span, right: Span, width: number): Line {
  const gap = Math.max(1, width - lineCells([left, right]));
  return [left, { text: ' '.repeat(gap) }, right];
}

function cardLine(card: PulseCard, width: number, { selected, ascii }: PulsesContext): Line {
  const chosen = card.id === selected;
  const detailWidth = Math.min(DETAIL_WIDTH, Math.max(0, width - LABEL_WIDTH - FIGURE_WIDTH - 1));
  const graphWidth = width - LABEL_WIDTH - FIGURE_WIDTH - detailWidth - 3;
  return [
    cursorSpan(chosen, ascii),
    ...fitLine([{ text: card.title, meaning: 'title' }], LABEL_WIDTH),
    ...fitLine([{ ...card.figure, bold: true }], FIGURE_WIDTH),
    ...fitLine([{ text: detailOf(card, detailWidth), meaning: 'dim' }], detailWidth),
    ...(graphWidth > 0 ? [{ text: '  ' }, ...(card.graph?.(graphWidth, ascii) ?? [])] : []),
  ];
}

/** What fails first, then what runs, if anything does: beside what is due next, or above it. */
function lists(model: PulsesModel, { width, height }: Size, context: ViewContext): Line[] {
  const wide = width >= SIDE_BY_SIDE_WIDTH;
  const half = Math.max(2, Math.floor(height / 2) - 1);
  const failing = wide || model.failing > 0 ? failingLines(model, half, context) : [];
  const running = model.running > 0 ? runningLines(model, half, context) : [];
  if (!wide) {
    // Where it would leave no room for what is due next, what runs is left to its table.
    const both = failing.length + running.length + 2 + DUE_LEAST <= height ? [failing, running] : [failing];
    const above = both.flatMap((lines) => (lines.length === 0 ? [] : [...lines, []]));
    return [...above, ...fireLines(model.fires, width, context)];
  }
  const leftWidth = Math.floor(width / 2) - 1;
  const left = [...failing, ...(running.length > 0 ? [[], ...running] : [])];
  const right = fireLines(model.fires, width - leftWidth - 2, context);
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => [
    ...fitLine(left[row] ?? [], leftWidth),
    { text: '  ' },
    ...(right[row] ?? []),
  ]);
}

function runningLines({ running, runningRuns }: PulsesModel, height: number, { now, ascii }: ViewContext): Line[] {
  const glyph = statusGlyph('Running', ascii);
  return [
    [
      { text: ' Running', meaning: 'title', bold: true },
      { text: `  ${running}`, meaning: 'dim' },
    ],
    ...runningRuns
      .slice(0, Math.max(1, height - 1))
      .map(
        ({ key, agent, since }): Line => [
          { text: ` ${glyph.text} `, meaning: glyph.meaning ?? 'plain' },
          { text: `for ${lengthWords(Math.max(0, now - since))}`.padEnd(WHEN_WIDTH), meaning: 'dim' },
          { text: ` ${key}` },
          { text: agent === '' ? '' : `  on ${agent}`, meaning: 'dim' },
        ],
      ),
  ];
}

function failingLines({ failing, failingTasks }: PulsesModel, height: number, { now, ascii }: ViewContext): Line[] {
  const shown = failingTasks.slice(0, Math.max(1, height - 1));
  const stateWidth = Math.max(LABEL_WIDTH, ...shown.map(({ state }) => cellsOf(state)));
  const title: Line = [
    { text: ' Failing', meaning: 'title', bold: true },
    { text: `  ${failing}${shown.length < failing ? `, the latest ${shown.length} shown` : ''}`, meaning: 'dim' },
  ];
  if (failing === 0) return [title, [{ text: '  nothing', meaning: 'dim' }]];
  return [
    title,
    ...shown.map(({ key, state, since }): Line => {
      const when = since === undefined ? '' : distance(since, now);
      const { meaning = 'plain', text } = statusGlyph(state, ascii);
      const glyph = text === ' ' ? '!' : text;
      return [
        { text: ` ${glyph} ${state.padEnd(stateWidth)} `, meaning: meaning === 'plain' ? 'bad' : meaning },
        { text: when.padEnd(WHEN_WIDTH), meaning: 'dim' },
        { text: ` ${key}` },
      ];
    }),
  ];
}

function fireLines(fires: readonly Fire[], width: number, context: ViewContext): Line[] {
  const { now } = context;
  const title: Line = [{ text: ' Due next', meaning: 'title', bold: true }];
  if (fires.length === 0) return [title, [{ text: '  nothing', meaning: 'dim' }]];
  return [
    title,
    axis(fires, width, context),
    ...fires.map(
      ({ time, key }): Line => [
        { text: ` ${distance(time, now).padEnd(WHEN_WIDTH)} `, meaning: 'accent' },
        { text: `${clockTime(time, now).padEnd(12)} `, meaning: 'dim' },
        { text: key },
      ],
    ),
  ];
}

/** From now to the last of them: ` now ├──┼───┼┤ 4h`. */
function axis(fires: readonly Fire[], width: number, { now, ascii }: ViewContext): Line {
  const last = fires.at(-1)?.time ?? now;
  const end = ` ${distance(last, now).replace('in ', '')}`;
  const cells = Math.max(2, width - 6 - end.length);
  const [rule, mark] = ascii ? ['-', '+'] : ['─', '┼'];
  const marks = new Set(fires.map(({ time }) => Math.round(((time - now) / Math.max(1, last - now)) * (cells - 1))));
  const line = Array.from({ length: cells }, (_, cell): Span => {
    return marks.has(cell) ? { text: mark, meaning: 'accent' } : { text: rule, meaning: 'dim' };
  });
  return [{ text: ' now ', meaning: 'dim' }, ...joinSpans(line), { text: end, meaning: 'dim' }];
}
