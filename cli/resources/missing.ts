import type { CloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { reportError } from '../report-error.js';

/** Several objects were named and some do not exist: says each, and throws the last, whose exit code ends the command. */
export async function reportMissing(missing: readonly CloudTaskError[], deps: CliDeps): Promise<void> {
  const last = missing.at(-1);
  if (last === undefined) return;
  for (const error of missing.slice(0, -1)) await deps.say(reportError(error).text.trimEnd());
  throw last;
}
