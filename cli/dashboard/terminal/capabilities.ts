// What the terminal can show, as far as its environment tells.

import type { Environment } from '../../host.js';
import { wantsColour } from '../../output/colour.js';

export type ColourDepth = 'none' | '16' | '256' | 'true';

/** Colours of the terminal; `when` is --color, which like NO_COLOR and FORCE_COLOR decides whether there are any. Throws
 * CT_USAGE when `when` is no such word. */
export function colourDepth(env: Environment, when?: string): ColourDepth {
  if (!wantsColour({ isTTY: true }, env, when)) return 'none';
  const { TERM = '', COLORTERM = '' } = env;
  if (/^(?:truecolor|24bit)$/i.test(COLORTERM) || /-(?:direct|truecolor)$/.test(TERM)) return 'true';
  return /-256(?:color)?$/.test(TERM) || COLORTERM !== '' ? '256' : '16';
}

/** Whether only ASCII can be shown: the locale names another character set than UTF-8. A locale that is not set says nothing;
 * terminals of today know UTF-8. */
export function asciiOnly(env: Environment): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  if (locale === 'C' || locale === 'POSIX') return true;
  const charset = /\.([^@]+)/.exec(locale)?.[1];
  return charset !== undefined && !/^utf-?8$/i.test(charset);
}
