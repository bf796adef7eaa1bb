// What is written can be read in every skin: a contrast of 4.5:1 (WCAG 2.2, 1.4.3), and nothing said by colour alone.
import t from 'tap';
import type { ColourDepth } from '../terminal/capabilities.js';
import { type Line, MEANINGS, type Meaning } from '../text/line.js';
import { STATUSES, statusGlyph, statusText } from '../views/glyphs.js';
import { SKIN_NAMES, type Skin, skins } from './skins.js';
import { paint } from './theme.js';
import { nearestIndex, type Rgb, rgbOf, rgbOfIndex } from './xterm-colours.js';

const CONTRAST_LEAST = 4.5;
const DEPTHS: readonly ColourDepth[] = ['16', '256', 'true'];

/** As xterm has them unless somebody wants others. */
const XTERM_16 = [
  ...['#000000', '#cd0000', '#00cd00', '#cdcd00', '#0000ee', '#cd00cd', '#00cdcd', '#e5e5e5'],
  ...['#7f7f7f', '#ff0000', '#00ff00', '#ffff00', '#5c5cff', '#ff00ff', '#00ffff', '#ffffff'],
].map(rgbOf);
const GROUNDS: Readonly<Record<Skin['ground'], { ground: Rgb; letters: Rgb }>> = {
  dark: { ground: rgbOf('#000000'), letters: rgbOf('#e5e5e5') },
  light: { ground: rgbOf('#ffffff'), letters: rgbOf('#000000') },
};
/** How bright faint letters are on terminals that make them so; others show them like any. */
const FAINT = 2 / 3;

interface Shown {
  readonly letters: Rgb;
  readonly ground: Rgb;
}

/** What a terminal makes of the codes before a text. */
function shown(painted: string, on: Shown): Shown {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are what this is about
  const codes = (/^\u001b\[([\d;]*)m/.exec(painted)?.[1] ?? '').split(';').filter((code) => code !== '');
  let { letters, ground } = on;
  let [faint, reversed] = [false, false];
  for (let i = 0; i < codes.length; i += 1) {
    const code = Number(codes[i]);
    let colour: Rgb | undefined;
    if (code === 38 || code === 48) {
      const index = codes[i + 1] === '5';
      colour = index ? rgbOfIndex(Number(codes[i + 2])) : (codes.slice(i + 2, i + 5).map(Number) as unknown as Rgb);
      i += index ? 2 : 4;
    } else if (code >= 30) colour = XTERM_16[(code % 10) + (code >= 90 ? 8 : 0)];
    if (colour !== undefined && (code === 48 || Math.floor(code / 10) % 6 === 4)) ground = colour;
    else if (colour !== undefined) letters = colour;
    if (code === 2) faint = true;
    if (code === 7) reversed = true;
  }
  if (faint) letters = letters.map((part) => part * FAINT) as unknown as Rgb;
  return reversed ? { letters: ground, ground: letters } : { letters, ground };
}

const linear = (part: number): number => (part <= 10.31 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([red, green, blue]: Rgb): number =>
  0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

function contrast(one: Rgb, other: Rgb): number {
  const [less = 0, more = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
}

/** Every meaning as it is drawn: as itself, bold, and under the cursor. */
const spans: readonly Line[number][] = MEANINGS.flatMap((meaning) => [
  { text: meaning, meaning },
  { text: meaning, meaning, bold: true as const },
  { text: meaning, meaning, inverse: true as const },
]);

for (const name of SKIN_NAMES) {
  t.test(`${name}: a contrast of ${CONTRAST_LEAST}:1`, async (t) => {
    const skin = skins[name];
    const on = GROUNDS[skin?.ground ?? 'dark'];
    for (const depth of DEPTHS) {
      for (const span of spans) {
        const { letters, ground } = shown(paint([span], depth, name), on);
        const found = contrast(letters, ground);
        const what = `${span.meaning}${span.inverse ? ' under the cursor' : ''} with ${depth}: ${found.toFixed(2)}`;
        t.ok(found >= CONTRAST_LEAST, what);
      }
    }
  });

  t.test(`${name}: every status has its glyph and its word`, async (t) => {
    for (const depth of [...DEPTHS, 'none'] as const) {
      for (const status of STATUSES) {
        for (const ascii of [false, true]) {
          const { text, meaning = 'plain' } = statusGlyph(status, ascii);
          const painted = paint([{ text: statusText(status, ascii), meaning }], depth, name);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are what this is about
          t.equal(painted.replace(/\u001b\[[\d;]*m/g, ''), `${text} ${status}`);
          t.notMatch(text, /^\s*$/, status);
        }
      }
    }
  });
}

t.test('mono, and a terminal without colours, have no colour', async (t) => {
  const line: Line = [...spans, { text: 'of a run', style: { bold: true, foreground: 1, background: '#102030' } }];
  t.equal(paint(line, 'true', 'mono'), paint(line, 'none', 'light'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are what this is about
  const codes = [...paint(line, 'true', 'mono').matchAll(/\u001b\[([\d;]*)m/g)].flatMap(([, all = '']) =>
    all.split(';'),
  );
  t.same(
    codes.filter((code) => Number(code) >= 30),
    [],
  );
});

/** Linear red, green and blue as somebody without the red, or the green, cones sees them (Viénot, Brettel, Mollon 1999). */
const BLINDNESS: Readonly<Record<string, readonly Rgb[]>> = {
  protanopia: [
    [0.1124, 0.8876, 0],
    [0.1124, 0.8876, 0],
    [0.004, -0.004, 1],
  ],
  deuteranopia: [
    [0.2928, 0.7072, 0],
    [0.2928, 0.7072, 0],
    [-0.0223, 0.0223, 1],
  ],
};
/** CIE 1976; from some 10 on colours are told apart at a glance. */
const DIFFERENCE_LEAST = 20;

function lab(rgb: Rgb, blindness: readonly Rgb[]): Rgb {
  const seen = rgb.map(linear);
  const [r = 0, g = 0, b = 0] = blindness.map((row) => row.reduce((sum, part, i) => sum + part * (seen[i] ?? 0), 0));
  const cube = (part: number) => (part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116);
  const x = cube((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = cube(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = cube((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

t.test('colour-blind: what is well and what is not can be told apart without red or green (T-50)', async (t) => {
  const pairs: readonly (readonly [Meaning, Meaning])[] = [
    ['ok', 'bad'],
    ['ok', 'warn'],
    ['active', 'bad'],
    ['active', 'warn'],
    ['warn', 'bad'],
  ];
  for (const [kind, blindness] of Object.entries(BLINDNESS)) {
    const seen = (meaning: Meaning, depth: ColourDepth) =>
      lab(shown(paint([{ text: 'x', meaning }], depth, 'colour-blind'), GROUNDS.dark).letters, blindness);
    for (const depth of DEPTHS) {
      for (const [one, other] of pairs) {
        const [a, b] = [seen(one, depth), seen(other, depth)];
        const difference = Math.hypot(...a.map((part, i) => part - (b[i] ?? 0)));
        // Of sixteen colours the one between yellow and red is missing.
        const least = depth === '16' && one === 'warn' ? 10 : DIFFERENCE_LEAST;
        t.ok(difference >= least, `${kind}: ${one} and ${other} with ${depth}: ${difference.toFixed(1)}`);
      }
    }
  }
});

t.test('the nearest of 256 colours', async (t) => {
  t.equal(nearestIndex('#000000'), 16);
  t.equal(nearestIndex('#5f5f5f'), 59);
  t.equal(nearestIndex('#ff0000'), 196);
  t.equal(nearestIndex('#9e9e9e'), 247);
  for (const index of [16, 100, 231, 232, 255]) t.equal(rgbOfIndex(index).length, 3);
});
