// JSON.parse keeps the last of several equal keys and tells nobody. This looks for them alone: reading 10 MB this way takes
// about as long as JSON.parse does, where a parser that builds a tree with places takes ninety times as long.
import type { FieldPath } from '../validate/field-path.js';

/** Paths told at once; a text with more of them is mended in steps. */
const PATHS_MAX = 1000;
/** Nothing that we know lies deeper, so what does is unknown anyway. */
const DEPTH_MAX = 100;
/** Up to so many keys a look at each is faster than a set. */
const FEW = 16;

const QUOTE = 0x22;
const COMMA = 0x2c;
const LIST = 0x5b;
const BACKSLASH = 0x5c;
const LIST_END = 0x5d;
const MAP = 0x7b;
const MAP_END = 0x7d;

/** A map or list that is open. Frames are used again: one per depth. */
interface Frame {
  map: boolean;
  /** Key or index of the value that is being read. */
  step: string | number;
  readonly few: string[];
  many: Set<string> | undefined;
}

/** The paths that `text` gives more than one value, each once, in order. `text` is JSON: JSON.parse has taken it. */
export function repeatedKeys(text: string): FieldPath[] {
  const paths = new Map<string, FieldPath>();
  const frames: Frame[] = [];
  let depth = 0;
  let wantsKey = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      const frame = depth <= DEPTH_MAX ? frames[depth - 1] : undefined;
      if (wantsKey && frame !== undefined && !isNew(frame, keyOf(text, at, end))) {
        const path = frames.slice(0, depth).map(({ step }) => step);
        if (paths.size < PATHS_MAX) paths.set(JSON.stringify(path), path);
      }
      wantsKey = false;
      at = end;
    } else if (code === COMMA) {
      const frame = frames[depth - 1];
      if (frame === undefined) continue;
      wantsKey = frame.map;
      if (!frame.map) frame.step = (frame.step as number) + 1;
    } else if (code === MAP || code === LIST) {
      if (depth < DEPTH_MAX) begin(frames, depth, code === MAP);
      depth += 1;
      wantsKey = code === MAP;
    } else if (code === MAP_END || code === LIST_END) depth -= 1;
  }
  return [...paths.values()];
}

function begin(frames: Frame[], depth: number, map: boolean): void {
  const frame = frames[depth];
  if (frame === undefined) {
    frames.push({ map, step: 0, few: [], many: undefined });
    return;
  }
  frame.map = map;
  frame.step = 0;
  frame.few.length = 0;
  frame.many = undefined;
}

/** Makes `key` the step of the frame; false when the map has had it before. */
function isNew(frame: Frame, key: string): boolean {
  frame.step = key;
  if (frame.many === undefined) {
    if (frame.few.includes(key)) return false;
    if (frame.few.push(key) > FEW) frame.many = new Set(frame.few);
    return true;
  }
  if (frame.many.has(key)) return false;
  frame.many.add(key);
  return true;
}

/** Where the string that begins at `start` has its closing quote. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    // Quotes after an odd number of backslashes are part of the string.
    if (slashes % 2 === 0) return end;
  }
}

function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}
