import { CloudTaskError } from '../../base/index.js';
import type { Environment, Output } from '../host.js';

/** Whether to colour: `--color` beats NO_COLOR beats FORCE_COLOR beats "a terminal that is not dumb". Throws CT_USAGE. */
export function wantsColour(output: Pick<Output, 'isTTY'>, env: Environment, when = 'auto'): boolean {
  if (when === 'always') return true;
  if (when === 'never') return false;
  if (when !== 'auto') throw new CloudTaskError('CT_USAGE', `--color "${when}" is not one of auto, always, never`);
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return output.isTTY && env.TERM !== 'dumb';
}

const CODES: Readonly<Record<string, number>> = {
  Succeeded: 32,
  Ready: 32,
  Active: 32,
  Normal: 32,
  Running: 36,
  Pending: 36,
  Queued: 36,
  Failed: 31,
  TimedOut: 31,
  Lost: 31,
  NotReady: 31,
  Invalid: 31,
  Warning: 31,
  Degraded: 33,
  Unallocated: 33,
  Missed: 33,
  Skipped: 33,
  Suspended: 33,
  Cancelled: 33,
  'Ready,SchedulingDisabled': 33,
};

/** A status word in its colour; other words are left alone. */
export function colourWord(word: string): string {
  const code = CODES[word];
  return code === undefined ? word : `\u001b[${code}m${word}\u001b[0m`;
}
