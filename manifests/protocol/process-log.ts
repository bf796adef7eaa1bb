// The last lines that centers and agents have logged, for `ctask support-bundle`: GET /apis/cloudtask.dev/v1/diagnosis/log of the center that
// answers, GET …/diagnosis/agents/{name}/log of an agent that listens to it.

/** One line as it was printed: level, time, process, pid, msg, and what else it says. */
export type ProcessLine = Readonly<Record<string, unknown>>;

export interface ProcessLines {
  /** The oldest first. */
  readonly lines: readonly ProcessLine[];
  /** How many the process had logged before the first of these. */
  readonly omitted: number;
  /** Of an agent that has or had more secrets than it can look for in its lines: they are without the fields that differ from line to line. */
  readonly fieldsLeftOut?: true;
}

/**
 * Given; NotListening: the agent has no connection with this center, perhaps with another one; Silent: it has one, and did not answer
 * in time, as one does that is older than this center.
 */
export type ProcessAnswer = 'Given' | 'NotListening' | 'Silent';

export interface ProcessLog extends ProcessLines {
  readonly kind: 'ProcessLog';
  readonly apiVersion: string;
  /** The clock of the center when it answered, RFC 3339. */
  readonly time: string;
  /** Of an agent; of a center its id, empty for one that was not told any. */
  readonly name: string;
  readonly answer: ProcessAnswer;
}

/** What an agent answers to the request `Log` of that id. */
export interface AgentLog extends ProcessLines {
  readonly id: string;
}
export interface AgentLogReply {
  /** False when nobody waits there: it was asked by another center, or too long ago. */
  readonly taken: boolean;
}
