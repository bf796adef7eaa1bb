import type { Emitter, Instant } from '../base/index.js';
import type { RunReport } from '../manifests/index.js';

/** What an agent tells those who watch it: telemetry, and what tests wait for. */
export type AgentEventMap = {
  /** The trigger record authorises this attempt. */
  claimed: { runUid: string; taskUid: string; slot: string; point: number | string; attempt: number };
  started: { runUid: string; taskUid: string; attempt: number; pid: number; startTime: Instant; startAt: Instant };
  /** The run reached a final state; its report is in the journal. */
  ended: RunReport;
  /** A run whose next attempt another agent is to make: it is no business of this one any more. */
  givenAway: { runUid: string; slotKey: string; attempt: number };
  /** The center has committed this report. */
  reported: RunReport;
  /** The agent has taken up what the allocation list says; slots that could be loaded are scheduled. */
  allocationApplied: { slots: number };
  /** The registration is this agent's from now on, with a new session once more. */
  registered: undefined;
  clockSuspect: { suspect: boolean; offsetMs: number };
};

export type AgentEvents = Emitter<AgentEventMap>;
