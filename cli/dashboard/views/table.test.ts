import fc from 'fast-check';
import t from 'tap';
import { misfit } from '../../../test/support/dashboard-lines.js';
import { FedSource, NOW, resources } from '../../../test/support/fed-dashboard.js';
import { agent, installation, run, task } from '../../../test/support/fed-objects.js';
import type { ApiObject } from '../../resources/api-object.js';
import { Journal } from '../state/journal.js';
import type { Feed } from '../state/object-source.js';
import { isFault } from './faults.js';
import { parseFilter } from './filter.js';
import { statusText } from './glyphs.js';
import { compareValues, type TableColumn, tableColumns } from './table-columns.js';
import { layoutColumns } from './table-layout.js';
import { tableLines } from './table-lines.js';
import { RowSelection } from './table-rows.js';

const resourceOf = (kind: string) => resources.find((row) => row.kind === kind)!;

function names(kind: string, column: string, descending: boolean, objects: readonly ApiObject[]): string[] {
  const source = new FedSource();
  source.put(...objects);
  const columns = tableColumns(resourceOf(kind), { wide: true, namespaces: false });
  const feed = source.feed({ resource: resourceOf(kind) });
  const query = { feed, columns, filter: undefined, sort: { column, descending }, faultsOnly: false };
  return new RowSelection().select(query, NOW).objects.map(({ metadata }) => metadata.name);
}

t.test('sorted by what a cell means, not by its letters (T-09)', async (t) => {
  const minutes = (name: string, took: number) =>
    run(name, 'x', { state: 'Succeeded', age: 3_600_000, took: took * 60_000 });
  t.strictSame(names('Run', 'DURATION', false, [minutes('ten', 10), minutes('nine', 9)]), ['nine', 'ten']);
  const tasks = [task('late', { next: 600_000 }), task('soon', { next: 540_000 }), task('never', { suspend: true })];
  t.strictSame(names('Task', 'NEXT-RUN', false, tasks), ['soon', 'late', 'never']);
  t.strictSame(names('Task', 'NEXT-RUN', true, tasks), ['late', 'soon', 'never'], 'what has none comes last');
  t.strictSame(names('Task', 'NAME', false, [task('b10'), task('b9')]), ['b9', 'b10']);
  t.equal(compareValues(undefined, undefined, true), 0);
});

t.test('faults are read from the objects (T-12)', async (t) => {
  const faults = installation()
    .filter((one) => isFault(one, NOW))
    .map(({ metadata }) => metadata.name);
  t.strictSame(faults, [
    ...['eu', 'eu-2', 'eu-3', 'old-import', 'vacuum', 'sync-ledger-kk2w9', 'vacuum-9k1zz', 'nightly-report-4bx8k'],
    ...['e2', 'e3'],
  ]);
  t.ok(isFault(task('overdue', { next: -61_000 }), NOW));
  t.notOk(isFault(task('due', { next: -59_000 }), NOW));
  t.ok(isFault(agent('a', { unschedulable: true }), NOW));
  const notifier = (status: object) => ({
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name: 'n' }, spec: {}, status },
  });
  t.ok(isFault(notifier({ lastError: 'a:25: nobody listens there' }) as ApiObject, NOW));
  t.notOk(isFault(notifier({ sent: 1 }) as ApiObject, NOW));
  t.equal(statusText('Failing', true), '! Failing');
});

t.test('what is good but for something else does not look as if all were well', async (t) => {
  const columns = tableColumns(resourceOf('Task'), { wide: false, namespaces: false });
  const [, row] = tableLines(
    {
      ...{ columns, objects: [task('a', { last: ['Failed', 60_000] })], top: 0, selected: 1, marks: new Set<string>() },
      ...{ sort: { column: 'NAME', descending: false }, filter: undefined, columnOffset: 0 },
      ...{ widths: new Map<string, number>(), dimmed: false },
    },
    { width: 80, height: 2 },
    { now: NOW, ascii: false },
  );
  t.match(row?.map(({ text }) => text).join(''), /a +0 2 \* \* \* +! Active +Failed\/60s +– /);
});

t.test('what was due a moment ago is due at the next time point; long ago it is overdue', async (t) => {
  const column = tableColumns(resourceOf('Task'), { wide: false, namespaces: false }).find(
    ({ name }) => name === 'NEXT-RUN',
  )!;
  const next = (ms: number) => column.text(task('a', { cron: '*/5 * * * *', next: ms }), NOW);
  t.equal(next(60_000), '60s');
  t.equal(next(-2_000), '5m');
  t.equal(next(-61_000), 'overdue');
  t.equal(column.text(task('a', { suspend: true, next: -61_000 }), NOW), '<suspended>');
});

t.test('what says the least goes first, then from right to left; name and status stay (T-51)', async (t) => {
  const needs = ['NAMESPACE', 'NAME', 'SCHEDULE', 'STATUS', 'LAST-RUN', 'AGE'].map((name) => ({ name, width: 12 }));
  const shown = (width: number, offset = 0) =>
    layoutColumns(needs, width, offset).map(({ index }) => needs[index]?.name);
  t.strictSame(shown(200), ['NAMESPACE', 'NAME', 'SCHEDULE', 'STATUS', 'LAST-RUN', 'AGE']);
  t.strictSame(shown(60), ['NAMESPACE', 'NAME', 'STATUS', 'LAST-RUN'], 'how they do before when they are meant to run');
  t.strictSame(shown(27), ['NAME', 'STATUS']);
  const sorted = layoutColumns(needs, 60, 0, 'AGE').map(({ index }) => needs[index]?.name);
  t.strictSame(sorted, ['NAMESPACE', 'NAME', 'STATUS', 'AGE'], 'that of the order stays');
  t.strictSame(shown(200, 2), ['NAMESPACE', 'NAME', 'LAST-RUN', 'AGE'], 'moved to the right');
});

t.test('a column for which a wider one went has its place where it is narrow', async (t) => {
  const needs = Object.entries({ NAME: 30, STATUS: 11, 'LAST-RUN': 14, 'NEXT-RUN': 8 });
  const placed = layoutColumns(
    needs.map(([name, width]) => ({ name, width })),
    42,
  );
  t.strictSame(
    placed.map(({ index }) => needs[index]?.[0]),
    ['NAME', 'STATUS', 'NEXT-RUN'],
  );
});

t.test('a layout fits whatever it is given', async () => {
  const need = fc.record({
    name: fc.constantFrom('NAME', 'STATUS', 'MESSAGE', 'AGE', 'X'),
    width: fc.integer({ min: 1, max: 90 }),
  });
  const property = fc.property(
    fc.array(need, { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 38, max: 200 }),
    (needs, width) => {
      const placed = layoutColumns(
        needs.filter(({ name }, i) => needs.findIndex((one) => one.name === name) === i),
        width,
      );
      return placed.reduce((sum, column) => sum + column.width + 2, -2) <= width;
    },
  );
  fc.assert(property);
});

t.test('any name fits into any table (T-52)', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  const size = fc.record({ width: fc.integer({ min: 38, max: 160 }), height: fc.integer({ min: 1, max: 30 }) });
  const property = fc.property(fc.array(text, { maxLength: 40 }), size, (all, space) => {
    const view = {
      columns: tableColumns(resourceOf('Task'), { wide: false, namespaces: true }),
      objects: all.map((name) => task(name)),
      ...{
        top: 0,
        selected: 1,
        marks: new Set<string>(),
        sort: { column: 'NAME', descending: false },
        filter: undefined,
      },
      ...{ columnOffset: 0, widths: new Map<string, number>(), dimmed: false },
    };
    const problem = misfit(tableLines(view, space, { now: NOW, ascii: false }), space);
    if (problem !== undefined) throw new Error(problem);
  });
  fc.assert(property);
});

/** A feed that says what changed, unless it is too long ago for it. */
class JournaledFeed implements Feed {
  readonly phase = 'live';
  readonly since = undefined;
  readonly error = undefined;
  readonly limit = undefined;
  readonly cut = false;
  readonly objects = new Map<string, ApiObject>();
  readonly changedSince: (version: number) => readonly string[] | undefined;
  private readonly journal = new Journal();

  constructor(tells: boolean) {
    this.changedSince = (version) => (tells ? this.journal.since(version) : undefined);
  }

  get version(): number {
    return this.journal.version;
  }

  put(object: ApiObject): void {
    this.objects.set(object.metadata.uid, object);
    this.journal.one(object.metadata.uid);
  }

  remove({ metadata }: ApiObject): void {
    this.objects.delete(metadata.uid);
    this.journal.one(metadata.uid);
  }
}

t.test('of thousands of rows only those that changed are looked at (T-53)', async (t) => {
  const feed = new JournaledFeed(true);
  for (let i = 0; i < 2_000; i += 1) feed.put(task(`task-${i}`));
  let looks = 0;
  const [name] = tableColumns(resourceOf('Task'), { wide: false, namespaces: false });
  const value: TableColumn['value'] = (object, now) => {
    looks += 1;
    return name!.value(object, now);
  };
  const sort = { column: 'NAME', descending: true };
  const query = { feed, columns: [{ ...name!, value }], filter: undefined, sort, faultsOnly: false };
  const selection = new RowSelection();
  t.equal(selection.select(query, NOW).uids.length, 2_000);
  t.equal(looks, 2_000);
  feed.put(task('task-7', { next: 1_000 }));
  feed.put(task('zebra'));
  t.equal(selection.select(query, NOW).objects[0]?.metadata.name, 'zebra');
  t.equal(looks, 2_002);
  selection.select(query, NOW + 5_000);
  t.equal(looks, 2_002, 'a key that moves the cursor looks at none');
});

t.test('rows after many changes are those one would get from scratch', async () => {
  const resource = resourceOf('Task');
  const columns = tableColumns(resource, { wide: false, namespaces: false });
  const change = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e10', 'e9'),
    next: fc.option(fc.integer({ min: -100_000, max: 100_000 }), { nil: undefined }),
    gone: fc.boolean(),
  });
  const view = fc.record({
    column: fc.constantFrom('NAME', 'NEXT-RUN', 'STATUS'),
    descending: fc.boolean(),
    filter: fc.constantFrom('', 'e', '!a'),
    faultsOnly: fc.boolean(),
  });
  const property = fc.property(
    fc.array(fc.tuple(fc.array(change, { maxLength: 5 }), view), { maxLength: 8 }),
    fc.boolean(),
    (rounds, journaled) => {
      const feed = new JournaledFeed(journaled);
      const kept = new RowSelection();
      for (const [changes, { column, descending, filter: text, faultsOnly }] of rounds) {
        for (const { name, next, gone } of changes) {
          const one = task(name, next === undefined ? {} : { next });
          if (gone) feed.remove(one);
          else feed.put(one);
        }
        const filter = parseFilter(text);
        const query = { feed, columns, filter, sort: { column, descending }, faultsOnly };
        const [one, other] = [kept.select(query, NOW), new RowSelection().select(query, NOW)];
        if (JSON.stringify(one) !== JSON.stringify(other))
          throw new Error(`${JSON.stringify(one.uids)} ${JSON.stringify(other.uids)}`);
      }
    },
  );
  fc.assert(property);
});
