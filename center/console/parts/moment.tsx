import { formatAge } from '../../../base/index.js';
import { useNow } from '../state/use-now.js';
import { exactTime } from '../text/times.js';

/** How long ago, or in how long, and in its title exactly when. */
export function Moment({
  time,
  ahead = false,
}: {
  readonly time: string | number | undefined;
  readonly ahead?: boolean;
}) {
  const now = useNow();
  if (time === undefined) return <span className="faint none">–</span>;
  const instant = typeof time === 'number' ? time : Date.parse(time);
  const words = ahead
    ? instant <= now
      ? 'now'
      : `in ${formatAge(instant - now)}`
    : `${formatAge(Math.max(0, now - instant))} ago`;
  return (
    <time
      dateTime={new Date(instant).toISOString()}
      onPointerEnter={({ currentTarget }) => {
        // Only now: what makes exact times takes long to load, and a page of tasks has a hundred of them.
        currentTarget.title = exactTime(instant);
      }}
    >
      {words}
    </time>
  );
}

/** `12ms`, `3.4s`, and from ten seconds on as ages are told. */
export function tookWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : formatAge(ms);
}

/** How long it took, or has been taking. */
export function Took({ start, end }: { readonly start: string | undefined; readonly end: string | undefined }) {
  const now = useNow();
  if (start === undefined) return <span className="faint none">–</span>;
  const ms = Math.max(0, (end === undefined ? now : Date.parse(end)) - Date.parse(start));
  return <span className="number">{end === undefined ? formatAge(ms) : tookWords(ms)}</span>;
}
