// `── Tasks(default)[2/42] </night> ──────── disconnected 12s, retrying ──`; without a header also `── prod [RO] ──`
import { formatAge } from '../../../base/index.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ScreenTitle, ViewContext } from '../navigation/screen.js';
import { cellsOf, fitLine, type Line, lineCells, type Span, shorten } from '../text/line.js';

/** Less of a name says nothing. */
const PLACE_LEAST = 8;
/** Of the dash behind what stands at the right. */
const TAIL = 2;

export interface TitleParts {
  /** The context is a protected one: its frame is red. */
  readonly guarded: boolean;
  /** What a header would say of where one is; empty where there is one. */
  readonly place: readonly Span[];
}

export function titleLine(
  title: ScreenTitle,
  staleSince: number | undefined,
  width: number,
  { now, ascii }: ViewContext,
  { guarded, place: where }: TitleParts,
): Line {
  const dash = ascii ? '-' : '─';
  const place = title.place === undefined ? '' : safeCell(title.place);
  const frame = guarded ? 'bad' : 'dim';
  const left: Span[] = [
    { text: `${dash.repeat(2)} `, meaning: frame },
    { text: title.name, meaning: 'title', bold: true },
  ];
  if (place !== '') left.push({ text: `(${place})`, meaning: 'accent' });
  if (title.count !== undefined) left.push({ text: `[${title.count}]`, meaning: 'plain', bold: true });
  if (title.filter !== undefined) left.push({ text: ` </${safeCell(title.filter)}>`, meaning: 'match' });
  if (title.note !== undefined) left.push({ text: ` ${safeCell(title.note)}`, meaning: 'dim' });
  left.push({ text: ' ' });
  const right = rightSpans(staleSince, where, now, width - lineCells(left));
  const excess = lineCells(left) + lineCells(right) - width;
  // A long name gives way to what follows it: how many there are, what is filtered.
  if (excess > 0 && cellsOf(place) - excess >= PLACE_LEAST) {
    left[2] = { text: `(${shorten(place, cellsOf(place) - excess)})`, meaning: 'accent' };
  }
  const space = width - lineCells(left) - lineCells(right);
  // What is wrong is more important than where one is.
  if (space < 0) return fitLine([...fitLine(left, Math.max(0, width - lineCells(right))), ...right], width);
  const tail = right.length > 0 && space > TAIL ? TAIL : 0;
  return [
    ...left,
    { text: dash.repeat((space - tail) / cellsOf(dash)), meaning: frame },
    ...right,
    { text: dash.repeat(tail), meaning: frame },
  ];
}

/** That the connection is lost goes before where one is, of which the marks go last where there is little room. */
function rightSpans(staleSince: number | undefined, place: readonly Span[], now: number, room: number): Span[] {
  const right: Span[] = [];
  if (staleSince !== undefined) {
    const text = ` disconnected ${formatAge(Math.max(0, now - staleSince))}`;
    const whole = `${text}, retrying `;
    right.push({ text: cellsOf(whole) <= room ? whole : `${text} `, meaning: 'bad', bold: true });
  }
  for (let from = 0; from < place.length; from += 1) {
    const [first, ...others] = place.slice(from);
    if (first === undefined) break;
    const end = right.length === 0 ? [{ text: ' ' }] : [];
    const shown: Span[] = [{ text: ' ' }, { ...first, text: first.text.trimStart() }, ...others, ...end];
    if (lineCells(shown) + lineCells(right) + TAIL <= room) return [...shown, ...right];
  }
  return right;
}
