// What whoever knows kubectl types without thinking, and no other test of the CLI shows: one center for all of it. The letters and
// numbers in the titles are the rows of docs/kubectl-rows.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const task = (name: string, more = '') =>
  `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}}
spec: {run: {command: [date]}${more}}
`;
const lines = (operation: string, ...names: string[]) =>
  names.map((name) => `task.cloudtask.dev/${name} ${operation}\n`).join('');

t.test('habits', async (t) => {
  const { center, user } = await startCliWorld(t);
  const dir = join(user.home, 'files');
  mkdirSync(join(dir, 'inner'), { recursive: true });
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };

  await t.test('every shape of input (C-01, C-03)', async (t) => {
    const created = async (args: string[], ...names: string[]) =>
      t.same(await user.run(['apply', ...args]), { code: 0, stdout: lines('created', ...names), stderr: '' });
    await created(['-f', file('any.name', task('one'))], 'one');
    await created(['-f', file('b.json', JSON.stringify({ ...JSON_TASK, metadata: { name: 'json' } }))], 'json');
    file('inner/d.yml', task('deep'));
    file('a.yaml', `---\n${task('multi-1')}---\n# nothing\n---\nnull\n---\n${task('multi-2')}`);
    const list = { apiVersion: 'v1', kind: 'List', items: [{ ...JSON_TASK, metadata: { name: 'listed' } }] };
    await created(
      ['-f', file('a.yaml', `---\n${task('multi-1')}---\n# nothing\n---\n${task('multi-2')}`)],
      'multi-1',
      'multi-2',
    );
    await created(['-f', file('list.json', JSON.stringify(list))], 'listed');
    t.same(await user.run(['apply', '-f', dir]), {
      ...{ code: 0, stderr: '', stdout: lines('unchanged', 'multi-1', 'multi-2', 'json', 'listed') },
    });
    await created(['-f', join(dir, 'inner')], 'deep');
    t.match((await user.run(['apply', '-R', '-f', dir])).stdout, /deep unchanged\n.*listed unchanged\n$/);
    file('p1.yaml', task('pattern-1'));
    file('p2.yaml', task('pattern-2'));
    await created(['-f', join(dir, 'p?.yaml')], 'pattern-1', 'pattern-2');
    t.match(await user.run(['apply', '-f', join(dir, '*', '*.yml')]), { stdout: lines('unchanged', 'deep') });
    t.match(await user.run(['apply', '-f', join(dir, 'q*.yaml')]), { code: 2, stderr: /pattern ".*" matches no file/ });
    await created(['-f', file('x.yaml', task('x')), '-f', file('y.yaml', task('y'))], 'x', 'y');
    t.same(await user.type('apply -f -', { input: task('piped') }), {
      ...{ code: 0, stdout: lines('created', 'piped'), stderr: '' },
    });
    t.match(
      await user.type('apply -f -', { input: task('piped'), tty: true }),
      { stderr: /^reading from stdin…\n/ },
      'C-92',
    );
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? 503 : 200).end(task('remote'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/t.yaml`;
    await created(['-f', url], 'remote');
    t.equal(asked, 2, 'asked again after the 503');
    t.match(await user.run(['apply', '-f', file('none.yaml', '# none\n')]), {
      ...{ code: 1, stderr: /^error: no objects passed to apply\n/ },
    });
    t.match(await user.run(['apply', '-f', file('bad.yaml', 'a: [')]), { code: 7, stderr: /bad\.yaml:\d+:\d+: error/ });
  });

  await t.test('a hundred times the same is once (C-05, G-06)', async (t) => {
    const seen = async () => {
      const { metadata } = await center.task('one');
      const { items: events } = await center.store.list('Event');
      const { stdout: revisions } = await user.type('rollout history task/one');
      return {
        version: metadata.resourceVersion,
        generation: metadata.generation,
        events: events.length,
        revisions: revisions.split('\n').length,
      };
    };
    const before = await seen();
    for (let i = 0; i < 100; i++) {
      const { stdout } = await user.type('apply -f -', { input: task('one') });
      if (stdout !== lines('unchanged', 'one')) t.fail(stdout);
    }
    t.same(await seen(), before);
  });

  await t.test('unknown fields, as strictly as asked (C-13)', async (t) => {
    const input = task('odd', ', suspnd: true');
    t.match(await user.type('apply -f -', { input }), {
      ...{ code: 7, stdout: '', stderr: /^STDIN:4:\d+: error: unknown field "spec\.suspnd"; did you mean "suspend"\?/ },
    });
    t.match(await user.type('apply -f - --validate=warn', { input }), {
      ...{ code: 0, stdout: lines('created', 'odd'), stderr: /^STDIN:4:\d+: warning: unknown field "spec\.suspnd"/ },
    });
    t.same(await user.type('apply -f - --validate=ignore', { input }), {
      ...{ code: 0, stdout: lines('unchanged', 'odd'), stderr: '' },
    });
    t.match(await user.type('apply -f - --validate=maybe', { input }), { code: 2 });
  });

  await t.test(
    'selectors are read by the server; what cannot be selected by is told with what can (C-46, C-47)',
    async (t) => {
      t.match(await user.type("get tasks -l 'a in (b'"), { code: 2, stdout: '' });
      t.match(await user.type('get runs --field-selector spec.nonsense=1'), {
        ...{ code: 2, stderr: /cannot be selected by.*known are .*metadata\.name.*spec\.task/ },
      });
      t.same(await user.type('get tasks -o name --field-selector metadata.name==one'), {
        ...{ code: 0, stdout: 'task.cloudtask.dev/one\n', stderr: '' },
      });
      t.notMatch((await user.type('get tasks -o name --field-selector metadata.name!=one')).stdout, /\/one\n/);
    },
  );

  await t.test('names come first in every table, headers without blanks (C-35)', async (t) => {
    await center.agent('a1');
    for (const kind of ['tasks', 'agents', 'clusters', 'namespaces']) {
      const { stdout } = await user.type(`get ${kind}`);
      const first = stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(' ')[0]);
      const names = (await user.type(`get ${kind} -o name`)).stdout.trimEnd().split('\n');
      t.same(
        first,
        names.map((name) => name.split('/')[1]),
        kind,
      );
      t.match(stdout, /^NAME +(\S+ +)*AGE\n/);
    }
  });

  await t.test('pages do not show (C-48)', async (t) => {
    const whole = await user.type('get tasks -o name');
    t.equal(whole.stdout.trimEnd().split('\n').length, 13);
    t.same(await user.type('get tasks -o name --chunk-size=2'), whole);
    t.same(await user.type('get tasks -o name --chunk-size=0'), whole);
    const paged = await user.type('get tasks --chunk-size=4 -v 6');
    t.match(paged.stderr.match(/limit=4/g)?.length, 4, 'it did come in pages');
  });

  await t.test('global flags before and after the verb (C-87)', async (t) => {
    for (const line of [
      '-n default get task one -o name',
      'get -n default task one -o name',
      'get task one -o name -n=default',
    ]) {
      t.same(await user.type(line), { code: 0, stdout: 'task.cloudtask.dev/one\n', stderr: '' }, line);
    }
  });

  await t.test('nothing shows a token (C-75)', async (t) => {
    for (const level of [6, 7, 8, 9]) {
      const { stderr } = await user.type(`get tasks -v=${level}`);
      t.match(stderr, /GET http:\S+\/tasks\?\S* 200 in \d+ milliseconds/);
      t.notMatch(stderr, center.token, `-v=${level}`);
    }
  });

  await t.test('warnings are told once, and are errors when asked to (C-90)', async (t) => {
    const input = task('twice', ', schedules: [{every: 5s}, {name: b, every: 5s}]');
    const warned = await user.type('apply -f -', { input });
    t.match(warned, { code: 0, stdout: lines('created', 'twice') });
    t.equal(warned.stderr.match(/the same as spec\.schedules\[0\]/g)?.length, 1, warned.stderr);
    t.match(await user.type('create -f - --warnings-as-errors', { input: input.replace('twice', 'thrice') }), {
      code: 1,
    });
    t.match(await user.type('apply -f - --warnings-as-errors', { input: task('one') }), { code: 0 });
  });

  await t.test('requests have an end (C-76)', async (t) => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const env = { CTASK_SERVER: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` };
    t.match(await user.type('get tasks --request-timeout 50ms', { env }), {
      code: 8,
      stdout: '',
      stderr: /within 50 ms/,
    });
    t.match(await user.type('get tasks', { env: { ...env, CTASK_REQUEST_TIMEOUT: '20ms' } }), { code: 8 });
  });

  await t.test('exit codes (G-23)', async (t) => {
    const refused = { env: { CTASK_SERVER: 'http://127.0.0.1:1' } };
    const table: [code: number, line: string, options?: Parameters<typeof user.type>[1]][] = [
      [0, 'get runs'],
      [0, 'apply -f -', { input: task('one') }],
      [0, 'diff -f -', { input: task('one') }],
      [1, 'apply -f -', { input: '' }],
      [1, 'diff -f -', { input: task('one', ', timeout: 1m') }],
      [2, 'config'],
      [2, 'get tasks --no-such-flag'],
      [2, 'get tsk'],
      [2, 'edit task one'],
      [4, 'get tasks', { env: { CTASK_TOKEN: 'ct_wrong' } }],
      [5, 'get task nope'],
      [6, 'create -f -', { input: task('one') }],
      [7, 'apply -f -', { input: task('one', ', nonsense: 1') }],
      [7, 'validate -f -', { input: task('one', ', nonsense: 1') }],
      [8, 'wait task/one --for=condition=Never --timeout=1ms'],
      [9, 'get tasks', refused],
      [9, 'diff -f -', { ...refused, input: task('one') }],
    ];
    for (const [code, line, options] of table) t.match(await user.type(line, options), { code }, `${code} ${line}`);
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const watch = user.start(['get', 'tasks', '-w', '-v', '6']);
      await watch.until(({ stderr }) => stderr.includes('watch=1'));
      watch.signal(signal);
      t.match(await watch.done, { code });
    }
    const { stdout } = await user.type('help exit-codes');
    for (const code of new Set([...table.map(([number]) => number), 130, 143]))
      t.match(stdout, new RegExp(`^${code} `, 'm'));
  });

  await t.test('whether anything has changed (G-23)', async (t) => {
    await center.agent('a1');
    t.match(await user.type('apply -f -', { input: `${task('same')}---\n${task('other')}` }), { code: 0 });
    /** Each changes something the first time, and nothing when it is said again. */
    const table: [line: string, options?: Parameters<typeof user.type>[1]][] = [
      ['apply -f -', { input: task('same', ', timeout: 1m') }],
      ['apply -f - -o json', { input: task('same', ', timeout: 2m') }],
      ['apply -f - --continue-on-error', { input: task('same', ', timeout: 3m') }],
      ['apply -f - --applyset both --prune', { input: `${task('same', ', timeout: 3m')}---\n${task('other')}` }],
      ['replace -f -', { input: task('same', ', timeout: 4m') }],
      [`patch task same -p '{"spec": {"timeout": "5m"}}'`],
      ['label tasks same other team=fin'],
      ['label tasks same other team-'],
      ["annotate task same note='ask first'"],
      ["set schedule same '0 3 * * *'"],
      ['set env same MODE=full'],
      ['suspend same other'],
      ['resume same other'],
      ['cordon a1'],
      ['uncordon a1'],
    ];
    for (const [line, options] of table) {
      const server = /^(suspend|resume|cordon|uncordon)/.test(line) ? [] : ['--dry-run=server'];
      for (const more of server) {
        t.match(await user.type(`${line} ${more} --error-unchanged`, options), { code: 0 }, `0 ${line} ${more}`);
      }
      t.match(await user.type(`${line} --error-unchanged`, options), { code: 0, stderr: '' }, `0 ${line}`);
      t.match(await user.type(`${line} --error-unchanged`, options), { code: 3 }, `3 ${line}`);
      for (const more of server) {
        t.match(await user.type(`${line} ${more} --error-unchanged`, options), { code: 3 }, `3 ${line} ${more}`);
      }
      t.match(await user.type(line, options), { code: 0 }, `${line}: only when it is asked for`);
    }
    const last = '--to-revision=1 --error-unchanged';
    t.match(await user.type(`rollout undo same ${last}`), { code: 0, stdout: /same rolled back/ });
    t.match(await user.type(`rollout undo same ${last}`), { code: 3, stdout: /same skipped rollback/ });

    t.match(await user.type('suspend same'), { code: 0 });
    t.match(await user.type('suspend same other --error-unchanged'), { code: 0 }, 'one of two is a change');
    t.match(await user.type('label tasks -l team=none team=x --error-unchanged'), { code: 3 }, 'no object, no change');
    t.match(await user.type('label task same --list --error-unchanged'), { code: 0 }, 'nothing was to be changed');
    const broken = `${task('other')}---\n${task('broken', ', timeout: soon')}`;
    t.match(await user.type('apply -f - --continue-on-error --error-unchanged', { input: broken }), {
      ...{ code: 1, stdout: lines('unchanged', 'other') },
    });
    t.match(await user.type('label task same team=fin --error-unchanged'), { code: 0 });
    t.match(await user.type('label task same team=ops --error-unchanged'), { code: 6 }, 'a failure is no "unchanged"');
    for (const line of ['apply -f -', 'label task same a=b', "set schedule same '@daily'"]) {
      t.match(
        await user.type(`${line} --dry-run=client --error-unchanged`, { input: task('same') }),
        { code: 2, stderr: /--error-unchanged cannot be given together with --dry-run=client/ },
        line,
      );
    }
    t.match(await user.type('help exit-codes'), { stdout: /^3 +nothing has changed, and --error-unchanged/m });
  });

  await t.test('a client dry run shows what would be (C-07, C-23)', async (t) => {
    t.match(await user.type('apply -f -', { input: task('dry') }), { code: 0 });
    const { resourceVersion } = (await center.task('dry')).metadata;
    const would = async (line: string) => JSON.parse((await user.type(`${line} --dry-run=client -o json`)).stdout);
    t.match(await would('label task dry team=fin'), { metadata: { labels: { team: 'fin' } } });
    t.match(await would('annotate task dry note=x'), { metadata: { annotations: { note: 'x' } } });
    t.match(await would("set schedule dry '0 3 * * *'"), { spec: { schedules: [{ cron: '0 3 * * *' }] } });
    t.match(await would('set env dry MODE=full'), { spec: { run: { command: ['date'], env: [{ name: 'MODE' }] } } });
    t.equal((await center.task('dry')).metadata.resourceVersion, resourceVersion, 'and stores nothing');
  });

  await t.test('JSON is one document, in continuous integration too (C-38, C-89, G-22)', async (t) => {
    const env = { CI: '1', FORCE_COLOR: '1' };
    const two = await user.type('apply -f - -o json', { env, input: `${task('one')}---\n${task('json-2')}` });
    t.match(JSON.parse(two.stdout), {
      kind: 'List',
      items: [{}, {}],
      summary: { created: 1, configured: 0, unchanged: 1 },
    });
    for (const line of ['get tasks -o json', 'apply -f - -o json', 'get nothing -o json']) {
      const { stdout, stderr } = await user.type(line, { env, input: task('one') });
      t.doesNotThrow(() => JSON.parse(stdout || stderr), line);
      t.notMatch(stdout + stderr, '\u001b', line);
    }
  });
});

const JSON_TASK = { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: {}, spec: { run: { command: ['date'] } } };
