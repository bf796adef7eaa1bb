// Asks the center for the output of each attempt. Output may arrive later than the report of its run: what is not complete
// is asked for again, until nothing more arrives.
import { setTimeout as elapse } from 'node:timers/promises';
import type { CenterApi } from './center-api.js';
import type { StoredOutput } from './history.js';
import type { Written } from './outputs.js';

const AT_ONCE = 4;
const AGAIN_MS = 5_000;
/** When for so long nothing more arrived, nothing will. */
const STILL_MS = 60_000;

export async function collectOutputs(api: CenterApi, all: readonly Written[]): Promise<StoredOutput[]> {
  const found = new Map<Written, StoredOutput>();
  let asked = all;
  for (let deadline = Date.now() + STILL_MS; ; await elapse(AGAIN_MS)) {
    const queue = [...asked];
    const ask = async () => {
      for (let each = queue.pop(); each !== undefined; each = queue.pop()) found.set(each, await api.output(each));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    const incomplete = asked.filter((each) => found.get(each)?.sha256 !== each.sha256);
    if (incomplete.length < asked.length) deadline = Date.now() + STILL_MS;
    if (incomplete.length === 0 || Date.now() > deadline) return [...found.values()];
    asked = incomplete;
  }
}
