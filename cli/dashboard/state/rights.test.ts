// Keys are offered to who may use them; the center decides.
import t from 'tap';
import { openWorld } from '../../../test/support/dashboard-world.js';
import { connect } from '../../client/connect.js';
import { type Rule, reviewSelf } from '../../client/self-subject.js';
import { type KeyRow, keymap } from '../keys/keymap.js';
import { Rights } from './rights.js';

const rows: readonly KeyRow[] = keymap;
const writing = rows.filter(({ writes }) => writes !== undefined);
const rowOf = (id: string): KeyRow => writing.find(({ scope, action }) => `${scope}.${action}` === id)!;
const never = async (): Promise<readonly Rule[]> => {
  throw new Error('nobody answers');
};

t.test('what the rules do not allow is not offered; while they are not known, all is (T-59)', async (t) => {
  const known = new Rights(never, [{ resources: ['tasks'], verbs: ['get', 'suspend', 'undo'] }]);
  t.ok(known.offers(rowOf('tasks.suspend'), 'tasks'));
  t.notOk(known.offers(rowOf('tasks.trigger'), 'tasks'));
  t.ok(known.offers(rowOf('revisions.undo'), 'revisions'), 'of a task, whatever the table shows');
  t.notOk(known.offers(rowOf('table.delete'), 'tasks'));
  t.notOk(known.offers(rowOf('runs.cancel'), 'runs'), 'of runs nothing is said');
  t.ok(known.offers(rows.find(({ action }) => action === 'describe')!, 'tasks'), 'looking is not held against rules');
  const unknown = new Rights(never, undefined);
  for (const row of writing) t.ok(unknown.offers(row, 'tasks'), row.action);
});

t.test('of a key that writes it is known what it is about', async (t) => {
  const nothing = new Rights(never, []);
  for (const row of writing) {
    const shown = row.scope === 'table' ? 'tasks' : undefined;
    t.notOk(nothing.offers(row, shown), `${row.scope}.${row.action}`);
  }
});

t.test('they are asked for again, once at a time; no answer changes nothing', async (t) => {
  let asked = 0;
  let rules: readonly Rule[] | undefined = [{ resources: ['tasks'], verbs: ['delete'] }];
  const ask = async () => {
    asked += 1;
    if (rules === undefined) throw new Error('nobody answers');
    return rules;
  };
  const rights = new Rights(ask, []);
  t.notOk(rights.may('delete', 'tasks'));
  await Promise.all([rights.renew(), rights.renew()]);
  t.equal(asked, 1);
  t.ok(rights.may('delete', 'tasks'));
  rules = undefined;
  await rights.renew();
  t.equal(asked, 2);
  t.ok(rights.may('delete', 'tasks'));
});

t.test('at a center', async (t) => {
  const helpOf = async (as: string | undefined) => {
    const { terminal, shows, center } = await openWorld(t, ['nightly'], as === undefined ? {} : { globals: { as } });
    await terminal.resize(120, 60);
    await shows('Tasks(default)[1]', 'nightly');
    const hints = terminal.text();
    await terminal.press('?');
    await shows('Help(tasks)');
    const help = terminal.text();
    await terminal.press('esc');
    return { hints, help, terminal, shows, center };
  };

  await t.test('every verb of the keymap is one of the center', async (t) => {
    const { user, center } = await openWorld(t, []);
    const { stdout } = await user.type('auth can-i --list --no-headers');
    t.match(stdout, /tasks\.cloudtask\.dev/);
    const settings = { servers: [center.url], token: center.token, requestTimeoutMs: 10_000, verbosity: 0 };
    const host = { clock: (await import('../../../base/index.js')).systemClock, version: '0' };
    const none = () => undefined;
    const api = connect(settings as never, host as never, new AbortController().signal, none, none);
    const { status } = await reviewSelf(api);
    const rights = new Rights(never, status.rules);
    for (const row of writing) t.ok(rights.offers(row, 'tasks'), `${row.scope}.${row.action}: ${row.writes}`);
  });

  await t.test('an administrator is offered all', async (t) => {
    const { hints, help } = await helpOf(undefined);
    t.match(hints, '<ctrl-d> Delete');
    for (const words of ['Trigger', 'Suspend/resume', 'Edit', 'Delete']) t.match(help, words);
  });

  await t.test('an operator starts and stops, and deletes nothing', async (t) => {
    const { hints, help } = await helpOf('operator');
    for (const text of [hints, help]) {
      t.match(text, 'Trigger');
      t.match(text, 'Suspend/resume');
      t.notMatch(text, 'ctrl-d');
      t.notMatch(text, '<e>');
    }
  });

  await t.test('a viewer looks; a key that is pressed all the same is refused by the center', async (t) => {
    const { hints, help, terminal, shows, center } = await helpOf('viewer');
    for (const text of [hints, help]) {
      t.match(text, 'Describe');
      for (const words of ['ctrl-d', 'Trigger', 'Suspend', 'Edit', 'Delete']) t.notMatch(text, words);
    }
    await terminal.press('s');
    await shows('"viewer" may not suspend tasks in namespace "default"');
    await terminal.press('ctrl-d', 'tab', 'enter');
    await shows('"viewer" may not delete tasks in namespace "default"');
    t.match(terminal.text(), 'Tasks(default)[1]', 'it is a message, and nothing else');
    t.ok(await center.task('nightly'));
    await terminal.type(':ru');
    await terminal.press('enter', '?');
    await shows('Help(runs)');
    t.notMatch(terminal.text(), /ctrl-k|Retry/);
  });
});
