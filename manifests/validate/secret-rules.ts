// What a Secret may hold. No sentence here quotes a value.
import type { ErrorCause } from '../../base/index.js';
import { SEALED } from '../kinds/secret.js';
import { type FieldPath, formatPath } from './field-path.js';
import { asMap, type Fields, type Reporter } from './rule-kit.js';
import { cause, invalid } from './schema-causes.js';

/** An environment variable of Linux may have 128 KiB; this leaves room for its name and for what others put beside it. */
export const SECRET_VALUE_MAX_BYTES = 64 * 1024;
/** All values of one secret travel to each agent that needs one of them. */
export const SECRET_MAX_BYTES = 256 * 1024;
const KEYS_MAX = 256;
/** JavaScript takes one name of a field for something else. */
const KEY = /^(?!__proto__$)[-._a-zA-Z0-9]{1,253}$/;

export function secretCauses(spec: Fields, report: Reporter): void {
  let bytes = 0;
  let keys = 0;
  for (const field of ['data', 'stringData'] as const) {
    for (const [key, value] of Object.entries(asMap(spec[field]))) {
      const path: FieldPath = ['spec', field, key];
      if (!KEY.test(key)) {
        report(invalid(path, key, 'a key consists of at most 253 letters, digits, "-", "_" and "."'));
      }
      keys += 1;
      if (typeof value !== 'string') continue;
      const why = field === 'data' ? dataProblem(value) : textProblem(value);
      if (why !== undefined) report(cause('FieldValueInvalid', path, `${formatPath(path)}: Invalid value: ${why}`));
      bytes += value.length;
    }
  }
  if (keys > KEYS_MAX) report(cause('FieldValueTooLong', ['spec'], `spec: Too long: more than ${KEYS_MAX} keys`));
  if (bytes > SECRET_MAX_BYTES) {
    report(cause('FieldValueTooLong', ['spec'], `spec: Too long: more than ${SECRET_MAX_BYTES} bytes in all`));
  }
}

/** Without what a sentence about a type says of the value. */
export function withoutValue(found: ErrorCause): ErrorCause {
  return { ...found, message: found.message.replace(/; write ".*$/s, '; write it in quotes') };
}

/** The text that a value of `data` stands for; undefined when it is not base64 of text. */
export function secretText(base64: string): string | undefined {
  const compact = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) return undefined;
  try {
    const bytes = Uint8Array.from(atob(compact), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // a value that is no text is the caller's to refuse
  }
}

function dataProblem(value: string): string | undefined {
  if (value.startsWith(SEALED)) return undefined;
  const text = secretText(value);
  return text === undefined ? 'must be base64 of UTF-8 text; plain text goes into stringData' : textProblem(text);
}

function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'no environment variable can hold a NUL byte';
  if (new TextEncoder().encode(text).length > SECRET_VALUE_MAX_BYTES) {
    return `has more than ${SECRET_VALUE_MAX_BYTES} bytes`;
  }
  return undefined;
}
