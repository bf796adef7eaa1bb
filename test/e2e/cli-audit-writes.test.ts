// ctask audit writes, and --as, against the real API.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import type { AuditEntry } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';

const manifest = (name: string) =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec:\n  schedules: [{every: 1h}]\n  run: {command: [/bin/true]}\n`;

t.test('audit writes', async (t) => {
  const { user } = await startCliWorld(t);
  const directory = t.testdirName;
  t.match(await user.type('apply -f -', { input: `${manifest('one')}---\n${manifest('two')}` }), { code: 0 });

  await t.test('C-80: --as and --as-group', async (t) => {
    t.match(await user.type('suspend task/one --as viewer'), { code: 4, stderr: /"viewer" may not suspend tasks/ });
    t.match(await user.type('get tasks --as viewer'), { code: 0, stdout: /one/ });
    t.match(await user.type('get tasks --as stranger'), { code: 4, stderr: /"stranger" may not list tasks/ });
    const groups = '--as-group cloudtask:operator --as-group team';
    t.match(await user.type(`--as jane ${groups} suspend task/one`), { code: 0 });
    t.match(await user.type(`auth whoami --as jane ${groups}`), { stdout: /jane(.|\n)*\[cloudtask:operator team\]/ });
    t.match(await user.type('get tasks --as-group team'), { code: 2, stderr: /--as-group needs --as/ });
    t.match(await user.type('get tasks --as='), { code: 2, stderr: /--as must not be empty/ });
  });

  await t.test('A-34: the table, and what it is about', async (t) => {
    const { code, stdout } = await user.type('audit writes');
    t.equal(code, 0);
    t.match(stdout, /^SEQ +TIME +USER +VERB +OBJECT +STATUS +SOURCE +REQUEST\n/);
    t.match(stdout, /^1 +20\S+Z +admin +apply +task default\/one +200 +127\.0\.0\.1 +[0-9a-f-]{36}$/m);
    t.match(stdout, /^3 .*admin as viewer +suspend +task default\/one +403/m);
    t.match(stdout, /^4 .*admin as jane +suspend +task default\/one +200/m);
    const rows = async (line: string) => (await user.type(`${line} --no-headers`)).stdout.trim().split('\n').length;
    t.equal(await rows('audit writes task/one'), 3);
    t.equal(await rows('audit writes tasks two'), 1);
    t.equal(await rows('audit writes --verb suspend --by admin --since 1h'), 2);
    t.match(await user.type('audit writes --by mallory'), { code: 0, stdout: '', stderr: 'No writes found.\n' });
    t.match(await user.type('audit writes -n elsewhere'), { stdout: '' });
    t.match(await user.type('audit writes --since yesterday'), { code: 2 });
    t.match(await user.type('audit writes task/one task/two'), { code: 2 });
    t.match(await user.type('audit writes --as editor'), { code: 4, stderr: /Forbidden/ });
    t.match(await user.type('audit'), { stdout: /^TASK +EXPECTED/ }, 'the audit of time points is what it was');
  });

  await t.test('A-34: for programs', async (t) => {
    const lines = (await user.type('audit writes --since 0 -o ndjson')).stdout.trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as AuditEntry);
    t.same(
      entries.map(({ sequence }) => sequence),
      [1, 2, 3, 4],
    );
    t.match(entries[3], { as: 'jane', asGroups: ['cloudtask:operator', 'team'], change: /^[0-9a-f]{64}$/ });
    const list = JSON.parse((await user.type('audit writes -o json')).stdout);
    t.same(list.items, entries);
  });

  await t.test('C-75: the id of a request is shown with -v', async (t) => {
    const { stderr } = await user.type('get tasks -v 6');
    t.match(stderr, /milliseconds \(request [0-9a-f-]{36}\)/);
  });

  await t.test('A-34: --verify names the first broken entry', async (t) => {
    t.match(await user.type('audit writes --verify'), {
      code: 0,
      stdout: /^4 entries are whole, up to 4 with hash \w{64}\n$/,
    });
    t.match(await user.type('audit writes task/one --verify'), { code: 2 });
    const raw = new Database(join(directory, 'store.db'));
    t.throws(() => raw.exec("update audit_entries set username = 'nobody' where seq = 3"), /never changed/);
    raw.exec("drop trigger audit_entries_unchanged; update audit_entries set username = 'nobody' where seq = 3");
    raw.close();
    t.match(await user.type('audit writes --verify'), {
      code: 1,
      stderr: /entry 3 of the audit is broken: .*its hash is another/,
    });
  });
});
