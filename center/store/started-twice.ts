// A witness beside the trigger records: two agents that say of themselves that they made the same attempt. It never happens but
// where the user has given guarantee 1 away (partitionPolicy Continue); anywhere else it is a defect, and must be seen.
import { isFinal, type RunReport } from '../../manifests/index.js';
import { type KeyedEvent, keyedEvent } from './events.js';
import { UNKNOWN_AGENT } from './run-continuation.js';
import { type RunRow, runStatusOf } from './run-row.js';

/** Events about a report that does not count, because the run is another agent's. Told once, when the attempt has ended. */
export function startedTwice(row: RunRow, report: RunReport, agent: string, time: number): KeyedEvent[] {
  if (!isFinal(report.state)) return [];
  const { attempts = [] } = runStatusOf(row);
  const recorded = new Map(attempts.map((attempt) => [attempt.number, attempt.agent]));
  const own = report.attempts.filter((attempt) => attempt.agent === agent && attempt.startTime !== undefined);
  return own.flatMap(({ number, state }) => {
    const other = recorded.get(number) ?? (attempts.length === 0 ? '' : UNKNOWN_AGENT);
    if (other === agent || other === UNKNOWN_AGENT) return [];
    const beside =
      other === '' ? `although agent ${row.agent} had recorded it as ${row.state}` : `and by agent ${other}`;
    return keyedEvent({
      ...({ type: 'Warning', reason: 'StartedTwice', source: `agent/${agent}`, time } as const),
      message: `run ${report.name}: attempt ${number} was started by agent ${agent} (${state}), ${beside}`,
      regarding: { kind: 'Task', namespace: report.namespace, name: report.task, uid: report.taskUid },
    });
  });
}
