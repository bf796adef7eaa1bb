// The latest runs as bars: how high says how long, the colour and the sign below how it ended.
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { RunObject } from '../api/objects.js';
import { stateWords } from '../text/state-words.js';
import { exactTime, shownZone, timeIn } from '../text/times.js';
import { tookWords } from './moment.js';
import { toneOf } from './state-badge.js';

const RUNS = 60;
const HEIGHT = 64;
const LEAST = 6;

export function RunStrip({ runs }: { readonly runs: readonly RunObject[] }) {
  const shown = useMemo(() => latest(runs), [runs]);
  if (shown.length === 0) return <p className="faint">It has not run yet.</p>;
  const longest = Math.max(1000, longestOf(shown));
  return (
    <>
      <ol className="strip" aria-label="Latest runs, the newest on the right">
        {shown.map(({ run, ms, at }) => {
          const state = run.status?.state ?? 'Pending';
          const words = `${stateWords(state)}, ${exactTime(at)}${ms > 0 ? `, took ${tookWords(ms)}` : ''}`;
          return (
            <li key={run.metadata.uid}>
              <Link
                href={`/runs/${run.metadata.namespace}/${run.metadata.name}`}
                className={`bar ${toneOf(state)}`}
                aria-label={words}
                title={words}
              >
                <svg width="100%" height={HEIGHT} aria-hidden="true">
                  <rect
                    width="100%"
                    rx="2"
                    height={LEAST + (ms / longest) * (HEIGHT - LEAST)}
                    y={HEIGHT - LEAST - (ms / longest) * (HEIGHT - LEAST)}
                  />
                </svg>
              </Link>
            </li>
          );
        })}
      </ol>
      <p className="strip-edges">
        <span>{timeIn(shownZone(), shown[0]!.at)}</span>
        <span className="hide-narrow">height = duration, at most {tookWords(longestOf(shown))}</span>
        {shown.length > 1 && <span>{timeIn(shownZone(), shown.at(-1)!.at)}</span>}
      </p>
    </>
  );
}

const longestOf = (bars: readonly Bar[]): number => Math.max(...bars.map(({ ms }) => ms));

interface Bar {
  readonly run: RunObject;
  readonly at: number;
  readonly ms: number;
}

function latest(runs: readonly RunObject[]): readonly Bar[] {
  const bars = runs.map((run): Bar => {
    const { spec, status, metadata } = run;
    const start = status?.startTime === undefined ? undefined : Date.parse(status.startTime);
    const end = status?.endTime === undefined ? Date.now() : Date.parse(status.endTime);
    const at = start ?? Date.parse(spec.scheduledTime ?? metadata.creationTimestamp);
    return { run, at, ms: start === undefined ? 0 : Math.max(0, end - start) };
  });
  return bars.sort((a, b) => a.at - b.at).slice(-RUNS);
}
