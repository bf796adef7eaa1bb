// Parameters of a run, as somebody writes them.
import { CloudTaskError } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
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

/** What the center would refuse, for a command that asks it for nothing yet. Throws CT_MANIFEST_INVALID. */
export async function checkParameters(
  spec: Pick<Task['spec'], 'parameters'>,
  given: Readonly<Record<string, string>>,
): Promise<void> {
  const { resolveParameters } = await import('../heavy/manifests.js');
  const { causes } = resolveParameters(spec.parameters ?? [], given);
  if (causes.length > 0) throw new CloudTaskError('CT_MANIFEST_INVALID', { detail: 'the request is invalid', causes });
}
