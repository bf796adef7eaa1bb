// Parameters of a run, as somebody writes them.
import { usage } from './target.js';

/** `NAME=value` pairs of `--param`; the value may hold `=`, or be empty. The center knows which names and values are right. Throws CT_USAGE. */
export function parseParameters(pairs: readonly string[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw usage(`--param "${pair}" is not NAME=VALUE`);
    const name = pair.slice(0, at);
    if (values.has(name)) throw usage(`--param gives "${name}" twice`);
    values.set(name, pair.slice(at + 1));
  }
  return Object.fromEntries(values);
}
