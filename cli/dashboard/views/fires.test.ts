import t from 'tap';
import { NOW, resources } from '../../../test/support/fed-dashboard.js';
import { task } from '../../../test/support/fed-objects.js';
import { isFault } from './faults.js';
import { fireAfter, nextDue, upcoming } from './fires.js';
import { tableColumns } from './table-columns.js';

const tasks = resources.find(({ kind }) => kind === 'Task')!;

t.test(
  'a suspension that ends: nothing is overdue until then, and it is known what comes after it (T-28)',
  async (t) => {
    const until = (end: number, next: number) =>
      ({
        ...task('a', { cron: '0 * * * *', next }),
        spec: { schedules: [{ cron: '0 * * * *' }], run: {}, suspendUntil: new Date(NOW + end).toISOString() },
      }) as never;
    const column = tableColumns(tasks, { wide: false, namespaces: false }).find(({ name }) => name === 'NEXT-RUN')!;
    const old = until(90 * 60_000, -120_000);
    t.notOk(isFault(old, NOW), 'the time point was passed over, as it should');
    t.equal(column.text(old, NOW), '<suspended>');
    t.equal(nextDue(old, NOW), NOW + 2 * 3_600_000, 'the first one after the suspension');
    t.strictSame(upcoming(old, NOW, 2), [NOW + 2 * 3_600_000, NOW + 3 * 3_600_000]);
    t.equal(fireAfter(old, NOW), NOW + 2 * 3_600_000);
    const current = until(90 * 60_000, 2 * 3_600_000);
    t.equal(column.text(current, NOW), '120m');
    t.equal(column.value(current, NOW), NOW + 2 * 3_600_000);
    t.notOk(isFault(until(-60_000, 3_600_000), NOW), 'it has ended');
    const forever = task('b', { suspend: true, next: -120_000 }) as never;
    t.equal(nextDue(forever, NOW), undefined);
    t.strictSame(upcoming(forever, NOW, 2), []);
    t.equal(fireAfter(forever, NOW), undefined);
  },
);
