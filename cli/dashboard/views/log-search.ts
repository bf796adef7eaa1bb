// The lines of a log that the center found, one after the other; the selected one in full, with what stands around it.
import { safeCell } from '../../output/terminal-safety.js';
import type { Line } from '../text/line.js';
import { type LogLineLook, type LogText, logLead, logLine } from '../text/log-line.js';
import type { FoundLine, LogSearch } from '../text/log-search.js';
import { compilePattern } from '../text/pattern.js';
import { wrapLine } from '../text/spans.js';
import { cursorSpan, fitLines, type Size, type ViewContext } from './view-context.js';

const WIDE = 100;
/** Rows of a selected line that is longer than the window is wide: the others must still be seen. */
const SELECTED_ROWS_MAX = 6;

export function logSearchLines(search: LogSearch, size: Size, context: ViewContext): Line[] {
  const { found, selected } = search;
  const chosen = found[selected];
  if (chosen === undefined) return fitLines(noneLines(search, size.width), size, context);
  // The center's expressions are RE2; where ours differ, a match is not marked, but it is here.
  const pattern = compilePattern(search.pattern);
  const look: LogLineLook = {
    timestamps: size.width < WIDE ? 'short' : 'full',
    ascii: context.ascii,
    pattern: pattern.note === undefined ? pattern : undefined,
  };
  const block = selectedRows(chosen, look, size, context.ascii);
  const room = Math.max(1, size.height - block.length + 1);
  const begin = Math.max(0, Math.min(selected - Math.floor(room / 2), found.length - room));
  const rows = found.slice(begin, begin + room).flatMap(({ line }, index): readonly Line[] => {
    return begin + index === selected ? block : [[{ text: ' ' }, ...logLine(line, look)]];
  });
  return fitLines(rows, size, context);
}

function noneLines({ done, failure }: LogSearch, width: number): Line[] {
  if (failure !== undefined)
    return wrapLine([{ text: ` ${safeCell(failure)}`, meaning: 'bad' }], width, [{ text: ' ' }]);
  const words = done ? 'no line of the whole log matches; </> looks for something else' : 'searching the whole log…';
  return [[{ text: ` ${words}`, meaning: 'dim' }]];
}

/** The line in rows, between lines that are dimmed; where there is room for little, the line alone. */
function selectedRows({ line, before, after }: FoundLine, look: LogLineLook, size: Size, ascii: boolean): Line[] {
  const around = (entry: LogText): Line => {
    const { pattern: _pattern, ...plain } = look;
    const [, ...rest] = logLine(entry, plain);
    return [{ text: '  ' }, ...rest.map(({ text }) => ({ text, meaning: 'dim' as const }))];
  };
  const width = Math.max(1, size.width - 1);
  const own = wrapLine(logLine(line, look), width, logLead(line, look, width)).slice(0, SELECTED_ROWS_MAX);
  const rows = own.map((row, index): Line => {
    const all: Line = [index === 0 ? cursorSpan(true, ascii) : { text: ' ' }, ...row];
    return all.map((span) => ({ ...span, inverse: true }));
  });
  const block = [...before.map(around), ...rows, ...after.map(around)];
  return block.length <= size.height ? block : rows.slice(0, Math.max(1, size.height));
}
