// Looks for a text in a log that is larger than the window on it: the center goes through all of it.
import { linesOf } from '../api/lines.js';
import { pathOf, send } from '../api/request.js';

/** Nobody steps through more. */
export const FOUND_MAX = 1000;

export interface Found {
  /** Where the lines begin that contain it. */
  readonly at: readonly number[];
  /** There are more than these. */
  readonly cut: boolean;
}

/** Small letters or not are the same. Throws ApiError. */
export async function searchLog(
  { namespace, run, attempt }: { readonly namespace: string; readonly run: string; readonly attempt: number },
  text: string,
  signal: AbortSignal,
): Promise<Found> {
  const stop = new AbortController();
  const response = await send(pathOf('runs', namespace, run, 'log'), {
    query: { attempt, grep: `(?i)${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}` },
    ...{ accept: 'application/x-ndjson', signal: AbortSignal.any([signal, stop.signal]) },
  });
  const at: number[] = [];
  for await (const line of linesOf(response)) {
    const item = JSON.parse(line) as { readonly offset?: number };
    if (item.offset === undefined) continue;
    at.push(item.offset);
    if (at.length < FOUND_MAX) continue;
    stop.abort();
    return { at, cut: true };
  }
  return { at, cut: false };
}
