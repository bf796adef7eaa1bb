/** Every kind of fault that a simulation knows; faults.ts says what each does. */
export const FAULT_KINDS = [
  'agent-kill',
  'agent-pause',
  'agent-restart',
  'agent-power-cut',
  'runner-kill',
  'agent-connections-cut',
  'agent-silent',
  'agent-sends-nothing',
  'agent-hears-nothing',
  'agent-center-silent',
  'agent-disk-full',
  'agent-clock-step',
  'center-kill',
  'center-pause',
  'center-silent',
  'coordination-kill',
  'coordination-pause',
  'database-kill',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
