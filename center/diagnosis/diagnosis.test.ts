// What a center says of its inside, with a real leader, real agents and a real coordination server; then with what went wrong by hand.
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { encodeTriggerRecord, readTriggerRecord } from '../../coordination/index.js';
import type { Diagnosis, Task } from '../../manifests/index.js';
import { startApi } from '../../test/support/api.js';
import { addUser } from '../../test/support/api-users.js';
import {
  agent,
  apply,
  center,
  clock,
  eventually,
  layout,
  task,
  type World,
  world,
} from '../../test/support/leading-center.js';
import { createApi } from '../api/index.js';
import { Authenticator } from '../auth/index.js';
import { type InsideOptions, lookInside } from './diagnose.js';

/** When the leader has said of each task what becomes of it. */
function allocated(w: World, count: number): Promise<Task[]> {
  return eventually(w, async () => {
    const { items } = await w.store.list<Task>('Task');
    const served = items.filter(({ status }) => status?.allocations?.length);
    const told = items.every(({ status }) => status?.conditions?.length);
    return told && served.length === count ? items : undefined;
  });
}

t.test('a leader, two agents, and what was changed behind their backs', async (t) => {
  const w = await world(t);
  const { session, controllers } = await center(w, 'c1');
  const agents = [await agent(w, 'eu-1'), await agent(w, 'eu-2')];
  await controllers.start(w.signal);
  await apply(w, ...['a', 'b', 'c', 'd'].map((name) => task(name)));
  await apply(w, task('nowhere', { placement: { selector: { matchLabels: { disk: 'none' } } } }));
  const tasks = await allocated(w, 4);
  const place = (): InsideOptions => ({
    ...{ coordinator: session.current, layout, store: w.store, clock, servers: w.server.connectString },
    ...{ centerId: 'c1', dataDir: t.testdirName },
  });
  const well = await lookInside(place());
  t.match(well, {
    id: 'c1',
    coordination: {
      ...{ state: 'connected', root: '/cloudtask', candidates: ['c1'], agents: ['eu-1', 'eu-2'] },
      nodes: { records: 5, largestChildrenBytes: Number, largestBytes: Number },
    },
    drift: { slots: 4, owners: { count: 0 }, lists: { count: 0 }, ownerless: { count: 0 }, unknown: { count: 0 } },
    unallocated: { count: 1, first: [{ namespace: 'default', name: 'nowhere' }] },
  });
  t.equal(
    well.drift?.allocated.reduce((sum, { slots }) => sum + slots, 0),
    4,
  );
  t.ok(well.disk!.totalBytes > well.disk!.freeBytes);
  t.ok(well.disk!.storeBytes >= 0);
  const { time, centerTime, nodes, checkpoint } = well.coordination;
  t.ok(Math.abs(Date.parse(time!) - Date.parse(centerTime!)) < 2000, 'one machine, one clock');
  t.ok(nodes!.count > nodes!.records);
  t.ok(Math.abs(checkpoint!.coordination - checkpoint!.store) <= 1);
  const { children } = await session.current.getChildren('/cloudtask');
  t.notOk(
    children.some((name) => name.startsWith('clock-')),
    'nothing of the look stays',
  );

  await controllers.stop(); // it would put right what follows
  const [first, second] = tasks.filter(({ status }) => status?.allocations?.length);
  const path = layout.trigger(first!.metadata.uid!, '');
  const found = (await readTriggerRecord(session.current, path))!;
  const other = found.record.owner === 'eu-1' ? 'eu-2' : 'eu-1';
  await session.current.setData(path, encodeTriggerRecord({ ...found.record, owner: other }), found.version);
  const orphan = layout.trigger('0000aaaa', '');
  await session.current.ensurePath(orphan.slice(0, orphan.lastIndexOf('/')));
  await session.current.create(orphan, encodeTriggerRecord({ ...found.record, owner: null }));
  const broken = layout.trigger(second!.metadata.uid!, '');
  const { version } = (await readTriggerRecord(session.current, broken))!;
  await session.current.setData(broken, Buffer.from('{'), version);
  await agents.find((each) => each.name === other)!.session.stop();
  const ill = await lookInside(place());
  const name = `default/${first!.metadata.name}`;
  t.match(ill.drift, {
    owners: { count: 2, first: [{ task: name, status: found.record.owner, record: other }, { record: 'no record' }] },
    unknown: { count: 1, first: [{ taskUid: '0000aaaa' }] },
    broken: { count: 1, first: [{ path: broken }] },
  });
  t.ok(ill.drift!.lists.first.some((each) => each.task === name && each.what === 'Missing' && each.agent === other));
  t.ok(ill.drift!.lists.first.some((each) => each.task === name && each.what === 'Surplus'));
  t.ok(ill.drift!.ownerless.first.every(({ owner }) => owner === other));
  t.ok(ill.drift!.ownerless.count > 0);
  t.same(ill.coordination.candidates, []);

  await w.server.stop();
  await new Promise<void>((resolve) => {
    if (session.current.state !== 'connected') resolve();
    else session.current.onState((state) => state !== 'connected' && resolve());
  });
  const { coordination, drift, unallocated } = await lookInside(place());
  t.match(coordination, { state: 'disconnected' });
  t.notOk('nodes' in coordination);
  t.equal(drift, undefined);
  t.equal(unallocated.count, 1, 'what the store knows is told all the same');
});

t.test('the resource: administrators, and whoever has a role that names it', async (t) => {
  const api = await startApi(t);
  const path = '/apis/cloudtask.dev/v1/diagnosis';
  const { token } = await addUser(api, 'viewer', { role: 'viewer' });
  t.match(await api.request('GET', path, { token }), { status: 403, json: { message: /may not get Diagnosis$/ } });
  await api.apply({
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Role', metadata: { name: 'medic' } },
    spec: { rules: [{ verbs: ['get'], kinds: ['Diagnosis'] }] },
  });
  const medic = await addUser(api, 'medic', { role: 'medic' });
  const { status, json } = await api.request('GET', path, { token: medic.token });
  t.equal(status, 200);
  const diagnosis = json as Diagnosis;
  t.match(diagnosis, {
    ...{ kind: 'Diagnosis', center: { leads: false, openStreams: 0 } },
    store: { engine: 'sqlite', objects: { User: 2, Role: Number }, runs: 0, outbox: { pending: 0, failed: 0 } },
    unallocated: { count: 0, first: [] },
  });
  t.ok(diagnosis.store.bytes > 0);
  t.notOk('coordination' in diagnosis, 'this API has none');
  const { store } = api;
  const auth = new Authenticator({ store, clock: systemClock });
  const { routes } = createApi({ store, auth, clock: systemClock, log: silentLogger });
  const route = routes.find((each) => each.path === path)!;
  const ask = () => route.handle({} as never, {} as never, undefined);
  const [first, second] = [ask(), ask()];
  t.equal(first, second, 'who asks at the same time gets the same look');
  await first;
  const third = ask();
  t.not(third, first);
  await third;
});
