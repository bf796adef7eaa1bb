// What a run can be; manifests/run-state.ts has what can follow what.

export const RUN_STATES = [
  'Pending',
  'Queued',
  'Running',
  'Succeeded',
  'Failed',
  'TimedOut',
  'Cancelled',
  'Skipped',
  'Missed',
  'Lost',
] as const;

export type RunState = (typeof RUN_STATES)[number];
