// Helpers shared by the tests of the agent.
import type { Agent } from '../../agent/index.js';
import { newUid } from '../../base/index.js';
import type { ManualRun, RunReport, Task } from '../../manifests/index.js';
import type { AgentBench } from './agent-bench.js';

export const final = (state: string) => (report: RunReport) => report.state === state;
export const byTime = (a: RunReport, b: RunReport) => (a.scheduledTime ?? 0) - (b.scheduledTime ?? 0);

/** Collects the ends of `count` runs. */
export function ends(agent: Agent, count: number): Promise<RunReport[]> {
  const reports: RunReport[] = [];
  return new Promise((resolve) => {
    const off = agent.events.on('ended', (report) => {
      reports.push(report);
      if (reports.length < count) return;
      off();
      resolve(reports.sort(byTime));
    });
  });
}

export async function untilLogEnded(bench: AgentBench, runUid: string, attempt = 1): Promise<void> {
  const key = `${runUid}/${attempt}`;
  while (!bench.center.logs.get(key)?.position.ended) await bench.center.events.next('log', (each) => each === key);
}

export function startOnDemand(
  bench: AgentBench,
  task: Task,
  extra: Pick<ManualRun, 'args' | 'env' | 'parameters' | 'toldTime'> = {},
): ManualRun {
  const run: ManualRun = {
    ...{ uid: newUid(), name: 'manual-1', namespace: 'default', task: task.metadata.name, taskUid: bench.uid(task) },
    ...{ slot: '', revision: 1, trigger: 'Manual', manualId: newUid() },
    ...extra,
  };
  bench.center.request({ type: 'Start', run });
  return run;
}
