// A job of CloudTask 2, said as a task.
import type { Schedule, Task } from '../../../manifests/index.js';
import type { ImportTarget } from '../imported.js';
import { notifyOf } from './notify.js';
import type { OriginalJob } from './original-job.js';
import { scheduleOf } from './schedules.js';

export interface CloudtaskTarget extends ImportTarget {
  /** Zone of the machines that ran the jobs: it had none of its own. */
  readonly timeZone: string;
  /** The jobs ran on Windows. */
  readonly windows: boolean;
}

/** Annotations for what tasks have no field for. */
export const JOB_ID = 'v2.cloudtask.dev/jobid';
export const JOB_FILE = 'v2.cloudtask.dev/filename';

export interface Place {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  /** Name of the Package of its files; absent for a job without. */
  readonly packageName?: string;
  /** Names of the agents it is pinned to. */
  readonly agents: readonly string[];
}

export function jobTask(job: OriginalJob, place: Place, target: CloudtaskTarget): Task {
  const { name, namespace, cluster, agents, packageName } = place;
  const annotations = {
    ...(job.id === '' ? {} : { [JOB_ID]: job.id }),
    ...(job.filename === '' ? {} : { [JOB_FILE]: job.filename }),
  };
  const schedules = schedulesOf(job, target.timeZone);
  const notify = notifyOf(job);
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name, namespace, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: {
      ...(job.description === '' ? {} : { description: job.description }),
      cluster,
      ...(agents.length === 0 ? {} : { placement: { agents: [...agents] } }),
      ...(schedules.length === 0 ? {} : { timeZone: target.timeZone, schedules }),
      ...(job.enabled ? {} : { suspend: true, suspendReason: 'the job was disabled' }),
      run: {
        script: job.command,
        // Its files lay where it began.
        ...(packageName === undefined ? {} : { package: { name: packageName }, workingDir: '.' }),
        ...(target.windows ? {} : { interpreter: ['/bin/bash'] }),
        ...(job.env.length === 0 ? {} : { env: [...job.env] }),
      },
      ...(notify.length === 0 ? {} : { notify }),
      ...(job.timeout === 0 ? {} : { timeout: `${job.timeout}s` }),
      // What came due while a run was going on, or nobody was there, was left out.
      ...(schedules.length === 0 ? {} : { missedRunPolicy: 'Skip' as const }),
    },
  };
}

function schedulesOf({ schedules }: OriginalJob, timeZone: string): Schedule[] {
  return schedules.map((one, index) => ({
    ...(index === 0 ? {} : { name: `schedule-${index + 1}` }),
    ...scheduleOf(one, timeZone),
    ...(one.enabled ? {} : { suspend: true }),
  }));
}
