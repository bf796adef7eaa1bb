// A message that is refused for what it says is sent again in halves, and these in halves: one piece of news that the other side
// does not take, or a message that is too long for it, keeps nothing from arriving but what comes later about the same subject.
//
//   100 ── 413 ──► 50 ── 413 ──► 25 ── 413 ──► …        1 ── 413 ► tried again later
//                                25 ── 200 ► arrived
//                  50 ── 200 ► arrived
import { DeliveryError } from './delivery-error.js';

/** After so many refusals and not one yes it is left for later. */
const REFUSALS_MAX = 16;
const REQUESTS_MAX = 64;
/** No further part is begun after this time, ms: with the last one it ends before the lease does. */
const PARTS_MS = 30_000;

/**
 * Throws DeliveryError unless all of it has arrived.
 *
 * @param all in the order of what has happened
 * @param subject what one of them is about
 * @param send one message; what it throws with `onlyThese` is about what the message says
 * @param now monotonic, ms
 */
export async function inParts<T>(
  all: readonly T[],
  subject: (one: T) => string,
  send: (part: readonly T[]) => Promise<void>,
  now: () => number,
): Promise<void> {
  const end = now() + PARTS_MS;
  const arrived = new Set<number>();
  const refused = new Set<string>();
  const subjectOf = (place: number) => subject(all[place]!);
  const notTaken = () =>
    all.flatMap((_, place) => (!arrived.has(place) && refused.has(subjectOf(place)) ? [place] : []));
  const parts = [all.map((_, place) => place)];
  let refusal: DeliveryError | undefined;
  let refusals = 0;
  for (let requests = 0; parts.length > 0; requests += 1) {
    const hopeless = refusals >= REFUSALS_MAX && arrived.size === 0;
    if (hopeless || requests >= REQUESTS_MAX || (requests > 0 && now() >= end)) break;
    const part = parts.shift()!.filter((place) => !refused.has(subjectOf(place)));
    if (part.length === 0) continue;
    try {
      await send(part.map((place) => all[place]!));
      for (const place of part) arrived.add(place);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      const { message, certain, retryAfterMs } = error;
      if (!error.onlyThese) {
        const unsure = certain ? {} : { unsure: part };
        throw new DeliveryError(message, {
          certain,
          retryAfterMs,
          arrived: [...arrived],
          refused: notTaken(),
          ...unsure,
        });
      }
      refusal = error;
      refusals += 1;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1) parts.unshift(part.slice(0, half), part.slice(half));
      else refused.add(subjectOf(part[0]!));
    }
  }
  if (refusal === undefined || arrived.size === all.length) return;
  throw new DeliveryError(refusal.message, {
    certain: true,
    onlyThese: arrived.size > 0 || parts.length === 0,
    retryAfterMs: refusal.retryAfterMs,
    arrived: [...arrived],
    refused: notTaken(),
  });
}
