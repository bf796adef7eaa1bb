// How what calendars say gets into the tasks that name them, and what keeps a calendar.
import t, { type Test } from 'tap';
import { isCloudTaskError, silentLogger, systemClock } from '../../../base/index.js';
import type { Calendar, Task } from '../../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from '../index.js';
import type { WriteAs } from '../store-types.js';

const user = { user: 'ada' };
const as = (manager: string, operation: WriteAs['operation'] = 'Apply'): { as: WriteAs } => ({
  as: { manager, operation },
});

const calendar = (name: string, spec: Calendar['spec'], labels: Record<string, string> = {}): Calendar => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Calendar',
  metadata: { name, namespace: 'default', labels },
  spec,
});

const task = (name: string, spec: Partial<Task['spec']>, labels: Record<string, string> = {}): Task => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name, namespace: 'default', labels },
  spec: { run: { command: ['true'] }, schedules: [{ cron: '0 8 * * *' }], ...spec },
});

const named = (...names: string[]): Partial<Task['spec']> => ({ calendar: { exclude: names } });

async function refused(promise: Promise<unknown>): Promise<{ code: string; fields: (string | undefined)[] }> {
  try {
    await promise;
  } catch (error) {
    if (isCloudTaskError(error)) {
      return { code: error.code, fields: (error.details.causes ?? []).map(({ field }) => field) };
    }
    throw error;
  }
  return { code: 'not refused', fields: [] };
}

async function suite(t: Test, store: Store) {
  const read = async (name: string) => (await store.get<Task>({ kind: 'Task', namespace: 'default', name }))!;
  const applied = async (...objects: (Task | Calendar)[]) =>
    (await store.apply(objects, { ...user, ...as('git') })).map(({ operation }) => operation);

  await t.test('a task needs its calendars, which may come along', async (t) => {
    const schedules = [{ every: '1h', calendar: { exclude: ['feasts'], only: ['workdays'] } }];
    t.same(await refused(applied(task('a', { schedules, calendar: { only: ['fairs'] } }))), {
      code: 'CT_MANIFEST_INVALID',
      fields: [
        'objects[0].spec.calendar.only[0]',
        'objects[0].spec.schedules[0].calendar.exclude[0]',
        'objects[0].spec.schedules[0].calendar.only[0]',
      ],
    });
    const both = [task('a', named('feasts')), calendar('feasts', { dates: ['12-25', '01-01', '12-25'] })] as const;
    t.same(await applied(...both), ['created', 'created'], 'in any order, and answered in theirs');
    t.same((await read('a')).spec.calendars, [{ name: 'feasts', dates: ['01-01', '12-25'] }]);
    t.same(await applied(...both), ['unchanged', 'unchanged']);
    t.same(await refused(applied(both[1], task('b', named('nights')))), {
      ...{ code: 'CT_MANIFEST_INVALID', fields: ['objects[1].spec.calendar.exclude[0]'] },
    });
  });

  await t.test('what a task carries is nobody’s, and not written by hand', async (t) => {
    const before = await read('a');
    t.notMatch(JSON.stringify(before.metadata.managedFields), 'calendars');
    const wrong = [{ name: 'feasts', dates: ['02-02'] }];
    t.same(await applied(task('a', { ...named('feasts'), calendars: wrong })), ['unchanged']);
    const [put] = await store.apply([{ ...before, spec: { ...before.spec, calendars: wrong } }], {
      ...user,
      ...as('editor', 'Update'),
    });
    t.equal(put?.operation, 'unchanged');
    await store.apply([task('a', { timeout: '5m' })], { ...user, ...as('other') });
    t.same((await read('a')).spec.calendars, before.spec.calendars, 'another manager keeps them');
    await applied(task('c', named('feasts')));
    await applied(task('c', {}));
    t.same((await read('c')).spec.calendars, undefined, 'they go with the last name');
  });

  await t.test('tasks follow their calendars, as by an edit', async (t) => {
    await applied(calendar('feasts', { dates: ['12-25'] }), calendar('weekend', { weekdays: ['Sun', 'Sat'] }));
    await applied(task('both', named('feasts', 'weekend')), task('none', {}));
    const before = { a: await read('a'), both: await read('both'), none: await read('none') };
    const heard: string[] = [];
    const stop = store.onChange(
      (changes) => void heard.push(...changes.map(({ object: { metadata } }) => metadata.name)),
    );
    await applied(calendar('feasts', { dates: ['12-25', '12-26'], description: 'more' }));
    stop();
    t.same(heard, ['feasts', 'a', 'both'], 'those that name it, each once');
    const both = await read('both');
    t.equal(both.metadata.generation, before.both.metadata.generation + 1);
    t.same(both.spec.calendars, [
      { name: 'feasts', dates: ['12-25', '12-26'] },
      { name: 'weekend', weekdays: ['Sat', 'Sun'] },
    ]);
    t.equal((await read('none')).metadata.resourceVersion, before.none.metadata.resourceVersion);
    const revisions = await store.revisions.ofTask(both.metadata.uid);
    t.same(
      revisions.map(({ spec }) => spec.calendars?.[0]?.dates),
      [['12-25'], ['12-25', '12-26']],
      'a run says by which of them it was due',
    );
    const edits = await store.taskEdits([both.metadata.uid]);
    t.same(edits.at(-1)?.schedules.calendars?.[0]?.dates, ['12-25'], 'what the former days owe is known');
    const version = (await read('a')).metadata.resourceVersion;
    await applied(calendar('feasts', { dates: ['12-26', '12-25'], description: 'sorted' }));
    t.equal((await read('a')).metadata.resourceVersion, version, 'the same days in another order are no edit');
    await store.apply([calendar('feasts', { dates: ['05-01'] })], { ...user, ...as('git'), dryRun: true });
    t.equal((await read('a')).metadata.resourceVersion, version, 'a dry run changes nothing');
    const generation = (await read('a')).metadata.generation;
    await applied(task('a', { ...named('feasts'), onLost: 'Rerun' }), calendar('feasts', { dates: ['05-01'] }));
    t.same(
      [(await read('a')).metadata.generation, (await read('both')).metadata.generation],
      [generation + 1, both.metadata.generation + 1],
      'one that comes along is written once',
    );
  });

  await t.test('many tasks follow', async (t) => {
    const many = Array.from({ length: 1200 }, (_, i) => task(`many-${i}`, named('weekend')));
    await applied(...many);
    await applied(calendar('weekend', { weekdays: ['Fri', 'Sat'] }));
    const { items } = await store.list<Task>('Task', { namespace: 'default' });
    const days = items.filter(({ metadata }) => metadata.name.startsWith('many-')).map(({ spec }) => spec.calendars);
    t.equal(days.length, 1200);
    t.ok(days.every((calendars) => calendars?.[0]?.weekdays?.join() === 'Fri,Sat'));
  });

  await t.test('a calendar stays while a task names it', async (t) => {
    const key = { kind: 'Calendar', namespace: 'default', name: 'feasts' } as const;
    await t.rejects(store.delete(key, user), { code: 'CT_CONFLICT', message: /2 tasks name it: a, both/ });
    const set = { 'cloudtask.dev/applyset': 'team' };
    const options = { ...user, ...as('git'), applyset: 'team', prune: {} };
    await store.apply([calendar('own', { weekdays: ['Mon'] }, set), task('owner', named('own'), set)], options);
    const outcomes = await store.apply([task('other', {}, set)], options);
    t.same(
      outcomes.filter(({ operation }) => operation === 'pruned').map(({ object }) => object.kind),
      ['Task', 'Calendar'],
      'with its tasks it goes',
    );
  });
}

t.test('sqlite', async (t) => {
  const store = openSqliteStore({ path: `${t.testdir()}/store.db`, clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  await suite(t, store);
});

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const store = openPostgresStore({ url: await server.createDatabase(), clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  await suite(t, store);
});
