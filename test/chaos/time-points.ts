// The checker's own schedule arithmetic. It shares no line with the product's.
import type { Rule } from './history.js';

const MINUTE_MS = 60_000;

/** Time points of `rule` in (after, upTo], ascending. */
export function timePoints(rule: Rule, after: number, upTo: number): number[] {
  const points: number[] = [];
  if ('everyMs' in rule) {
    const anchor = rule.anchor ?? 0;
    for (let n = Math.max(0, Math.ceil((after - anchor) / rule.everyMs)); ; n++) {
      const point = anchor + n * rule.everyMs;
      if (point > upTo) return points;
      if (point > after) points.push(point);
    }
  }
  for (let minute = Math.floor(after / MINUTE_MS) * MINUTE_MS; minute <= upTo; minute += MINUTE_MS) {
    for (let second = 0; second < 60; second += rule.secondsStep) {
      const point = minute + second * 1000;
      if (point > after && point <= upTo) points.push(point);
    }
  }
  return points;
}
