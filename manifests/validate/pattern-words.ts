// What patterns of the schema ask for, in words.
import { SUBJECT_PATTERN } from '../kinds/access.js';
import { NAME_PATTERN, NAME_PREFIX_PATTERN } from '../kinds/metadata.js';
import { PACKAGE_DIGEST_PATTERN } from '../kinds/package-ref.js';
import { CPU_PATTERN } from '../kinds/resources.js';
import { ACCOUNT_PATTERN, UMASK_PATTERN } from '../kinds/run-as.js';
import { PARAMETER_NAME_PATTERN } from '../kinds/task-parameters.js';

const WORDS: ReadonlyMap<string, string> = new Map([
  [NAME_PATTERN, 'must consist of lower-case letters, digits, "-" and ".", and begin and end with a letter or digit'],
  [
    NAME_PREFIX_PATTERN,
    'must consist of lower-case letters, digits, "-" and ".", begin with a letter or digit, and not end with "."',
  ],
  [
    SUBJECT_PATTERN,
    'must consist of lower-case letters, digits, "-" and ".", and begin and end with a letter or digit, or be "oidc:" and what an issuer calls a group',
  ],
  [PARAMETER_NAME_PATTERN, 'must begin with a letter, and go on with letters, digits, "-" and "_"'],
  [CPU_PATTERN, 'must be a number of cores, such as "2", "0.5" or "500m"'],
  [
    ACCOUNT_PATTERN,
    'must be the name of an account: at most 32 letters, digits, "_", "-" and ".", and it begins with a letter or "_"',
  ],
  [UMASK_PATTERN, 'must be three octal digits, such as "027"'],
  [PACKAGE_DIGEST_PATTERN, 'must be "sha256:" and 64 hexadecimal digits in lower case'],
]);

export function patternSentence(pattern: string): string {
  const words = WORDS.get(pattern);
  if (words !== undefined) return words;
  if (pattern.startsWith('^[a-z0-9]')) {
    return 'must consist of lower-case letters, digits and "-", and begin and end with a letter or digit';
  }
  if (pattern.startsWith('^[^\\n')) return 'must be one line';
  if (pattern.startsWith('^[A-Za-z_]')) return 'must consist of letters, digits and "_", and not begin with a digit';
  return `must match ${pattern}`;
}
