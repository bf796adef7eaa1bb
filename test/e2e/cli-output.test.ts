// What `get` prints, in every format, against the real API.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const task = (name: string, { labels = '{}', zone = 'UTC', cron = '0 2 * * *' } = {}) =>
  `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}, labels: ${labels}}
spec: {timeZone: ${zone}, schedules: [{cron: "${cron}"}], run: {command: [date]}}
`;

t.test('output of get', async (t) => {
  const { center, user } = await startCliWorld(t);
  const input = [
    task('nightly', { labels: '{team: fin, a.b/tier: gold}', zone: 'Europe/Berlin' }),
    task('step-10', { labels: '{team: ops}' }),
    task('step-9'),
  ].join('---\n');
  t.match(await user.type('apply -f -', { input }), { code: 0 });

  await t.test('C-41: columns of one’s own', async (t) => {
    const spec = 'NAME:.metadata.name,CRON:.spec.schedules[*].cron,TEAM:.metadata.labels.team';
    const table =
      'NAME      CRON        TEAM\nnightly   0 2 * * *   fin\nstep-10   0 2 * * *   ops\nstep-9    0 2 * * *   <none>\n';
    t.match(await user.run(['get', 'tk', '-o', `custom-columns=${spec}`]), { code: 0, stdout: table, stderr: '' });
    t.match(await user.run(['get', 'tk', 'step-9', '--no-headers', '-o', 'custom-columns=N:.metadata.name']), {
      stdout: 'step-9\n',
    });
    const file = join(user.home, 'columns.txt');
    writeFileSync(file, 'NAME TEAM\n.metadata.name .metadata.labels.team\n');
    t.match(await user.type(`get tk nightly -o custom-columns-file=${file}`), {
      stdout: 'NAME      TEAM\nnightly   fin\n',
    });
    t.match(await user.type('get tk -o custom-columns-file=/nope'), { code: 2, stderr: /ENOENT/ });
  });

  await t.test('C-40: jsonpath from a file, and as JSON', async (t) => {
    const file = join(user.home, 'names.jsonpath');
    writeFileSync(file, '{range .items[*]}{.metadata.name} {end}');
    t.match(await user.type(`get tk -o jsonpath-file=${file}`), { code: 0, stdout: 'nightly step-10 step-9 ' });
    t.match(await user.run(['get', 'tk', '-o', 'jsonpath-as-json={.items[*].metadata.name}']), {
      stdout: '[\n    "nightly",\n    "step-10",\n    "step-9"\n]\n',
    });
  });

  await t.test('C-43: one object a line, also while watching', async (t) => {
    const { stdout } = await user.type('get tk -o ndjson');
    const objects = stdout.trimEnd().split('\n');
    t.same(
      objects.map((line) => JSON.parse(line).metadata.name),
      ['nightly', 'step-10', 'step-9'],
    );
    t.ok(objects[0]?.startsWith('{"apiVersion":"cloudtask.dev/v1","kind":"Task","metadata":{"name":"nightly"'));
    const watch = user.start(['get', 'tk', '-w', '--watch-only', '-o', 'ndjson', '--output-watch-events', '-v', '6']);
    await watch.until(({ stderr }) => stderr.includes('watch=1'));
    await user.type('apply -f -', { input: task('nightly', { labels: '{team: fin, a.b/tier: gold}' }) });
    await watch.until((session) => session.stdout.includes('\n'));
    watch.signal('SIGINT');
    await watch.done;
    t.match(JSON.parse(watch.stdout.split('\n')[0] ?? ''), {
      type: 'MODIFIED',
      object: { spec: { timeZone: 'UTC' } },
    });
  });

  await t.test('C-45: order', async (t) => {
    const names = async (path: string) =>
      (await user.run(['get', 'tk', '-o', 'jsonpath={.items[*].metadata.name}', '--sort-by', path])).stdout;
    t.equal(await names('.metadata.name'), 'nightly step-9 step-10');
    t.equal(await names('{.metadata.labels.team}'), 'nightly step-10 step-9', 'missing values last');
    t.equal(await names('.status.nextTime'), 'nightly step-10 step-9', 'a field that none of them has');
    t.match(await user.type('get tk --sort-by=.metadata.nmae'), {
      code: 2,
      stdout: '',
      stderr: 'error: couldn\'t find any field with path ".metadata.nmae" in the list of objects\n',
    });
    t.match(await user.type('get tk --sort-by={.a'), { code: 2, stderr: /unclosed/ });
  });

  await t.test('C-48: columns of labels, kinds, headers', async (t) => {
    const row = (line: string) => line.replace(/ {2,}/g, ' ').trim();
    const lines = async (rest: string) => (await user.type(`get tk ${rest}`)).stdout.trimEnd().split('\n').map(row);
    t.match(await lines('-L team,a.b/tier'), [
      /^NAME SCHEDULE STATUS LAST-RUN NEXT-RUN AGE TEAM TIER$/,
      / fin gold$/,
      / ops <none>$/,
      / <none> <none>$/,
    ]);
    t.match(await lines('nightly --show-labels --no-headers'), [/^nightly .* a\.b\/tier=gold,team=fin$/]);
    t.match(await lines('nightly --show-kind --no-headers'), [/^task\.cloudtask\.dev\/nightly /]);
  });

  await t.test('C-49: what the server answers, as it is', async (t) => {
    t.match(await user.type('get --raw /healthz'), { code: 0, stdout: 'ok\n', stderr: '' });
    t.match(await user.type('get --raw /apis/cloudtask.dev/v1/nope'), { code: 5, stdout: '' });
    t.match(await user.type('get --raw /healthz -o json'), { code: 2 });
  });

  await t.test('a name nearby is told to people, not to programs', async (t) => {
    const stderr = 'Error from server (NotFound): tasks.cloudtask.dev "nihgtly" not found\n';
    t.same(await user.type('get task nihgtly'), { code: 5, stdout: '', stderr });
    t.match(await user.type('get task nihgtly', { tty: true }), {
      code: 5,
      stderr: `${stderr}Did you mean this?\n\tnightly\n`,
    });
    t.match(await user.type('get task zzz', { tty: true }), { code: 5, stderr: /not found\n$/ });
  });

  await t.test('C-51: control characters do not reach a terminal', async (t) => {
    const stored = await center.task('nightly');
    t.ok(stored);
    const input = task('evil').replace('labels: {}', 'annotations: {a: "\\e]0;x\\a"}');
    t.match(await user.type('apply -f -', { input }), { code: 0 });
    const path = ['get', 'task', 'evil', '-o', 'jsonpath={.metadata.annotations.a}'];
    t.equal((await user.run(path)).stdout, '\u001b]0;x\u0007', 'a program gets what is there');
    t.equal((await user.run(path, { tty: true })).stdout, '^[]0;x^G');
  });
});
