import { isDeepStrictEqual } from 'node:util';

type Fields = Record<string, unknown>;

const isMap = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON merge patch (RFC 7386) that makes `after` of `before`; an empty map when they are equal. */
export function mergeDiff(before: Fields, after: Fields): Fields {
  const patch: Fields = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isDeepStrictEqual(old, value)) continue;
    patch[key] = isMap(old) && isMap(value) ? mergeDiff(old, value) : value;
  }
  return patch;
}
