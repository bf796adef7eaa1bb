// The conditions of a run. They follow from its row, so they are not stored: they are written into its text each time.
// As Kubernetes Jobs do, a run that is over has exactly one of Complete, Failed and Cancelled, and no condition that is
// False.
import type { ConditionType, RunState } from '../../manifests/index.js';
import { iso } from './iso-time.js';
import { runEnds } from './run-ends.js';
import type { RunsTable } from './schema.js';

/** Writers put state, reason and times first; within a text quotes are escaped, so none of these is found there. */
const REASON = /^\{"state":"\w+","reason":"(\w+)"/;
const START = /"startTime":"([^"\\]+)"/;

/** A JSON list. `state` and times are in the row; reason and start are looked for in the text of the status. */
export function runConditionsText(
  row: Pick<RunsTable, 'state' | 'status' | 'agent' | 'created_time' | 'finish_time'>,
): string {
  const start = START.exec(row.status)?.[1];
  const end = runEnds[row.state as RunState];
  const conditions: string[] = [];
  if (row.agent !== null) {
    conditions.push(text('Scheduled', start ?? iso(row.created_time), 'Assigned', 'an agent has the run'));
  }
  if (start !== undefined) conditions.push(text('Started', start, 'ProcessStarted', 'the first attempt has started'));
  if (end !== undefined) {
    const reason = REASON.exec(row.status)?.[1] ?? row.state;
    conditions.push(text(end.condition, iso(row.finish_time ?? row.created_time), reason, end.message));
  }
  return `[${conditions.join(',')}]`;
}

function text(type: ConditionType<'Run'>, time: string, reason: string, message: string): string {
  return `{"type":"${type}","status":"True","lastTransitionTime":"${time}","reason":"${reason}","message":"${message}"}`;
}
