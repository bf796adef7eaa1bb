// Skins: which colour says what (T-50). Each is made for one ground, dark or light, on which all its letters have a contrast of
// 4.5:1 at least; a test computes it.
import type { Meaning } from '../text/line.js';

export const SKIN_NAMES = ['default', 'light', 'colour-blind', 'mono'] as const;
export type SkinName = (typeof SKIN_NAMES)[number];

/** A colour by what the terminal has. Without `rgb` it is one of the terminal's own sixteen wherever it is shown, as its owner
 * wants them; without `base` letters are not coloured where there are sixteen only. */
export interface Ink {
  /** 0 to 15. */
  readonly base?: number;
  /** `#rrggbb`. */
  readonly rgb?: `#${string}`;
}

export interface Skin {
  readonly ground: 'dark' | 'light';
  /** What is missing has the colour of all letters. */
  readonly inks: Readonly<Partial<Record<Meaning, Ink>>>;
  /** Of what a search has found. */
  readonly matchGround: Ink;
  /** Of the line under the cursor: the ground is painted with it. */
  readonly cursor: Ink;
}

const ink = (base: number | undefined, rgb?: `#${string}`): Ink => ({
  ...(base === undefined ? {} : { base }),
  ...(rgb === undefined ? {} : { rgb }),
});

/** Undefined: without colours. */
export const skins: Readonly<Record<SkinName, Skin | undefined>> = {
  default: {
    ground: 'dark',
    inks: {
      title: ink(6),
      key: ink(14),
      accent: ink(13),
      ok: ink(2),
      active: ink(6),
      warn: ink(3),
      bad: ink(9),
      match: ink(0),
    },
    matchGround: ink(3),
    cursor: ink(6),
  },
  light: {
    ground: 'light',
    inks: {
      dim: ink(undefined, '#5f5f5f'),
      title: ink(4, '#00508c'),
      key: ink(4, '#0a4fb5'),
      accent: ink(5, '#7a1fa2'),
      ok: ink(undefined, '#1b6e20'),
      active: ink(4, '#006b75'),
      warn: ink(5, '#8a4b00'),
      bad: ink(1, '#b3001b'),
      match: ink(0, '#000000'),
    },
    matchGround: ink(3, '#ffd75f'),
    cursor: ink(4, '#00508c'),
  },
  // Blue for what is well, yellow and orange for what is not: who cannot tell red from green can tell these.
  'colour-blind': {
    ground: 'dark',
    inks: {
      dim: ink(undefined, '#9e9e9e'),
      title: ink(14, '#56b4e9'),
      key: ink(6, '#9ad0f5'),
      accent: ink(13, '#d58fb9'),
      ok: ink(14, '#56b4e9'),
      active: ink(6, '#9ad0f5'),
      warn: ink(3, '#f5e663'),
      bad: ink(11, '#ff8c1a'),
      match: ink(0, '#000000'),
    },
    matchGround: ink(3, '#f5e663'),
    cursor: ink(6, '#9ad0f5'),
  },
  mono: undefined,
};
