// A task, and what agents report of its runs, as stores are given them.
import { type RunReport, runName, runUid, type Task } from '../../manifests/index.js';

export function task(name: string, extra: Partial<Task['metadata']> = {}, command = ['true']): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name, namespace: 'default', ...extra },
    spec: { cluster: 'default', run: { command } },
  };
}

export function report(taskUid: string, point: number, extra: Partial<RunReport> = {}): RunReport {
  const key = { taskUid, slot: '', point };
  return {
    uid: runUid(key),
    name: runName('a', key),
    namespace: 'default',
    task: 'a',
    taskUid,
    slot: '',
    revision: 1,
    trigger: 'Schedule',
    scheduledTime: point,
    schedule: 'default',
    state: 'Running',
    startTime: point,
    attempts: [],
    attempt: 1,
    ...extra,
  };
}
