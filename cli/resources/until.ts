// Instants to come, as people type them after --until: how long from now, or when.
import { type Instant, parseDuration } from '../../base/index.js';
import { parseTime } from './instant.js';
import { usage } from './target.js';

export interface UntilContext {
  readonly now: Instant;
  /** Of times without an offset. */
  readonly timeZone: string;
}

/** @throws CloudTaskError CT_USAGE for what is no time, or is not in the future */
export async function parseUntil(text: string, { now, timeZone }: UntilContext): Promise<Instant> {
  const duration = parseDuration(text);
  const until =
    duration === undefined ? await parseTime('--until', text, timeZone, 'a duration such as 2h') : now + duration;
  // Kept in full seconds: nobody means more, and it reads better.
  const instant = Math.ceil(until / 1000) * 1000;
  if (instant <= now || duration === 0) throw usage(`--until "${text}" is not in the future`);
  return instant;
}
