// How long each of the latest runs took: a point per run, whose shape says how it ended, and a line where the timeout is.
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { formatAge } from '../../../base/index.js';
import type { RunObject } from '../api/objects.js';
import { type Duration, durationsOf, type Mark, ticksOf } from '../text/durations.js';
import { exactTime, shownZone, timeIn } from '../text/times.js';

interface DurationChartProps {
  readonly runs: readonly RunObject[];
  /** Of an attempt, ms. */
  readonly timeout?: number | undefined;
}

const RUNS = 200;
const HEIGHT = 170;
const LEFT = 52;
const RIGHT = 10;
const TOP = 12;
const BOTTOM = 24;
const LEAST_MS = 1000;
/** Above this many times what was longest, the timeout would press all points to the ground: it is only named. */
const TIMEOUT_SHOWN = 4;

/** Centred on 0, about 8 wide. */
const SHAPES: Readonly<Record<Mark, string>> = {
  ok: 'M-3.5,0 a3.5,3.5 0 1,0 7,0 a3.5,3.5 0 1,0 -7,0',
  failed: 'M-4,-2.6 L-2.6,-4 L0,-1.4 L2.6,-4 L4,-2.6 L1.4,0 L4,2.6 L2.6,4 L0,1.4 L-2.6,4 L-4,2.6 L-1.4,0 Z',
  timeout: 'M0,-4.8 L4.6,3.6 L-4.6,3.6 Z',
  outlier: 'M0,-5 L5,0 L0,5 L-5,0 Z',
  other: 'M-3.2,-3.2 H3.2 V3.2 H-3.2 Z',
};

const WORDS: Readonly<Record<Mark, string>> = {
  ok: 'succeeded',
  failed: 'failed',
  timeout: 'timed out',
  outlier: 'unusually long',
  other: 'ended otherwise',
};

export function DurationChart({ runs, timeout }: DurationChartProps) {
  const { points, median, longest } = useMemo(() => durationsOf(runs, RUNS), [runs]);
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    sizes.observe(box.current!);
    return () => sizes.disconnect();
  }, []);

  const line = timeout !== undefined && timeout <= longest * TIMEOUT_SHOWN ? timeout : undefined;
  const top = Math.max(LEAST_MS, longest, line ?? 0) * 1.08;
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const x = (at: number) => LEFT + (first === last ? 0.5 : (at - first) / (last - first)) * (width - LEFT - RIGHT);
  const y = (ms: number) => TOP + (1 - ms / top) * (HEIGHT - TOP - BOTTOM);
  const marks = [...new Set(points.map(({ mark }) => mark))];
  return (
    <figure ref={box} className="durations" aria-label={summary(points, median, longest, timeout)}>
      {points.length === 0 ? (
        <p className="faint">No run has ended yet.</p>
      ) : (
        <>
          <svg width={width} height={HEIGHT} aria-hidden="true">
            {ticksOf(top).map((ms) => (
              <g key={ms} className="grid">
                <line x1={LEFT} x2={width - RIGHT} y1={y(ms)} y2={y(ms)} />
                <text x={LEFT - 8} y={y(ms) + 4} textAnchor="end">
                  {ms === 0 ? '0' : formatTick(ms)}
                </text>
              </g>
            ))}
            {line !== undefined && (
              <g className="timeout">
                <line x1={LEFT} x2={width - RIGHT} y1={y(line)} y2={y(line)} strokeDasharray="5 4" />
                <text x={width - RIGHT} y={y(line) - 4} textAnchor="end">
                  timeout
                </text>
              </g>
            )}
            <text className="edge" x={LEFT} y={HEIGHT - 6}>
              {timeIn(shownZone(), first)}
            </text>
            {first !== last && (
              <text className="edge" x={width - RIGHT} y={HEIGHT - 6} textAnchor="end">
                {timeIn(shownZone(), last)}
              </text>
            )}
            {points.map(({ run, at, ms, mark }) => {
              const words = `${exactTime(at)}: ${WORDS[mark]} after ${tookWords(ms)}`;
              return (
                // By keyboard the strip and the table of runs lead there: not every point is a stop.
                <Link
                  key={run.metadata.uid}
                  href={`/runs/${run.metadata.namespace}/${run.metadata.name}`}
                  tabIndex={-1}
                >
                  <path
                    d={SHAPES[mark]}
                    className={`mark ${mark}`}
                    transform={`translate(${x(at).toFixed(1)} ${y(ms).toFixed(1)})`}
                  >
                    <title>{words}</title>
                  </path>
                </Link>
              );
            })}
          </svg>
          <figcaption className="marks">
            {marks.map((mark) => (
              <span key={mark}>
                <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
                  <path d={SHAPES[mark]} className={`mark ${mark}`} />
                </svg>
                {WORDS[mark]}
              </span>
            ))}
            {timeout !== undefined && line === undefined && <span>timeout at {tookWords(timeout)}</span>}
          </figcaption>
        </>
      )}
    </figure>
  );
}

/** What it shows, for whoever does not see it. */
function summary(
  points: readonly Duration[],
  median: number | undefined,
  longest: number,
  timeout: number | undefined,
): string {
  const count = (mark: Mark) => points.filter((point) => point.mark === mark).length;
  const counts = (['failed', 'timeout', 'outlier'] as const)
    .filter((mark) => count(mark) > 0)
    .map((mark) => `${count(mark)} ${WORDS[mark]}`);
  return [
    `Durations of the last ${points.length} runs: longest ${tookWords(longest)}`,
    ...(median === undefined ? [] : [`median ${tookWords(median)}`]),
    ...counts,
    ...(timeout === undefined ? [] : [`timeout ${tookWords(timeout)}`]),
  ].join(', ');
}

const formatTick = (ms: number): string => (ms < 1000 ? `${ms}ms` : formatAge(ms));

const tookWords = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : formatAge(ms));
