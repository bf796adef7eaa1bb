import t from 'tap';
import type { Attempt } from '../../../manifests/index.js';
import { limitsText, usageColumns } from './usage.js';

const attempt = (more: Partial<Attempt>): Attempt => ({ number: 1, state: 'Succeeded', agent: 'eu-1', ...more });

t.test('columns of what attempts used, once something is known', async (t) => {
  t.same(usageColumns([attempt({})]).heads, []);
  t.same(usageColumns([attempt({})]).cells(attempt({})), []);
  const measured = attempt({ cpuMilliseconds: 1234, peakMemoryBytes: 3 * 1024 ** 2 });
  const { heads, cells } = usageColumns([attempt({}), measured]);
  t.same(heads, ['CPU', 'Memory']);
  t.same(cells(measured), ['1.23s', '3.0Mi']);
  t.same(cells(attempt({ cpuMilliseconds: 0 })), ['0.00s', '<none>']);
});

t.test('who held the limits', async (t) => {
  t.equal(limitsText(undefined), undefined);
  t.equal(limitsText(attempt({ limits: {} })), undefined);
  t.equal(limitsText(attempt({ limits: { cpu: 'NotEnforced', pids: 'Cgroup' } })), 'cpu NotEnforced, pids by Cgroup');
});
