import { type Clock, CloudTaskError, newUid, type Timer } from '../../base/index.js';
import type { AgentLog, AgentRequest, ProcessLine, ProcessLines } from '../../manifests/index.js';

/** An agent answers within milliseconds; one that is loaded to its limits, or far away, within this. */
const ANSWER_MS = 5000;
/** More than agents keep. */
const LINES_MAX = 10_000;

type Send = (request: AgentRequest) => void;
type Answer = ProcessLines | 'NotListening' | 'Silent';

interface Question {
  readonly id: string;
  readonly answer: Promise<Answer>;
  readonly settle: (answer: Answer) => void;
}

/** Asks the agents that listen to this center for their last log lines. An agent is asked once at a time, however many want to know. */
export class AgentLogs {
  private readonly clock: Clock;
  /** By agent: one that has connected anew may have two for a while. */
  private readonly listening = new Map<string, Set<Send>>();
  private readonly open = new Map<string, Question>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Until the function that it returns is called, the agent can be asked. */
  listen(agent: string, send: Send): () => void {
    const sends = this.listening.get(agent) ?? new Set();
    this.listening.set(agent, sends.add(send));
    return () => {
      sends.delete(send);
      if (sends.size > 0) return;
      this.listening.delete(agent);
      this.open.get(agent)?.settle('NotListening');
    };
  }

  ask(agent: string): Promise<Answer> {
    const sends = this.listening.get(agent);
    if (sends === undefined) return Promise.resolve('NotListening');
    const known = this.open.get(agent);
    if (known !== undefined) return known.answer;
    const question = this.question(agent);
    for (const send of sends) send({ type: 'Log', id: question.id });
    return question.answer;
  }

  /** What an agent has sent: false when nobody waits for it. Throws CT_BAD_REQUEST. */
  take(agent: string, body: unknown): boolean {
    const log = agentLogOf(body);
    const question = this.open.get(agent);
    if (question === undefined || question.id !== log.id) return false;
    const { id: _, ...lines } = log;
    question.settle(lines);
    return true;
  }

  private question(agent: string): Question {
    let resolve: (answer: Answer) => void = () => undefined;
    const answer = new Promise<Answer>((settle) => {
      resolve = settle;
    });
    let late: Timer | undefined;
    const settle = (given: Answer) => {
      late?.cancel();
      this.open.delete(agent);
      resolve(given);
    };
    const question = { id: newUid(), answer, settle };
    this.open.set(agent, question);
    late = this.clock.timerAfter(ANSWER_MS, () => settle('Silent'));
    return question;
  }
}

function agentLogOf(body: unknown): AgentLog {
  const { id, lines, omitted, fieldsLeftOut } = (body ?? {}) as Partial<Record<keyof AgentLog, unknown>>;
  const whole =
    typeof id === 'string' &&
    Array.isArray(lines) &&
    lines.length <= LINES_MAX &&
    lines.every((line) => typeof line === 'object' && line !== null && !Array.isArray(line)) &&
    Number.isSafeInteger(omitted) &&
    (omitted as number) >= 0;
  if (!whole) {
    const detail = `the body must be {"id", "lines": [...], "omitted"} with at most ${LINES_MAX} lines, each an object`;
    throw new CloudTaskError('CT_BAD_REQUEST', detail);
  }
  return {
    ...{ id, lines: lines as ProcessLine[], omitted: omitted as number },
    ...(fieldsLeftOut === true ? { fieldsLeftOut } : {}),
  };
}
