// What an agent has logged leaves its machine without the values of the secrets that it knows, wherever these have got into a line: in
// the message of an error, in a path, in a name.
import { constantFields } from '../../base/index.js';
import { maskOf, WholeMask } from './mask.js';

/** The agent does its work in between. */
const SLICE_LINES = 20;

export interface MaskedLines {
  readonly lines: readonly string[];
  /** There are or were more secrets than can be looked for: only what is the same in each such line is told. */
  readonly fieldsLeftOut: boolean;
}

/** `lines`: JSON objects; so are those that it gives. `secrets`: undefined when not all of them are known. */
export async function maskedLines(
  lines: readonly string[],
  secrets: readonly string[] | undefined,
): Promise<MaskedLines> {
  const mask = secrets === undefined ? new WholeMask() : maskOf(secrets);
  if (mask === undefined) return { lines, fieldsLeftOut: false };
  if (mask instanceof WholeMask) return { lines: lines.map((line) => constantFields(line)), fieldsLeftOut: true };
  const masked: string[] = [];
  for (let start = 0; start < lines.length; start += SLICE_LINES) {
    const slice = lines.slice(start, start + SLICE_LINES);
    const bytes = Buffer.from(slice.join('\n'));
    mask.apply(bytes, { start: 0, end: bytes.length });
    for (const [index, line] of bytes.toString().split('\n').entries()) {
      const own = slice[index]!;
      masked.push(line === own || isObject(line) ? line : constantFields(own));
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { lines: masked, fieldsLeftOut: false };
}

/** A value may have held what makes a line JSON. */
function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
