// The 256 colours of xterm: which of them is nearest to a colour that a terminal cannot show.

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Levels of the cube, 16 to 231; the greys follow. */
const LEVELS = [0, 95, 135, 175, 215, 255];
const CUBE_BEGIN = 16;
const GREYS_BEGIN = 232;
const GREYS = 24;

/** `#rrggbb`. */
export function rgbOf(hex: string): Rgb {
  const part = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16);
  return [part(1), part(3), part(5)];
}

/** Of an index from 16 on: those below are as the owner of the terminal wants them. */
export function rgbOfIndex(index: number): Rgb {
  if (index >= GREYS_BEGIN) {
    const grey = 8 + 10 * (index - GREYS_BEGIN);
    return [grey, grey, grey];
  }
  const cube = index - CUBE_BEGIN;
  const level = (digit: number) => LEVELS[digit % LEVELS.length] ?? 0;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6)), level(cube)];
}

export function nearestIndex(hex: string): number {
  const wanted = rgbOf(hex);
  const far = (index: number): number =>
    rgbOfIndex(index).reduce((sum, part, i) => sum + (part - (wanted[i] ?? 0)) ** 2, 0);
  let best = CUBE_BEGIN;
  for (let index = CUBE_BEGIN; index < GREYS_BEGIN + GREYS; index += 1) if (far(index) < far(best)) best = index;
  return best;
}
