import { parseDuration } from '../../base/index.js';
import type { FieldPath } from './field-path.js';
import { asList, asMap, forbidden, type Reporter } from './rule-kit.js';
import { invalid, required } from './schema-causes.js';

/** The leader looks about so often, ms: less cannot be told apart. */
const TIMED_MIN_MS = 1_000;

const WINDOW_MIN_MS = 1_000;
const WINDOW_MAX_MS = 86_400_000;

/** Fields of entries of spec.notify that go with some events only. */
export function notifyCauses(notify: unknown, report: Reporter): void {
  asList(notify).forEach((item, index) => {
    const entry = asMap(item);
    const path: FieldPath = ['spec', 'notify', index];
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
    for (const [field, event] of [
      ['longerThan', 'LongerThan'],
      ['lateAfter', 'Late'],
    ] as const) {
      const value = entry[field];
      if (value === undefined) continue;
      if (!on.includes(event)) report(forbidden([...path, field], `goes with on: ${event} only`));
      else if (typeof value === 'string' && (parseDuration(value) ?? TIMED_MIN_MS) < TIMED_MIN_MS) {
        report(invalid([...path, field], value, 'must be at least 1s'));
      }
    }
  });
}
