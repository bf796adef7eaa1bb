import { usage } from './target.js';

/** `NAME=value` pairs of `--env`; the value may hold `=`. Throws CT_USAGE. */
export function parseEnvironment(pairs: readonly string[]): { name: string; value: string }[] {
  return pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usage(`--env "${pair}" is not NAME=VALUE`);
    return { name: pair.slice(0, at), value: pair.slice(at + 1) };
  });
}
