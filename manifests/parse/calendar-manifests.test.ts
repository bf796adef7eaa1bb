import t from 'tap';
import { compileSchedules, scheduleSpecOf } from '../schedule/task-schedules.js';
import { idleTasks, tasksWithCalendars } from './calendar-manifests.js';
import { parseManifests } from './parse-manifests.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');

const manifests = (days: string, exclude = 'holidays', namespace = 'default') =>
  parseManifests(
    `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: a, namespace: default}
spec:
  calendar: {exclude: [${exclude}]}
  schedules:
  - at: 2026-12-25T08:00:00Z
  run: {command: [x]}
---
apiVersion: cloudtask.dev/v1
kind: Calendar
metadata: {name: holidays, namespace: ${namespace}}
spec: {dates: [${days}]}
`,
    'a.yaml',
  ).documents;

t.test('calendars of the same files', async (t) => {
  const [{ task } = { task: undefined }, ...others] = tasksWithCalendars(manifests('12-26'));
  t.strictSame(others, []);
  t.equal(compileSchedules(scheduleSpecOf(task!), '').next(NOW)?.time, Date.parse('2026-12-25T08:00:00Z'));
  t.strictSame(idleTasks(manifests('12-26'), NOW), []);
  t.match(idleTasks(manifests('12-25'), NOW), [
    { file: 'a.yaml', line: 7, field: 'spec.schedules', severity: 'warning', message: /calendars leave out all/ },
  ]);
  t.strictSame(idleTasks(manifests('12-25', 'holidays', 'other'), NOW), [], 'one of another namespace is another');
  t.strictSame(idleTasks(manifests('12-25', 'nights'), NOW), [], 'what days one has that is not there is not known');
});
