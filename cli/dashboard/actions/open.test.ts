// Enter on a row of each kind, at a real center.
import t from 'tap';
import { openWorld } from '../../../test/support/dashboard-world.js';

t.test('Enter leads to what belongs to a row (T-20, T-45)', async (t) => {
  const { center, command, terminal, shows } = await openWorld(t, ['nightly'], { typed: ['create namespace billing'] });
  await center.store.heartbeat('vm-1', { cluster: 'default' }, {}, {});
  const point = Date.parse('2026-11-22T02:00:00Z');
  await center.scheduled('nightly', point, { state: 'Failed', exitCode: 3, startTime: point, endTime: point + 5 });
  const { uid } = (await center.task('nightly')).metadata;
  const regarding = { kind: 'Task', namespace: 'default', name: 'nightly', uid: uid! };
  const late = { reason: 'TaskMoved', message: 'went from a1 to vm-1', regarding, source: 'allocation' } as const;
  await center.store.recordEvents([{ ...late, time: Date.now() }]);

  await shows('Tasks(default)[1]', 'nightly');
  await command('clusters');
  await shows('Clusters[1]', '▸');
  await terminal.press('enter');
  await shows('Agents(default)[1]', 'vm-1');
  await terminal.press('enter');
  await shows('Runs(vm-1)');
  await command('events /TaskMoved');
  await shows('went from a1 to vm-1', '▸');
  await terminal.press('enter');
  await shows('Describe(default/nightly)', 'Schedules:');
  await command('namespaces /billing');
  await shows('Namespaces[1/', '▸');
  await terminal.press('enter');
  await shows('Tasks(billing)[0]');
  t.match(terminal.text(), '<tasks>');
});
