// Durations are strings wherever a user sees them: `90s`, `5m`, `1h30m`, `250ms`, `2d`.

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof UNIT_MS;

/** The form of a duration string, as a regular expression for schemas. */
export const DURATION_PATTERN = '^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$';
const SHAPE = /^(?=.)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds of a duration string, or undefined when it is not one. */
export function parseDuration(text: string): number | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const [, d, h, m, s, ms] = match;
  const value = (digits: string | undefined, unit: Unit) => Number(digits ?? 0) * UNIT_MS[unit];
  const total = value(d, 'd') + value(h, 'h') + value(m, 'm') + value(s, 's') + value(ms, 'ms');
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest string that parses back to `ms`; `0s` for zero. */
export function formatDuration(ms: number): string {
  let left = Math.max(0, Math.round(ms));
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(left / UNIT_MS[unit]);
    left -= count * UNIT_MS[unit];
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
