// ctask import as a program: what goes where, and that nothing is written when something is wrong.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CliUser } from '../../../test/support/cli-terminal.js';
import { repository } from '../../../test/support/ctask.js';

/** Nothing listens there: an import asks no server. */
const env = { CTASK_SERVER: 'http://127.0.0.1:1' };

function start(t: Test) {
  const user = new CliUser();
  t.teardown(() => user.go());
  return {
    home: user.home,
    ctask: (args: readonly string[], input = '') => user.run(args, { env, input }),
    file(name: string, text: string): string {
      const path = join(user.home, name);
      writeFileSync(path, text);
      return path;
    },
  };
}

t.test('a crontab becomes manifests that validate takes', async (t) => {
  const { ctask, file } = start(t);
  const example = join(repository, 'examples/import/crontab');
  const crontab = ['import', 'crontab', '--system', '--timezone', 'Europe/Berlin', '--home', '/srv/home'];
  const { code, stdout, stderr } = await ctask([...crontab, example, '--cluster', 'eu', '-n', 'billing']);
  t.equal(code, 0, stderr);
  t.match(stderr, /crontab:4:1: warning: MAILTO becomes an annotation/);
  t.match(stdout, /^# .*crontab:7: \*\/15 \* .*\napiVersion: cloudtask.dev\/v1\nkind: Task\n/);
  t.equal((await ctask(['fmt', '-f', '-'], stdout)).stdout, stdout, 'in the style of fmt');
  const checked = await ctask(['validate', '-f', file('tasks.yaml', stdout)]);
  t.same(checked.stdout.match(/\S+(?= valid)/g), [
    'task.cloudtask.dev/check-disk-sh',
    'task.cloudtask.dev/backup-db-sh',
    'task.cloudtask.dev/find',
    'task.cloudtask.dev/mail',
    'task.cloudtask.dev/twice-a-month-py',
  ]);
  t.equal(stdout.match(/namespace: billing/g)?.length, 5);
  t.equal(stdout.match(/cluster: eu/g)?.length, 5);
  const json = JSON.parse((await ctask([...crontab, '-o', 'json', '-'], readFileSync(example, 'utf8'))).stdout);
  t.match(json, { kind: 'List', items: [{ kind: 'Task' }, {}, {}, {}, {}] });
});

t.test('a zone that does not exist is told once, before anything is read', async (t) => {
  const { ctask } = start(t);
  for (const kind of ['crontab', 'cloudtask', 'ical']) {
    const name = kind === 'ical' ? ['--name', 'x'] : [];
    const outcome = await ctask(
      ['import', kind, '-', ...name, '--timezone', 'Europe/Berln'],
      '0 2 * * * a\n0 3 * * * b\n',
    );
    t.match(outcome, {
      code: 2,
      stdout: '',
      stderr: /^error: --timezone "Europe\/Berln" is not .*mean "Europe\/Berlin"\?\n/,
    });
  }
});

t.test('a file per task', async (t) => {
  const { ctask, home } = start(t);
  const directory = join(home, 'out');
  const text = '@daily one\n@daily two\n';
  const { stdout } = await ctask(['import', 'crontab', '-', '--output-dir', directory, '--prefix', 'db1-'], text);
  t.equal(stdout, `${directory}/db1-one.yaml\n${directory}/db1-two.yaml\n`);
  t.same(readdirSync(directory), ['db1-one.yaml', 'db1-two.yaml']);
  t.match(readFileSync(join(directory, 'db1-two.yaml'), 'utf8'), /^# STDIN:2: @daily two\n/);
  t.match(await ctask(['import', 'crontab', '-', '--output-dir', directory, '-o', 'json'], text), { code: 2 });
});

t.test('nothing is written when a line is wrong, unless asked for', async (t) => {
  const { ctask, home } = start(t);
  const directory = join(home, 'out');
  const text = '@daily one\n61 * * * * two\n\n@reboot three\n';
  const { code, stdout, stderr } = await ctask(['import', 'crontab', '-', '--output-dir', directory], text);
  t.same({ code, stdout }, { code: 7, stdout: '' });
  t.equal(
    stderr,
    `STDIN:2:1: error: minute must be 0 to 59, not 61
  1 | @daily one
  2 | 61 * * * * two
    | ^^
STDIN:4:1: error: nothing starts a task when a machine boots: a systemd unit does; --skip-errors imports the other lines
  4 | @reboot three
    | ^^^^^^^
error: 2 problems, and nothing was written; --skip-errors imports the rest
`,
  );
  t.notOk(existsSync(directory));
  const rest = await ctask(['import', 'crontab', '-', '--skip-errors'], text);
  t.equal(rest.code, 0);
  t.match(rest.stdout, /name: one/);
  t.match(rest.stderr, /Warning: 2 problems, 1 object imported\n$/);
  t.match(await ctask(['import', 'crontab', '-'], '# nothing\n'), { code: 0, stdout: '', stderr: 'No tasks found\n' });
});
