// Ids of traces (W3C Trace Context, OpenTelemetry). They follow from the run, so that an agent can tell a process its trace, and the center
// can write that trace when all is over, without a word between the two.
import { createHash } from 'node:crypto';

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

/** The uid of the run without its hyphens. */
export function traceIdOf(runUid: string): string {
  const digits = runUid.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : hashOf(runUid, TRACE_DIGITS);
}

/** `part`: the number of an attempt, or a word for another part of the run. */
export function spanIdOf(runUid: string, part: number | string): string {
  return hashOf(`${runUid}/${part}`, SPAN_DIGITS);
}

/** For the environment of an attempt: what its program does belongs to the attempt's span. */
export function traceparentOf(runUid: string, attempt: number): string {
  return `00-${traceIdOf(runUid)}-${spanIdOf(runUid, attempt)}-01`;
}

function hashOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
