// The report of what is wrong, and the way from a finding to what it is about.
import type { Dashboard } from '../dashboard.js';
import { DoctorScreen } from '../navigation/doctor-screen.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { Finding } from '../views/doctor-model.js';
import { resourceOf } from './open.js';

export function showDoctor(dashboard: Dashboard): void {
  dashboard.openRoot(doctorScreen(dashboard, dashboard.namespace));
}

/** Of the tasks that the table shows. */
export function openDoctor(dashboard: Dashboard, { namespace }: TableScreen): void {
  dashboard.open(doctorScreen(dashboard, namespace));
}

function doctorScreen(dashboard: Dashboard, namespace: string | undefined): DoctorScreen {
  const { source, resources } = dashboard.parts;
  return new DoctorScreen({
    source,
    resources,
    namespace,
    onOpen: (finding) => openTask(dashboard, finding, namespace),
  });
}

/** The table with the cursor on the task, where every key for it works; of many tasks, in the order in which they are due. */
function openTask(dashboard: Dashboard, { task }: Finding, namespace: string | undefined): void {
  const resource = resourceOf(dashboard, 'tasks');
  if (resource === undefined) return;
  const screen = dashboard.table({
    ...{ resource, namespace: task?.metadata.namespace ?? namespace },
    ...(task === undefined ? { order: { column: 'NEXT-RUN', descending: false } } : {}),
  });
  if (task !== undefined) screen.goTo(task.metadata.uid);
  dashboard.open(screen);
}
