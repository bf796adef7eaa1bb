// Which names an archive may use for its entries. Pure: the same on every machine, except that Windows gives a meaning to
// some names that they have nowhere else.
import { refusedEntry } from './archive-limits.js';

/** Longest name that the usual file systems take. */
const SEGMENT_MAX_BYTES = 255;
/** Of a whole path inside of the archive; leaves room for the directory it goes to (PATH_MAX is 4096). */
const PATH_MAX_BYTES = 2048;

const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * The steps of an entry's path; none for the root itself (`./`). Throws CT_PACKAGE_INVALID for a name that leads out of the
 * directory, or that two programs might understand in two ways.
 */
export function stepsOf(name: string, windows: boolean): string[] {
  const refuse = (rule: string): never => {
    throw refusedEntry(name, rule);
  };
  if (name === '') refuse('has no name');
  if (name.includes('\0')) refuse('a name may not contain NUL');
  if (CONTROL.test(name)) refuse('a name may not contain control characters');
  if (name.includes('\ufffd') || /\p{Surrogate}/u.test(name)) refuse('a name must be UTF-8');
  if (name.includes('\\')) refuse('a name may not contain a backslash');
  if (name.startsWith('/')) refuse('a name may not be absolute');
  if (/^[A-Za-z]:/.test(name)) refuse('a name may not begin with a drive letter');
  if (Buffer.byteLength(name) > PATH_MAX_BYTES) refuse(`a path may not have more than ${PATH_MAX_BYTES} bytes`);
  // "./" in front and "/" behind are what tar writes for a directory.
  const plain = name.replace(/^(\.\/)+/, '').replace(/\/$/, '');
  if (plain === '' || plain === '.') return [];
  const steps = plain.split('/');
  for (const step of steps) {
    if (step === '') refuse('a path may not contain "//"');
    if (step === '.' || step === '..') refuse(`a path may not contain "${step}"`);
    if (Buffer.byteLength(step) > SEGMENT_MAX_BYTES) refuse(`a name may not have more than ${SEGMENT_MAX_BYTES} bytes`);
    if (windows) windowsRules(step, refuse);
  }
  return steps;
}

function windowsRules(step: string, refuse: (rule: string) => never): void {
  if (/[<>:"|?*]/.test(step)) refuse('a name may not contain < > : " | ? * on Windows');
  if (/[. ]$/.test(step)) refuse('a name may not end with a dot or a space on Windows');
  if (WINDOWS_DEVICE.test(step)) refuse('is the name of a device on Windows');
}

/** What file systems that do not tell cases or Unicode forms apart make of a name. Wider than any of them. */
export function foldName(step: string): string {
  return step.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
}
