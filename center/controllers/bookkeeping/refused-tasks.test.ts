// A task that its agent cannot schedule fires nothing: people must see that, and why.
import t from 'tap';
import type { Event } from '../../../manifests/index.js';
import { agent, apply, center, eventually, task, taskWith, world } from '../../../test/support/leading-center.js';

t.test('what an agent says that it cannot schedule is not ready, and an event tells why', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('odd'));
  await a1.owns(1);
  const { uid } = created!.metadata;
  const beat = (status: Record<string, unknown>) => w.store.heartbeat('a1', { cluster: 'default' }, {}, status);
  const refused = { refusedTasks: [{ uid, message: 'zone "Mars/Olympus" is not known' }] };
  await beat(refused);
  const ready = (status: string, reason: string) =>
    taskWith(w, 'odd', (found) =>
      Boolean(
        found.status?.conditions?.some(
          (each) => each.type === 'Ready' && each.status === status && each.reason === reason,
        ),
      ),
    );
  const degraded = await ready('False', 'TaskRefused');
  t.match(degraded.status, { state: 'Degraded', nextTime: undefined });
  const events = await eventually(w, async () => {
    const { items } = await w.store.list<Event>('Event', {});
    const found = items.filter(({ spec }) => spec.reason === 'TaskRefused');
    return found.length > 0 ? found : undefined;
  });
  t.match(events, [{ spec: { type: 'Warning', message: /^agent a1 cannot schedule the task: zone "Mars\/Olympus"/ } }]);
  await beat({});
  t.equal((await ready('True', 'Allocated')).status?.state, 'Active');
});

t.test('a task of an agent that registered and never reported is not ready until it does', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1', {}, false);
  await controllers.start(w.signal);
  await apply(w, task('waiting'));
  await a1.owns(1);
  const readyFor = (reason: string) =>
    taskWith(w, 'waiting', (found) =>
      Boolean(found.status?.conditions?.some((each) => each.type === 'Ready' && each.reason === reason)),
    );
  t.match((await readyFor('AgentUnknown')).status, { state: 'Degraded', nextTime: undefined });
  await w.store.heartbeat('a1', { cluster: 'default' }, {}, {});
  t.equal((await readyFor('Allocated')).status?.state, 'Active');
});
