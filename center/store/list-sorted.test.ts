// Lists that are searched and ordered by the store, once on SQLite and once on PostgreSQL.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { matchesFields, parseFieldSelector, type Task } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { task } from '../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';
import type { ListOptions, SortBy } from './store-types.js';

const user = { user: 'test' };
const common = { clock: systemClock, log: silentLogger };
const COUNT = 30;
const LIMIT = 7;

const by = (field: string, descending = false): SortBy => ({ field, descending });
const nameOf = (i: number) => `task-${String((i * 7) % COUNT).padStart(2, '0')}`;

interface Known {
  readonly name: string;
  readonly namespace: string;
  readonly state: string;
  readonly next: string | undefined;
}

/** Tasks in two namespaces, of which every fifth has no next time. */
async function filled(store: Store): Promise<Known[]> {
  await store.apply(
    [{ apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'other' }, spec: {} }],
    user,
  );
  const known = Array.from({ length: COUNT }, (_, i) => ({
    ...{ name: nameOf(i), namespace: i % 2 === 0 ? 'default' : 'other', state: i % 3 === 0 ? 'Degraded' : 'Active' },
    next: i % 5 === 0 ? undefined : `2026-01-0${1 + (i % 4)}T00:00:00Z`,
  }));
  await store.apply([...known.map(({ name, namespace }) => task(name, { namespace })), task('task-00')], user);
  for (const { name, namespace, state, next } of known) {
    const status = { state, ...(next === undefined ? {} : { nextTime: next }) } as NonNullable<Task['status']>;
    await store.updateStatus<Task>({ kind: 'Task', namespace, name }, status);
  }
  return known;
}

async function paged(store: Store, options: ListOptions) {
  const names: string[] = [];
  const remaining: (number | undefined)[] = [];
  for (let continueToken: string | undefined; ; ) {
    const next = continueToken === undefined ? {} : { continueToken };
    const page = await store.list<Task>('Task', { ...options, limit: LIMIT, ...next });
    names.push(...page.items.map(({ metadata }) => `${metadata.name} ${metadata.namespace}`));
    remaining.push(page.remaining);
    continueToken = page.continueToken;
    if (continueToken === undefined) return { names, remaining };
  }
}

async function orders(t: Test, store: Store) {
  const known = await filled(store);
  const keys = known.map(({ name, namespace }) => `${name} ${namespace}`);
  const all = [...new Set([...keys, 'task-00 default'])].sort();
  t.same((await paged(store, { sortBy: by('metadata.name') })).names, all, 'by name, then by namespace');
  t.same((await paged(store, { sortBy: by('metadata.name', true) })).names, [...all].reverse());
  for (const descending of [false, true]) {
    const next = new Map(known.map(({ name, namespace, next }) => [`${name} ${namespace}`, next]));
    const { names, remaining } = await paged(store, { sortBy: by('status.nextTime', descending) });
    t.same([...names].sort(), all, 'each once');
    const times = names.map((name) => next.get(name));
    const there = times.filter((time) => time !== undefined);
    t.same(times.slice(there.length), Array(times.length - there.length).fill(undefined), 'those without come last');
    t.same(there, descending ? [...there].sort().reverse() : [...there].sort());
    t.equal(remaining[0], all.length - LIMIT, 'how many are left is told');
  }
}

async function selections(t: Test, store: Store) {
  const known = await filled(store);
  const found = await paged(store, { sortBy: by('metadata.name'), search: 'K-1' });
  t.same(
    found.names,
    known
      .filter(({ name }) => name.startsWith('task-1'))
      .map(({ name, namespace }) => `${name} ${namespace}`)
      .sort(),
    'names contain it, in small letters or not',
  );
  t.equal(found.remaining[0], 10 - LIMIT);
  t.same((await paged(store, { search: 'k-1' })).names.length, 10, 'in the usual order too');
  t.same(
    (await paged(store, { sortBy: by('metadata.name'), search: '%' })).names,
    [],
    'nothing stands for other letters',
  );
  const fields = [{ field: 'status.state', operator: 'in', values: ['Degraded', 'Suspended'] }] as const;
  const degraded = known.filter(({ state, namespace }) => state === 'Degraded' && namespace === 'other');
  for (const sortBy of [by('metadata.name'), by('status.state'), by('spec.cluster', true)]) {
    const { names } = await paged(store, { sortBy, fields, namespace: 'other' });
    t.same([...names].sort(), degraded.map(({ name }) => `${name} other`).sort());
  }
  t.same((await paged(store, { sortBy: by('metadata.name'), within: [] })).names, [], 'of no namespace, nothing');
}

/** What is added before a page does not show on it, what changes shows as it is. */
async function changing(t: Test, store: Store) {
  await filled(store);
  const sortBy = by('metadata.name');
  const first = await store.list<Task>('Task', { sortBy, limit: 5, namespace: 'default' });
  const { name } = first.items.at(-1)!.metadata;
  await store.apply([task('task-000'), task(`${name}-x`), task(nameOf(2), {}, ['changed'])], user);
  const continueToken = first.continueToken!;
  const second = await store.list<Task>('Task', { sortBy, limit: 5, namespace: 'default', continueToken });
  t.equal(second.items[0]?.metadata.name, `${name}-x`, 'the present, from there on');
  const back = { sortBy: by('metadata.name', true), continueToken };
  await t.rejects(store.list('Task', back), { code: 'CT_BAD_REQUEST' }, 'a token is of one order');
  await t.rejects(store.list('Task', { continueToken }), { code: 'CT_BAD_REQUEST' });
}

/** Texts that PostgreSQL refuses to read out of JSON: they stand beside the fields that lists look at. */
async function hostile(t: Test, store: Store) {
  const texts = ['\u0000', 'a\\\u0000', '\ud800', '\udfff\ud800', '\\u0000', '\\ud8', '\ud83d\ude00'];
  const tasks = texts.map((text, i) => task(`task-${i}`, { labels: { i: `${i}` }, annotations: { text } }, [text]));
  await store.apply(tasks, user);
  const { items } = await store.list<Task>('Task', {
    sortBy: by('spec.cluster'),
    fields: [{ field: 'spec.cluster', operator: 'in', values: ['default'] }],
  });
  const commands = items.map(({ spec }) => spec.run.command?.[0]);
  t.same(commands, texts, 'as they were given');
  const labels = [{ key: 'i', operator: 'in', values: ['1'] }] as const;
  const labelled = await store.list<Task>('Task', { labels });
  t.same(
    labelled.items.map(({ metadata }) => metadata.name),
    ['task-1'],
  );
}

/** Of a list one item is enough, and none may be what must not be; on lists as on watches. */
async function owned(t: Test, store: Store) {
  const owners = { one: ['a1'], both: ['a1', 'a2'], two: ['a2'], none: [], fresh: undefined };
  await store.apply(
    Object.keys(owners).map((name) => task(name)),
    user,
  );
  for (const [name, agents] of Object.entries(owners)) {
    if (agents === undefined) continue;
    const allocations = agents.map((agent, i) => ({ slot: `${i}`, agent }));
    await store.updateStatus<Task>({ kind: 'Task', namespace: 'default', name }, {
      allocations,
    } as Task['status'] & {});
  }
  const expected = {
    'status.allocations.agent=a1': ['both', 'one'],
    'status.allocations.agent!=a1': ['fresh', 'none', 'two'],
    'status.allocations.agent in (a2,a3)': ['both', 'two'],
    'status.allocations.agent=': ['fresh', 'none'],
    'status.allocations.agent!=': ['both', 'one', 'two'],
    'status.allocations.agent in (a2,)': ['both', 'fresh', 'none', 'two'],
    'status.allocations.agent=a1,status.allocations.agent=a2': ['both'],
  };
  const { items } = await store.list<Task>('Task', {});
  const namesOf = (tasks: readonly Task[]) => tasks.map(({ metadata }) => metadata.name).sort();
  for (const [selector, names] of Object.entries(expected)) {
    const fields = parseFieldSelector(selector);
    t.same(namesOf((await store.list<Task>('Task', { fields })).items), names, selector);
    t.same(namesOf(items.filter((item) => matchesFields(fields, item))), names, `${selector}, in memory`);
  }
}

const suite = { orders, selections, changing, hostile, owned };

for (const [what, run] of Object.entries(suite)) {
  t.test(`sqlite: ${what}`, async (t) => {
    const store = openSqliteStore({ path: `${t.testdir()}/store.db`, ...common });
    await store.start(new AbortController().signal);
    t.teardown(() => store.stop());
    await run(t, store);
  });
}

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  for (const [what, run] of Object.entries(suite)) {
    await t.test(what, async (t) => {
      const store = openPostgresStore({ url: await server.createDatabase(), ...common });
      await store.start(new AbortController().signal);
      t.teardown(() => store.stop());
      await run(t, store);
    });
  }
});
