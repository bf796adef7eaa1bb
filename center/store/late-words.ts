// What an agent says of a run that is another agent's by now (run-continuation.ts), or that another one decided. It does not count,
// but two things are worth an event: how an attempt ended that was called Lost, and an attempt that two agents say they made. The
// latter never happens but where the user has given guarantee 1 away (partitionPolicy Continue); anywhere else it is a
// defect, and must be seen: a witness beside the trigger records.
import { type Attempt, isFinal, type RunReport } from '../../manifests/index.js';
import { type KeyedEvent, keyedEvent } from './events.js';
import { UNKNOWN_AGENT } from './run-continuation.js';
import { type RunRow, runStatusOf } from './run-row.js';

/** Events about a report of a former agent. Told when the run has ended there. */
export function lateWords(row: RunRow, report: RunReport, agent: string, time: number): KeyedEvent[] {
  if (!isFinal(report.state)) return [];
  const recorded = runStatusOf(row).attempts ?? [];
  const own = report.attempts.filter((attempt) => attempt.agent === agent && attempt.startTime !== undefined);
  return own.flatMap((attempt) => {
    const other = recorded.find(({ number }) => number === attempt.number);
    const message = lateResult(attempt, other) ?? startedTwice(attempt, other, row, recorded.length > 0);
    if (message === undefined) return [];
    const twice = other?.agent !== agent;
    return keyedEvent({
      ...({ reason: twice ? 'StartedTwice' : 'LateResult' } as const),
      ...{ source: `agent/${agent}`, time },
      message: `run ${report.name}: ${message}`,
      regarding: { kind: 'Task', namespace: report.namespace, name: report.task, uid: report.taskUid },
    });
  });
}

function lateResult({ number, state, agent, exitCode }: Attempt, recorded: Attempt | undefined): string | undefined {
  if (recorded?.agent !== agent || recorded.state !== 'Lost' || state === 'Lost' || !isFinal(state)) return undefined;
  const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
  return `attempt ${number}, which was called Lost, ended as ${state}${code} on agent ${agent}`;
}

function startedTwice(
  { number, state, agent }: Attempt,
  recorded: Attempt | undefined,
  row: RunRow,
  wasRun: boolean,
): string | undefined {
  const by = recorded?.agent ?? (wasRun ? UNKNOWN_AGENT : undefined);
  if (by === agent || by === UNKNOWN_AGENT) return undefined;
  const beside =
    by === undefined ? `although agent ${row.agent} had recorded it as ${row.state}` : `and by agent ${by}`;
  return `attempt ${number} was started by agent ${agent} (${state}), ${beside}`;
}
