// The colours in the output of runs (ECMA-48 SGR, ISO 8613-6 for 256 and 24-bit ones) as spans with a style. Everything else that
// controls a terminal has been made visible before, or is here.
import { escapeControls } from '../../output/terminal-safety.js';
import type { Span, TextColour, TextStyle } from './line.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are what this is about
const SGR = /\u001b\[([0-9;:]{0,32})m/g;
const TAB_STOP = 8;

const SWITCHES: Readonly<Record<number, keyof TextStyle>> = {
  ...{ 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'inverse', 9: 'strike' },
};
const ENDS: Readonly<Record<number, readonly (keyof TextStyle)[]>> = {
  ...{ 22: ['bold', 'dim'], 23: ['italic'], 24: ['underline'], 27: ['inverse'], 29: ['strike'] },
  ...{ 39: ['foreground'], 49: ['background'] },
};

/** One line of output. Each line begins without a style, so that a colour nobody ended stays in its line. */
export function parseSgr(text: string): Span[] {
  const spans: Span[] = [];
  let style: TextStyle = {};
  let column = 0;
  let begin = 0;
  const add = (raw: string) => {
    if (raw === '') return;
    const shown = expandTabs(escapeControls(raw), column);
    column += shown.length;
    spans.push(Object.keys(style).length === 0 ? { text: shown } : { text: shown, style });
  };
  for (const match of text.matchAll(SGR)) {
    add(text.slice(begin, match.index));
    style = applySgr(style, match[1] ?? '');
    begin = match.index + match[0].length;
  }
  add(text.slice(begin));
  return spans;
}

/** The text of a line without its colours: what is searched. */
export function withoutSgr(text: string): string {
  return text.includes('\u001b') ? text.replace(SGR, '') : text;
}

/** Tabs become blanks, as a terminal would show them from `column` on. */
export function expandTabs(text: string, column = 0): string {
  if (!text.includes('\t')) return text;
  let out = '';
  for (const [index, part] of text.split('\t').entries()) {
    if (index > 0) out += ' '.repeat(TAB_STOP - ((column + out.length) % TAB_STOP));
    out += part;
  }
  return out;
}

/** Parameters that are not known change nothing. */
function applySgr(before: TextStyle, parameters: string): TextStyle {
  let style = before;
  // With colons the parts of one parameter belong together; some leave out the empty colour space, some do not.
  const numbers = parameters
    .replace(/([34]8):2::/g, '$1:2:')
    .split(/[;:]/)
    .map(Number);
  for (let i = 0; i < numbers.length; i += 1) {
    const code = numbers[i] ?? 0;
    const extended = code === 38 || code === 48 ? extendedColour(numbers.slice(i + 1)) : undefined;
    if (extended !== undefined) {
      i += extended.used;
      if (extended.colour !== undefined)
        style = { ...style, [code === 38 ? 'foreground' : 'background']: extended.colour };
    } else style = applyCode(style, code);
  }
  return style;
}

function applyCode(style: TextStyle, code: number): TextStyle {
  if (code === 0) return {};
  const on = SWITCHES[code];
  if (on !== undefined) return { ...style, [on]: true };
  const ends = ENDS[code];
  if (ends !== undefined) {
    return Object.fromEntries(Object.entries(style).filter(([name]) => !ends.some((end) => end === name)));
  }
  const base = Math.floor(code / 10) * 10;
  const colour = code % 10;
  if (colour > 7) return style;
  if (base === 30) return { ...style, foreground: colour };
  if (base === 40) return { ...style, background: colour };
  if (base === 90) return { ...style, foreground: colour + 8 };
  if (base === 100) return { ...style, background: colour + 8 };
  return style;
}

/** What follows 38 or 48: `5;index` or `2;red;green;blue`. */
function extendedColour(rest: readonly number[]): { colour?: TextColour; used: number } {
  const byte = (value: number | undefined) => value !== undefined && value >= 0 && value <= 255;
  if (rest[0] === 5) return byte(rest[1]) ? { colour: rest[1] as number, used: 2 } : { used: 2 };
  if (rest[0] !== 2) return { used: 1 };
  const channels = rest.slice(1, 4);
  if (channels.length < 3 || !channels.every(byte)) return { used: 4 };
  return { colour: `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`, used: 4 };
}
