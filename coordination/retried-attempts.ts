// Which attempts beyond the first were claimed in a slot. A trigger record names its latest claim only, so without this nobody
// but the agent that claimed could say whether the retry of an earlier time point was claimed: and so nobody else could
// continue it without the risk to start it twice (rule R10).

/** Time points remembered per slot. More than this many retried runs of one slot are open at a time only where runs
 * overlap; each takes about 20 bytes of the record. */
const REMEMBERED_MAX = 16;

export interface RetriedAttempts {
  /** Of time points up to here nothing is known any more, unless they are in `latest`. */
  readonly forgottenUpTo: number;
  /** Time point and the greatest attempt that was claimed for it, by time point. Attempts number 1 are not here. */
  readonly latest: readonly (readonly [point: number, attempt: number])[];
}

interface WithRetries {
  readonly retried?: RetriedAttempts | undefined;
}

/**
 * The greatest attempt beyond the first that was ever claimed for a consumed time point of the slot; 1 when there is none. undefined:
 * it is not known any more. A conditional write on the record that this was read from fails if it has changed since.
 */
export function latestClaimedAttempt({ retried }: WithRetries, point: number): number | undefined {
  if (retried === undefined) return 1;
  const found = retried.latest.find(([time]) => time === point);
  if (found !== undefined) return found[1];
  return point <= retried.forgottenUpTo ? undefined : 1;
}

/** What a record must say once `attempt` of the time point is claimed. */
export function withClaimedAttempt({ retried }: WithRetries, point: number, attempt: number): RetriedAttempts {
  const forgottenUpTo = retried?.forgottenUpTo ?? 0;
  const others = (retried?.latest ?? []).filter(([time]) => time !== point);
  const known = Math.max(attempt, latestClaimedAttempt({ retried }, point) ?? 1);
  const all = [...others, [point, known] as const].sort(([a], [b]) => a - b);
  const dropped = all.slice(0, Math.max(0, all.length - REMEMBERED_MAX));
  return {
    forgottenUpTo: Math.max(forgottenUpTo, ...dropped.map(([time]) => time)),
    latest: all.slice(dropped.length),
  };
}
