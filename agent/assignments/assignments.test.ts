import { mkdir } from 'node:fs/promises';
import t from 'tap';
import { Emitter, silentLogger, systemClock } from '../../base/index.js';
import { AgentBench } from '../../test/support/agent-bench.js';
import type { AgentEventMap } from '../agent-events.js';
import { buildAgent } from '../agent-parts.js';
import { openIdentity } from '../identity/identity.js';
import { slotKey } from '../schedule-loop/slot.js';

t.test('a slot that is marked just when all was done is looked at again', async (t) => {
  const bench = await AgentBench.open(t);
  const dataDir = bench.dataDir('a1');
  await mkdir(dataDir, { recursive: true });
  const events = new Emitter<AgentEventMap>();
  const parts = buildAgent(
    {
      ...{
        dataDir,
        name: 'a1',
        cluster: 'default',
        labels: {},
        runnerEntry: [],
        clock: systemClock,
        log: silentLogger,
      },
      center: { urls: [bench.center.url], token: () => 'ct_test' },
      coordination: { connectString: bench.server.connectString, sessionTimeoutMs: 4000, root: '/cloudtask' },
    },
    await openIdentity(dataDir, 'a1', 'boot', 0),
    events,
    { claiming: false },
  );
  t.teardown(async () => {
    await parts.assignments.stop();
    await parts.session.stop();
    await parts.client.close();
  });
  await parts.cache.open();
  await parts.session.start(new AbortController().signal);
  const task = bench.task({ run: { command: ['true'] } });
  await bench.allocate('a1', [task]);
  const entry = { taskUid: bench.uid(task), slot: '', revision: 1, ownerEpoch: 1, suspended: false };
  const key = slotKey(entry.taskUid, '');
  const off = events.on('allocationApplied', () => {
    off();
    const slot = parts.loop.get(key)!;
    slot.mode = 'loading'; // as the loop does when it finds the record changed
    parts.assignments.mark(slot);
  });
  const twice = events.next('allocationApplied').then(() => events.next('allocationApplied'));
  parts.assignments.apply([entry]);
  await twice;
  t.equal(parts.loop.get(key)?.mode, 'ready');
});
