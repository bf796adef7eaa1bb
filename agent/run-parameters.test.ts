// What processes see of their parameters, by schedule and on demand, also after a restart.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AgentBench } from '../test/support/agent-bench.js';
import { final, startOnDemand, untilLogEnded } from '../test/support/agent-helpers.js';

const PARAMETERS = [
  { name: 'region', default: 'eu' },
  { name: 'dry-run', type: 'Boolean' as const, default: 'false' },
  { name: 'note' },
];
/** Each argument on a line of its own, then the variables. */
const PRINT = `for (const arg of process.argv.slice(1)) console.log(JSON.stringify(arg));
for (const name of Object.keys(process.env).sort()) if (/^(CTASK_PARAM_|TARGET)/.test(name)) console.log(name + '=' + process.env[name]);`;
const run = {
  command: [process.execPath, '-e', PRINT, '--', '--region=$(params.region)', '$(params.note)', '$$(params.region)'],
  env: [{ name: 'TARGET', value: 's3://$(params.region)/x' }],
};

t.test('a run by schedule has the defaults, one on demand what it was given', async (t) => {
  const bench = await AgentBench.open(t);
  const task = bench.task({ schedules: [{ every: '1s' }], concurrencyPolicy: 'Allow', parameters: PARAMETERS, run });
  const agent = await bench.agent();
  const ended = agent.events.next('ended');
  await bench.allocate('a1', [task]);
  const { uid } = await ended;
  await untilLogEnded(bench, uid);
  t.strictSame(bench.center.text(uid, 1, 'stdout').trimEnd().split('\n'), [
    ...['"--region=eu"', '""', '"$(params.region)"'],
    ...['CTASK_PARAM_DRY_RUN=false', 'CTASK_PARAM_REGION=eu', 'TARGET=s3://eu/x'],
  ]);
  const note = '$(params.region) "; exit 1 # $HOME';
  const own = startOnDemand(bench, task, {
    parameters: [
      { name: 'region', value: 'us' },
      { name: 'dry-run', value: 'true' },
      { name: 'note', value: note },
    ],
    env: [{ name: 'CTASK_PARAM_REGION', value: 'forged' }],
    args: ['$(params.region)'],
  });
  await agent.events.next('ended', ({ uid: one }) => one === own.uid);
  await untilLogEnded(bench, own.uid);
  t.strictSame(
    bench.center.text(own.uid, 1, 'stdout').trimEnd().split('\n'),
    [
      ...['"--region=us"', JSON.stringify(note), '"$(params.region)"', '"$(params.region)"'],
      ...['CTASK_PARAM_DRY_RUN=true', `CTASK_PARAM_NOTE=${note}`, 'CTASK_PARAM_REGION=us', 'TARGET=s3://us/x'],
    ],
    'a value is one argument whatever it holds, and is not expanded again; nor are arguments of the run itself',
  );
});

t.test('a retry after a restart has the values of the run, whatever the defaults are by then', async (t) => {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const task = bench.task({
    parameters: PARAMETERS,
    run: { script: `echo "$CTASK_ATTEMPT $CTASK_PARAM_REGION" >> ${witness}; exit 1` },
    retry: { limit: 1, backoff: { initial: '1s', max: '1s' } },
  });
  const agent = await bench.agent();
  await bench.allocate('a1', [task]);
  const waits = agent.events.next('reported', ({ state, attempt }) => state === 'Pending' && attempt === 2);
  const made = startOnDemand(bench, task, { parameters: [{ name: 'region', value: 'apac' }] });
  await waits;
  await agent.detach();
  const again = await bench.agent();
  await again.events.next('reported', (report) => report.uid === made.uid && final('Failed')(report));
  t.strictSame(existsSync(witness) && readFileSync(witness, 'utf8').trim().split('\n'), ['1 apac', '2 apac']);
});

t.test('a run that was asked for before a parameter was required does not start', async (t) => {
  const bench = await AgentBench.open(t);
  const task = bench.task({ parameters: [{ name: 'region', required: true }], run: { command: ['true'] } });
  const agent = await bench.agent();
  await bench.allocate('a1', [task]);
  const ended = agent.events.next('ended');
  startOnDemand(bench, task);
  t.match(await ended, {
    state: 'Failed',
    reason: 'StartFailed',
    message: /parameter "region" is required since revision 1 at the latest, and the run has no value for it/,
  });
});
