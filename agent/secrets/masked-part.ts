import { hide, MASKED_MIN_CHARS, type Mask } from './mask.js';

export interface PartOfWindow {
  readonly start: number;
  readonly end: number;
  /** What was in front of `start` was dropped. */
  readonly behindGap: boolean;
  /** What follows `end`: more of the window (with the reach of the mask in it, unless the stream ends there), something that was
   * dropped, nothing any more, or what is still to be written. */
  readonly next: 'more' | 'gap' | 'nothing' | 'unwritten';
}

/** Bytes [start, end) of a window, without what is secret; fewer while what is still to be written may make the last of them
 * secret. The window is written to. */
export function maskedPart(mask: Mask, window: Buffer, { start, end, behindGap, next }: PartOfWindow): Buffer {
  const edge = next === 'gap' ? end : window.length;
  // Where the rest of a value was dropped or never written, its beginning is hidden all the same.
  const open = next === 'more' ? 0 : mask.openEnd(window.subarray(0, edge));
  const last = next === 'unwritten' ? Math.min(end, edge - open) : end;
  if (last <= start) return Buffer.alloc(0);
  const rest = behindGap ? mask.openStart(window.subarray(start, last)) : 0;
  mask.apply(window, { start, end: last });
  if (rest >= MASKED_MIN_CHARS) hide(window, start, start + rest);
  if (open >= MASKED_MIN_CHARS) hide(window, Math.max(start, edge - open), last);
  return window.subarray(start, last);
}
