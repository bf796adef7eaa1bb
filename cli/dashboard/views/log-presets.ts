// Which part of a log the digits ask for (T-40).
import type { Instant } from '../../../base/index.js';
import type { LogRequest } from '../../client/log-follow.js';
import type { Kept } from '../text/log-buffer.js';

export interface LogPreset {
  readonly key: string;
  /** Beside the name of the run. */
  readonly title: string;
  readonly kept: Kept;
  /** Lines from the end. */
  readonly tail?: number;
  /** No older than this. */
  readonly sinceMs?: number;
}

const MINUTE_MS = 60_000;
/** As in k9s. */
const TAIL_LINES = 100;

export const LOG_PRESETS: readonly LogPreset[] = [
  { key: '0', title: `last ${TAIL_LINES} lines`, kept: 'latest', tail: TAIL_LINES },
  { key: '1', title: 'from the beginning', kept: 'first' },
  { key: '2', title: 'last 1m', kept: 'latest', sinceMs: MINUTE_MS },
  { key: '3', title: 'last 5m', kept: 'latest', sinceMs: 5 * MINUTE_MS },
  { key: '4', title: 'last 15m', kept: 'latest', sinceMs: 15 * MINUTE_MS },
  { key: '5', title: 'last 30m', kept: 'latest', sinceMs: 30 * MINUTE_MS },
  { key: '6', title: 'last 1h', kept: 'latest', sinceMs: 60 * MINUTE_MS },
];

/** Not behind a digit: what follows a line that a search found. */
export const FROM_FOUND: LogPreset = { key: '', title: 'from the line found', kept: 'first' };

/** What to ask the server for. A head need not be followed: the buffer that takes it is full some time. */
export function presetRequest(preset: LogPreset, now: Instant): Pick<LogRequest, 'tail' | 'since'> {
  return {
    ...(preset.tail === undefined ? {} : { tail: preset.tail }),
    ...(preset.sinceMs === undefined ? {} : { since: new Date(now - preset.sinceMs).toISOString() }),
  };
}
