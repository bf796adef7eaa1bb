// How well it went, a cell for each stretch of time: one look says whether, and when, it did not.
import type { Outcomes } from '../text/outcomes.js';
import { minuteIn, shownZone } from '../text/times.js';

interface OutcomeStripProps {
  readonly outcomes: readonly Outcomes[];
  readonly since: number;
  readonly until: number;
}

/** Share of runs that ended badly from which a stretch is bad, not only blemished. */
const BAD_FROM = 0.5;

export function OutcomeStrip({ outcomes, since, until }: OutcomeStripProps) {
  const width = (until - since) / outcomes.length;
  return (
    <svg className="outcome-strip" viewBox={`0 0 ${outcomes.length} 1`} preserveAspectRatio="none" aria-hidden="true">
      {outcomes.map((part, index) => {
        const from = since + index * width;
        const tone = toneOf(part);
        return (
          <rect key={from} className={tone} x={index + 0.08} width="0.84" y={1 - HEIGHTS[tone]} height={HEIGHTS[tone]}>
            <title>{`${minuteIn(shownZone(), from)}–${minuteIn(shownZone(), from + width)}: ${wordsFor(part)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

type StretchTone = 'none' | 'good' | 'warn' | 'bad';

/** The worse the higher: nobody has to tell the colours apart. */
const HEIGHTS: Readonly<Record<StretchTone, number>> = { none: 0.25, good: 0.5, warn: 0.75, bad: 1 };

function toneOf({ good, bad }: Outcomes): StretchTone {
  if (good + bad === 0) return 'none';
  if (bad === 0) return 'good';
  return bad / (good + bad) >= BAD_FROM ? 'bad' : 'warn';
}

function wordsFor({ good, bad }: Outcomes): string {
  if (good + bad === 0) return 'nothing ended';
  return `${((100 * good) / (good + bad)).toFixed(0)} % of ${good + bad} succeeded`;
}
