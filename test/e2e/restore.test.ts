// Restored backups, of coordination and of the store: nothing that ran runs again, nothing that lives is deleted, and what
// became of every time point is on record. Tasks are due each second and catch up on everything (RunAll), so that a cursor
// that lies back shows.
// Time passes here because time points are what is tested.
import t, { type Test } from 'tap';
import type { Event, Run, Task } from '../../manifests/index.js';
import { RestoreWorld } from '../support/restore-world.js';

// They mostly wait, for the audit above all.
t.jobs = 5;

const cluster = {
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Cluster',
  metadata: { name: 'default' },
  spec: { lostAfter: '2s' },
};

/** A world with one agent, `a1`, and some runs of each task behind it. */
async function begun(t: Test, ...tasks: string[]): Promise<RestoreWorld> {
  t.setTimeout(180_000);
  const world = await RestoreWorld.open(t);
  await world.startCoordination();
  await world.startCenter();
  world.startAgent('a1');
  await world.apply(cluster, ...tasks.map((name) => world.task(name)));
  await someMore(world, tasks);
  return world;
}

/** Resolves when each task has run three times more. */
async function someMore(world: RestoreWorld, tasks: readonly string[]): Promise<void> {
  const before = new Map(tasks.map((name) => [name, world.starts(name).length]));
  await world.eventually('each task runs three times more', () =>
    tasks.every((name) => world.starts(name).length >= before.get(name)! + 3) ? true : undefined,
  );
}

function twice(points: readonly number[]): string[] {
  return points.filter((point, i) => points.indexOf(point) !== i).map((point) => new Date(point).toISOString());
}

/** Every second from the first run of the task to the last has a run, once. */
async function everySecond(world: RestoreWorld, name: string): Promise<Run[]> {
  return world.eventually(`each second of ${name} is on record`, async () => {
    const runs = (await world.list<Run>('runs')).filter(({ spec }) => spec.task === name);
    const points = new Set(runs.map(({ spec }) => Date.parse(spec.scheduledTime!)));
    const [first, last] = [Math.min(...points), Math.max(...points)];
    return points.size === (last - first) / 1000 + 1 ? runs : undefined;
  });
}

t.test('coordination restored: no time point starts twice', async (t) => {
  const tasks = ['x', 'y'];
  const world = await begun(t, ...tasks);
  await world.detachAgent('a1');
  await world.stopCenter();
  await world.stopCoordination();
  world.backup('coordination');

  // What the backup does not know: another agent took the tasks and ran them.
  await world.startCoordination();
  await world.startCenter();
  world.startAgent('a2');
  await someMore(world, tasks);
  await world.stopCenter(); // what ran last is known to the agent alone
  await someMore(world, tasks);
  await world.detachAgent('a2');
  await world.stopCoordination();
  const ran = new Map(tasks.map((name) => [name, world.starts(name).length]));

  // The record names a1, which has seen nothing of all that, and is the first to be there.
  world.restore('coordination');
  await world.startCoordination();
  world.startAgent('a1');
  await world.startCenter();
  world.startAgent('a2');
  await someMore(world, tasks);
  for (const name of tasks) {
    t.ok(world.starts(name).length > ran.get(name)!, 'it goes on');
    t.strictSame(twice(world.starts(name)), [], `no second start of ${name}`);
    await everySecond(world, name);
  }
  const reasons = new Set((await world.list<Event>('events')).map(({ spec }) => spec.reason));
  t.ok(reasons.has('CoordinationRestored'), 'people are told');
  t.ok(reasons.has('RestoreSettled'));
});

t.test('coordination restored under agents that run on: they notice by themselves', async (t) => {
  const world = await begun(t, 'x');
  await world.stopCenter(); // nobody moves the checkpoint any more: only the agent can tell
  await world.stopCoordination();
  world.backup('coordination');
  await world.startCoordination();
  await someMore(world, ['x']);
  await world.seesMore('a1');
  await world.stopCoordination();
  world.restore('coordination');
  await world.startCoordination();
  await world.startCenter();
  await someMore(world, ['x']);
  t.strictSame(twice(world.starts('x')), []);
  await everySecond(world, 'x');
  t.ok((await world.list<Event>('events')).some(({ spec }) => spec.reason === 'CoordinationRestored'));
});

t.test('coordination restored, and an agent does not come back: nothing of the past runs again', async (t) => {
  const world = await begun(t, 'x');
  await world.stopCenter();
  await world.stopCoordination();
  world.backup('coordination');
  await world.startCoordination();
  await world.startCenter();
  await someMore(world, ['x']);
  await world.stopCenter();
  await someMore(world, ['x']); // known to the agent alone
  await world.detachAgent('a1');
  await world.stopCoordination();
  world.restore('coordination');
  await world.startCoordination();
  await world.startCenter();
  world.startAgent('a2');
  const { spec } = await world.eventually('the guard waits for a1', async () =>
    (await world.list<Event>('events')).find(({ spec }) => spec.reason === 'CoordinationRestored'),
  );
  t.match(spec.message, /until these agents .* or about 20\S+Z: a1(, a2)?; "ctask delete agent NAME" ends the wait/);
  await world.delete('agents/a1'); // instead of waiting until it counts as lost
  await someMore(world, ['x']);
  t.strictSame(twice(world.starts('x')), []);
  const runs = await everySecond(world, 'x');
  t.ok(runs.some(({ status }) => status?.reason === 'Restored'));
  const settled = (await world.list<Event>('events')).find(({ spec }) => spec.reason === 'RestoreSettled');
  t.match(settled?.spec.message, /nobody could say what ran on a1/);
});

t.test('the store restored, and coordination begun anew', async (t) => {
  const world = await begun(t, 'x');
  await world.stopCenter();
  world.backup('center');
  await world.startCenter();
  await someMore(world, ['x']);
  await world.detachAgent('a1');
  world.startAgent('a1'); // it sees a checkpoint that the backup does not know
  await someMore(world, ['x']);
  await world.detachAgent('a1');
  await world.stopCenter();
  await world.stopCoordination();
  world.restore('center');
  world.lose('coordination');
  await world.startCoordination();
  await world.startCenter();
  world.startAgent('a1');
  await someMore(world, ['x']);
  t.strictSame(twice(world.starts('x')), []);
  const reasons = new Set((await world.list<Event>('events')).map(({ spec }) => spec.reason));
  t.ok(reasons.has('CoordinationRestored'));
  t.ok(reasons.has('StoreRestored'), 'the agent remembers more than the store');
  await everySecond(world, 'x');
});

t.test('the store restored: tasks that it does not know are kept, and what it forgot is on record', async (t) => {
  const world = await begun(t, 'x', 'gone');
  await world.stopCenter();
  world.backup('center');
  await world.startCenter();
  await world.apply(world.task('new'));
  await world.delete('namespaces/default/tasks/gone');
  await someMore(world, ['x', 'new']);
  const before = (await world.list<Task>('tasks')).find(({ metadata }) => metadata.name === 'x')!;
  const unknown = (await world.list<Task>('tasks')).find(({ metadata }) => metadata.name === 'new')!;
  await world.stopCenter();
  await world.leaveAgent('a1'); // its own memory would keep it from starting anything twice
  world.restore('center');
  world.startAgent('a2');
  await world.startCenter();
  await someMore(world, ['x', 'gone']);
  for (const name of ['x', 'new', 'gone']) t.strictSame(twice(world.starts(name)), [], `no second start of ${name}`);
  const event = await world.eventually('an event tells of the unknown task', async () =>
    (await world.list<Event>('events')).find(({ spec }) => spec.reason === 'UnknownTasks'),
  );
  t.match(event.spec.message, unknown.metadata.uid!);
  t.match(await world.record(unknown.metadata.uid!), { owner: null, suspended: true }, 'its record is kept');

  const after = (await world.list<Task>('tasks')).find(({ metadata }) => metadata.name === 'x')!;
  t.ok(after.metadata.generation! > before.metadata.generation!, 'generations are not used twice');
  t.ok(Number(after.metadata.resourceVersion) > Number(before.metadata.resourceVersion));
  const runs = await everySecond(world, 'x');
  t.ok(
    runs.some(({ status }) => status?.state === 'Lost' && status.reason === 'Restored'),
    'what was forgotten is Lost, and says why',
  );

  const forgotten = { ...cluster.spec, unknownTasksForgottenTime: new Date().toISOString() };
  await world.apply({ ...cluster, spec: forgotten });
  await world.eventually('the record goes when an operator says so', async () =>
    (await world.record(unknown.metadata.uid!)) === undefined ? true : undefined,
  );
});
