// What each meaning looks like: attributes that every terminal has, and the colours of a skin where there are colours (T-50).
import type { ColourDepth } from '../terminal/capabilities.js';
import type { Line, Meaning, Span, TextColour, TextStyle } from '../text/line.js';
import { type Ink, type Skin, type SkinName, skins } from './skins.js';
import { nearestIndex, rgbOf } from './xterm-colours.js';

const FAINT = 2;
const REVERSE = 7;

/** SGR codes of what has no colour, and of every meaning in a skin without colours. */
const attributes: Readonly<Record<Meaning, readonly number[]>> = {
  plain: [],
  dim: [FAINT],
  title: [1],
  key: [],
  accent: [1],
  ok: [],
  active: [1],
  warn: [],
  bad: [1],
  match: [4],
};

/** The line as one string with SGR codes. */
export function paint(line: Line, depth: ColourDepth, skin: SkinName = 'default'): string {
  return line.map((span) => paintSpan(span, depth, skins[skin])).join('');
}

function paintSpan(span: Span, depth: ColourDepth, skin: Skin | undefined): string {
  if (span.text === '') return '';
  const codes = skin === undefined || depth === 'none' ? plainCodes(span) : codesOf(span, depth, skin);
  return codes.length === 0 ? span.text : `\u001b[${codes.join(';')}m${span.text}\u001b[0m`;
}

function plainCodes({ meaning = 'plain', bold, inverse, style }: Span): number[] {
  const codes = inverse ? [REVERSE] : [...attributes[meaning]];
  addAttributes(codes, meaning, bold, inverse);
  return style === undefined ? codes : [...codes, ...styleCodes(style, false)];
}

function codesOf({ meaning = 'plain', bold, inverse, style }: Span, depth: ColourDepth, skin: Skin): number[] {
  // The line under the cursor is of one colour: stripes of many would be hard to read.
  const codes = inverse ? [...inkCodes(skin.cursor, 38, depth), REVERSE] : inkCodes(skin.inks[meaning], 38, depth);
  if (!inverse && meaning === 'match') codes.push(...inkCodes(skin.matchGround, 48, depth));
  // Half as bright as letters are, whatever those are.
  if (!inverse && meaning === 'dim' && skin.inks.dim === undefined) codes.push(FAINT);
  addAttributes(codes, meaning, bold, inverse);
  return style === undefined ? codes : [...codes, ...styleCodes(style, true)];
}

function addAttributes(codes: number[], meaning: Meaning, bold?: true, inverse?: true): void {
  if (bold && !codes.includes(1)) codes.push(1);
  if (inverse && meaning === 'match') codes.push(4);
}

function inkCodes(ink: Ink | undefined, base: 38 | 48, depth: ColourDepth): number[] {
  if (ink === undefined) return [];
  if (ink.rgb === undefined || depth === '16') return ink.base === undefined ? [] : colourCodes(ink.base, base);
  return colourCodes(depth === 'true' ? ink.rgb : nearest(ink.rgb), base);
}

/** Looked for once: there are some twenty. */
const nearestTo = new Map<string, number>();

function nearest(rgb: string): number {
  const index = nearestTo.get(rgb) ?? nearestIndex(rgb);
  nearestTo.set(rgb, index);
  return index;
}

const SWITCHES = { bold: 1, dim: 2, italic: 3, underline: 4, inverse: 7, strike: 9 } as const;

function styleCodes(style: TextStyle, coloured: boolean): number[] {
  const codes: number[] = [];
  for (const [name, code] of Object.entries(SWITCHES)) if (style[name as keyof typeof SWITCHES]) codes.push(code);
  if (!coloured) return codes;
  if (style.foreground !== undefined) codes.push(...colourCodes(style.foreground, 38));
  if (style.background !== undefined) codes.push(...colourCodes(style.background, 48));
  return codes;
}

/** @param base 38 for letters, 48 for the ground. */
function colourCodes(colour: TextColour, base: 38 | 48): number[] {
  if (typeof colour === 'number') {
    if (colour < 8) return [base - 8 + colour];
    return colour < 16 ? [base + 52 + colour - 8] : [base, 5, colour];
  }
  return [base, 2, ...rgbOf(colour)];
}
