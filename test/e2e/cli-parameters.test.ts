// Parameters of runs on the command line and in the API; test/e2e/examples.test.ts has the processes that see them.
import t from 'tap';
import type { Run } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import { startCliWorld } from '../support/cli-world.js';

const MANIFEST = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: deploy}
spec:
  parameters:
  - {name: region, required: true, values: [eu, us], description: Where to.}
  - {name: count, type: Integer, default: "3", minimum: 1, maximum: 9}
  - {name: dry-run, type: Boolean, default: "false"}
  - {name: note, maxLength: 100}
  run: {command: [deploy, "--to=$(params.region)"]}
`;
const created = /^run\.cloudtask\.dev\/(\S+) created\n$/;
const TASK = '/apis/cloudtask.dev/v1/namespaces/default/tasks/deploy';

async function post(center: CliCenter, path: string, body: object) {
  const headers = { authorization: `Bearer ${center.token}`, 'content-type': 'application/json' };
  const response = await fetch(`${center.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, json: await response.json() };
}

t.test('runs with parameters', async (t) => {
  const { center, user } = await startCliWorld(t);
  t.match(await user.type('apply -f -', { input: MANIFEST }), { code: 0 });
  const runOf = async (stdout: string) => {
    const name = created.exec(stdout)?.[1] ?? '';
    return (await center.store.get<Run>({ kind: 'Run', namespace: 'default', name }))!;
  };
  const runs = async () => (await center.store.list<Run>('Run')).items.length;

  await t.test('what is given, and the defaults, stand in the run', async (t) => {
    const made = await user.type('run deploy --param region=eu --param "note=a=b c"');
    t.match(made, { code: 0, stdout: created, stderr: '' });
    const run = await runOf(made.stdout);
    t.strictSame(run.spec.parameters, [
      { name: 'region', value: 'eu' },
      { name: 'count', value: '3' },
      { name: 'dry-run', value: 'false' },
      { name: 'note', value: 'a=b c' },
    ]);
    const { name } = run.metadata;
    t.match((await user.type(`describe run ${name}`)).stdout, /Parameters:\n {2}region: +"eu"\n {2}count: +"3"\n/);
    t.match((await user.type(`get run ${name} -o yaml`)).stdout, /- name: note\n +value: a=b c\n/);
  });

  await t.test('all that is wrong is told at once, and no run is made', async (t) => {
    const before = await runs();
    t.strictSame(await user.type('run deploy --param regin=eu --param count=many --param dry-run=yes'), {
      code: 7,
      stdout: '',
      stderr: `The request is invalid: 
* parameters.regin: unknown parameter "regin"; did you mean "region"?
* parameters.region: Required value: Where to.
* parameters.count: Invalid value: "many": must be a whole number such as 3
* parameters.dry-run: Invalid value: "yes": must be true or false
`,
    });
    for (const [words, said] of [
      ['--param region', '--param "region" is not NAME=VALUE'],
      ['--param =eu', '--param "=eu" is not NAME=VALUE'],
      ['--param region=eu --param region=us', '--param gives "region" twice'],
    ]) {
      t.match(await user.type(`run deploy ${words}`), { code: 2, stderr: said });
    }
    const long = `note=${'x'.repeat(70_000)}`;
    t.match(await user.type(`run deploy --param region=eu --param ${long}`), {
      code: 7,
      stderr: /^\* parameters\.note: .* may not have more than 100 characters$/m,
    });
    t.equal(await runs(), before);
  });

  await t.test('the API: values of their types, 422 with causes, 400 for what is no map', async (t) => {
    const good = await post(center, `${TASK}/run`, { parameters: { region: 'us', count: 5, 'dry-run': true } });
    t.match(good, { status: 201, json: { spec: { parameters: [{}, { value: '5' }, { value: 'true' }] } } });
    t.match(await post(center, `${TASK}/run`, { parameters: { region: 5, count: 'x' } }), {
      status: 422,
      json: {
        reason: 'Invalid',
        details: { causes: [{ field: 'parameters.region' }, { field: 'parameters.count' }] },
      },
    });
    for (const parameters of [[], 'x', null]) {
      t.match(await post(center, `${TASK}/run`, { parameters }), { status: 400 });
    }
  });

  await t.test('a retry has the values of what it repeats', async (t) => {
    const { metadata, spec } = await runOf((await user.type('run deploy --param region=us --param count=7')).stdout);
    const now = Date.now();
    const failed = { state: 'Failed', exitCode: 3, startTime: now, endTime: now + 1000 } as const;
    await center.progress((await center.store.get<Run>({ kind: 'Run', ...key(metadata.name) }))!, failed);
    const again = await runOf((await user.type(`retry ${metadata.name}`)).stdout);
    t.strictSame(again.spec.parameters, spec.parameters);
    t.match(again.spec, { trigger: 'Retry', retryOf: metadata.name });

    const other = await runOf((await user.type('run deploy --param region=us --param count=9')).stdout);
    await center.progress(other, failed);
    await user.type('apply -f -', { input: MANIFEST.replace('maximum: 9', 'maximum: 8') });
    const { name } = other.metadata;
    t.match(await user.type(`retry ${name}`), { code: 6, stderr: /executes something else/ });
    t.match(await user.type(`retry ${name} --current-revision`), {
      code: 7,
      stderr: /\* parameters\.count: Invalid value: "9": must be at most 8/,
    });
    await user.type('apply -f -', { input: MANIFEST });
  });

  await t.test('describe and explain tell the declaration; clone keeps it', async (t) => {
    const { stdout } = await user.type('describe task deploy');
    t.match(
      stdout,
      /^Parameters:\n {2}Name +Type +Default +Values +Description\n {2}region +String +<required> +"eu", "us" +Where to\.\n/m,
    );
    t.match(stdout, /^ {2}count +Integer +"3" +1 to 9$/m);
    t.match((await user.type('explain task.spec.parameters.type')).stdout, /Boolean/);
    t.match(await user.type('clone deploy deploy-2'), { code: 0 });
    t.match((await center.task('deploy-2')).spec.parameters?.length, 4);
  });

  await t.test('a backfill may be given values as well', async (t) => {
    const scheduled = MANIFEST.replace('name: deploy', 'name: hourly')
      .replace('required: true', 'default: eu')
      .replace('spec:\n', 'spec:\n  schedules: [{every: 1h}]\n');
    await user.type('apply -f -', { input: scheduled });
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    for (const name of ['hourly', 'deploy']) {
      center.records.set((await center.task(name)).metadata.uid!, {
        ...{ owner: 'a1', ownerEpoch: 1, revision: 1, suspended: false, cursor: hour, attempt: 1, claimId: '' },
        blockedBy: null,
      });
    }
    const time = new Date(hour - 7_200_000).toISOString();
    for (const dry of ['', ' --dry-run']) {
      const bad = await user.type(`backfill hourly --from ${time} --to ${time} --param count=10${dry}`);
      t.match(bad, { code: 7, stdout: '', stderr: /parameters\.count: Invalid value: "10": must be at most 9/ });
    }
    for (const dry of ['', ' --dry-run']) {
      const none = `backfill hourly --from ${time.replace(':00.', ':01.')} --to ${time.replace(':00.', ':02.')}`;
      t.match(await user.type(`${none}${dry}`), {
        code: 0,
        stdout: '',
        stderr: 'no time points between these times\n',
      });
      t.match(await user.type(`${none} --param nope=1${dry}`), { code: 7, stderr: /unknown parameter "nope"/ });
    }
    t.match(await user.type('backfill deploy --from 1h --to now --param region=eu'), {
      ...{ code: 0, stdout: '', stderr: 'task "deploy" has no schedules\n' },
    });
    const going = user.start(`backfill hourly --from ${time} --to ${time} --param count=2`.split(' '));
    await going.until(({ stdout }) => stdout.includes(' created'));
    const run = await runOf(going.stdout);
    t.match(run.spec, { trigger: 'Backfill', parameters: [{ value: 'eu' }, { name: 'count', value: '2' }, {}] });
    await center.progress(run, { state: 'Succeeded', startTime: hour, endTime: hour + 1 });
    t.match(await going.done, { code: 0 });
  });
});

const key = (name: string) => ({ namespace: 'default', name });
