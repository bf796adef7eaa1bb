// Small graphs of one row.
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_LEVELS = [' ', '.', ':', '-', '=', '+', '*', '#', '@'];

/** The latest `width` values as columns, newest at the right; anything above 0 is seen. `top` is the value of a full column. */
export function sparkline(
  values: readonly number[],
  width: number,
  ascii: boolean,
  top = Math.max(...values, 0),
): string {
  const levels = ascii ? ASCII_LEVELS : BLOCKS;
  const full = levels.length - 1;
  const shown = values.slice(-Math.max(0, width));
  const column = (value: number) => {
    if (!(value > 0) || !(top > 0)) return levels[0];
    return levels[Math.min(full, Math.max(1, Math.round((value / top) * full)))];
  };
  return width <= 0 ? '' : shown.map(column).join('').padStart(width);
}

/** A bar that is full at 1. Something is never drawn as nothing, and not everything never as all. */
export function bar(share: number, width: number, ascii: boolean): { done: string; rest: string } {
  const cells = Math.max(0, width);
  const exact = Math.min(1, Math.max(0, share || 0)) * cells;
  const filled = exact <= 0 ? 0 : exact >= cells ? cells : Math.min(cells - 1, Math.max(1, Math.round(exact)));
  return { done: (ascii ? '#' : '█').repeat(filled), rest: (ascii ? '.' : '░').repeat(cells - filled) };
}
