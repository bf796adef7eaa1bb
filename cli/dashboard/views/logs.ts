// The log of a run: a line that says what is switched on, and the window on its output.
import { fitLine, type Line, lineCells } from '../text/line.js';
import type { LogView } from '../text/log-view.js';
import { statusMeaning } from './glyphs.js';
import { fitLines, type Size, type ViewContext } from './view-context.js';

export interface LogsModel {
  readonly view: LogView;
  /** Why there is no output, e.g. `the run wrote nothing`. */
  readonly empty?: string;
  /** `ended: Failed (exit code 3)`, `disconnected 12s, retrying`; absent while it is followed. */
  readonly state?: string;
}

const WIDE = 100;

export function logsLines({ view, empty, state }: LogsModel, size: Size, context: ViewContext): Line[] {
  view.ascii = context.ascii;
  view.narrow = size.width < WIDE;
  const rows = view.rows({ width: size.width, height: Math.max(1, size.height - 1) });
  const { shown } = view.counts();
  const body: readonly Line[] = shown > 0 ? rows : [[{ text: ` ${noLines(view, empty)}`, meaning: 'dim' }]];
  return fitLines([indicator(view, size.width, state), ...body], size, context);
}

function noLines(view: LogView, empty = 'no output yet'): string {
  if (view.searching !== undefined)
    return `no line here matches </${view.searching}>; <shift-s> looks in the whole log`;
  return view.counts().held > 0 ? 'lines are here, but hidden: <o> and <e> switch their streams on' : empty;
}

/** How it ended and what is searched; then the switches, as k9s has them; at the right where one is. */
function indicator(view: LogView, width: number, state: string | undefined): Line {
  const first: Line = [...stateSpans(state), ...searchWords(view)];
  const place: Line = [{ text: `${placeWords(view)} `, meaning: 'dim' }];
  const all = switchesOf(view, width);
  // In a narrow window what is out of the ordinary matters more than what is off, as it is at first, or does nothing any more.
  const over = state?.startsWith('ended') === true;
  const some = all.filter(([name, on]) => (on && !(over && name === 'Autoscroll')) || name.startsWith('Std'));
  const fits = (parts: readonly Line[]) => parts.reduce((sum, part) => sum + lineCells(part), 0) <= width;
  for (const switches of [all, some]) {
    const left = [...first, ...switchSpans(switches)];
    if (fits([left, place])) return spread(left, place, width);
  }
  const left = [...first, ...switchSpans(some)];
  return fits([left]) ? left : first.length > 0 ? first : left;
}

function spread(left: Line, right: Line, width: number): Line {
  return [...fitLine(left, width - lineCells(right)), ...right];
}

type Switch = readonly [name: string, on: boolean];

function switchesOf(view: LogView, width: number): Switch[] {
  const switches: Switch[] = [
    ['Autoscroll', view.autoscroll],
    ['FullScreen', view.fullScreen],
    ['Timestamps', view.timestamps],
    ['Wrap', view.wrap],
  ];
  // A stream that is hidden must not look like one that is silent.
  if (width >= WIDE || !view.stdout) switches.push(['Stdout', view.stdout]);
  if (width >= WIDE || !view.stderr) switches.push(['Stderr', view.stderr]);
  return switches;
}

function switchSpans(switches: readonly Switch[]): Line {
  return switches.flatMap(([name, on], index): Line => {
    const gap = index === 0 ? ' ' : '  ';
    return [
      { text: `${gap}${name}:`, meaning: 'dim' },
      { text: on ? 'On' : 'Off', meaning: on ? 'ok' : 'plain' },
    ];
  });
}

/** How it ended has the colour of that end. */
function stateSpans(state: string | undefined): Line {
  if (state === undefined) return [];
  const [, end] = /^ended: (\w+)/.exec(state) ?? [];
  return [{ text: ` ${state} `, meaning: end === undefined ? 'warn' : statusMeaning(end), bold: true }];
}

function searchWords(view: LogView): Line {
  if (view.searching === undefined) return [];
  const { shown, held } = view.counts();
  return [{ text: ' ' }, { text: `</${view.searching}>`, meaning: 'match' }, { text: ` ${shown} of ${held} ` }];
}

/** `81-100 of 100`; of a long log, of those that are still here. */
function placeWords(view: LogView): string {
  const [from, to] = view.seen();
  if (to === 0) return '';
  const count = view.counts().shown.toLocaleString('en');
  return `${from.toLocaleString('en')}-${to.toLocaleString('en')} of ${view.isCut ? 'the last ' : ''}${count}`;
}
