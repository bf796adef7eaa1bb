import { parseDuration } from '../../base/index.js';
import type { FieldPath } from './field-path.js';
import { selectorCauses } from './label-rules.js';
import { asList, asMap, type Fields, forbidden, type Reporter } from './rule-kit.js';
import { invalid, required } from './schema-causes.js';

/** The leader looks about so often, ms: less cannot be told apart. */
const TIMED_MIN_MS = 1_000;

const WINDOW_MIN_MS = 1_000;
const WINDOW_MAX_MS = 86_400_000;

/** Entries of a list: fields that go with some events only, and labels. */
export function notifyCauses(spec: Fields, field: 'notify' | 'notifyRuns', report: Reporter): void {
  asList(spec[field]).forEach((item, index) => {
    const entry = asMap(item);
    const path: FieldPath = ['spec', field, index];
    selectorCauses([...path, 'selector'], entry.selector, report);
    const on = asList(entry.on);
    if (on.includes('LongerThan') && entry.longerThan === undefined) {
      report(required([...path, 'longerThan'], 'must be given together with on: LongerThan'));
    }
    const { window } = asMap(entry.flapping);
    if (entry.flapping !== undefined && typeof entry.after === 'number' && entry.after > 1) {
      report(forbidden([...path, 'flapping'], 'may not be given together with after'));
    }
    const windowMs = typeof window === 'string' ? parseDuration(window) : undefined;
    if (windowMs !== undefined && (windowMs < WINDOW_MIN_MS || windowMs > WINDOW_MAX_MS)) {
      report(invalid([...path, 'flapping', 'window'], window, 'must be at least 1s and at most 24h'));
    }
    for (const [name, event] of [
      ['longerThan', 'LongerThan'],
      ['lateAfter', 'Late'],
    ] as const) {
      const value = entry[name];
      if (value === undefined) continue;
      if (!on.includes(event)) report(forbidden([...path, name], `goes with on: ${event} only`));
      else if (typeof value === 'string' && (parseDuration(value) ?? TIMED_MIN_MS) < TIMED_MIN_MS) {
        report(invalid([...path, name], value, 'must be at least 1s'));
      }
    }
  });
}
