// Pipelines of examples/gitops, the action and the pre-commit hook, run as the shell steps they are against a real center
// (G-04, G-22, G-24).
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startCliWorld } from '../support/cli-world.js';
import { repository } from '../support/ctask.js';
import { ctaskOnPath, evaluated, readYaml, runSteps, type Step, shell, startForge } from '../support/pipeline.js';

/** A checkout of the example, a center and a forge. */
async function rig(t: Test) {
  const { center, user } = await startCliWorld(t);
  const forge = await startForge(t);
  const checkout = join(user.home, 'checkout');
  cpSync(join(repository, 'examples', 'gitops'), checkout, { recursive: true });
  const temp = join(user.home, 'temp');
  mkdirSync(temp);
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    ...{ PATH: `${ctaskOnPath(join(user.home, 'bin'))}:${inherited.PATH}`, HOME: user.home, CI: '1' },
    ...{ RUNNER_TEMP: temp, GITHUB_STEP_SUMMARY: join(temp, 'summary.md'), GITHUB_OUTPUT: join(temp, 'output') },
    ...{ GITHUB_API_URL: forge.url, GITHUB_REPOSITORY: 'acme/tasks', GITHUB_ACTION_PATH: repository },
  };
  const names = async () => (await user.type('get tasks -A -o name')).stdout.trim().split('\n').filter(Boolean);
  const prices = join(checkout, 'deploy', 'tasks', 'prices.yaml');
  return { center, user, forge, checkout, temp, env, names, prices };
}

const failed = (outcomes: readonly { name: string; code: number | null; output: string }[]) =>
  outcomes.filter(({ code }) => code !== 0).map(({ name, code, output }) => `${name} ended with ${code}: ${output}`);

const BOTH = ['task.cloudtask.dev/invoices', 'task.cloudtask.dev/prices'];

t.test('GitHub: the workflow', async (t) => {
  const { center, forge, checkout, temp, env, names, prices } = await rig(t);
  type Workflow = { env: Record<string, string>; jobs: { tasks: { steps: Step[] } } };
  const workflow = readYaml<Workflow>(join(checkout, '.github', 'workflows', 'tasks.yml'));
  const on = async (event: 'pull_request' | 'push') => {
    const values = {
      ...{ 'github.event_name': event, 'github.token': 'ghs_1', 'github.event.pull_request.number': '7' },
      ...{ 'vars.CTASK_SERVER': center.url, 'secrets.CTASK_TOKEN': center.token, 'vars.CTASK_PACKAGE': '' },
    };
    const own = Object.entries(workflow.env).map(([name, value]) => [name, evaluated(value, values)]);
    const options = { cwd: checkout, env: { ...env, ...(Object.fromEntries(own) as Record<string, string>) } };
    return runSteps(workflow.jobs.tasks.steps, values, options);
  };

  await t.test('a pull request is validated and commented, and changes nothing', async (t) => {
    const outcomes = await on('pull_request');
    t.same(failed(outcomes), []);
    t.same(
      outcomes.map(({ name }) => name),
      ['Install ctask', 'Validate', 'Diff', 'Comment'],
    );
    t.match(forge.comments, [{ body: /^<!-- ctask-diff -->\n### ctask diff: 3 created\n/ }]);
    t.match(forge.requests.at(-1), 'POST /repos/acme/tasks/issues/7/comments Bearer ghs_1');
    t.match(readFileSync(join(temp, 'summary.md'), 'utf8'), /3 created/);
    t.same(await names(), []);
  });

  await t.test('main is applied, and loses what is no longer there', async (t) => {
    const first = await on('push');
    t.same(failed(first), []);
    t.match(first.at(-1), { name: 'Apply', output: 'task.cloudtask.dev/prices created\n' });
    t.same(await names(), BOTH);
    rmSync(prices);
    t.same(failed(await on('pull_request')), []);
    t.match(forge.comments, [{ body: /ctask diff: 1 pruned\n/ }], 'the same comment, updated');
    t.equal(forge.comments.length, 1);
    t.match((await on('push')).at(-1)?.output, 'task.cloudtask.dev/prices pruned\n');
    t.same(await names(), BOTH.slice(0, 1));
  });

  await t.test('what is wrong stops it', async (t) => {
    writeFileSync(prices, 'apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: prices}\nspec: {rum: {}}\n');
    const outcomes = await on('push');
    t.match(outcomes.at(-1), { name: 'Validate', code: 7, output: /^::error file=deploy\/tasks\/prices.yaml,line=4/m });
    rmSync(join(checkout, 'deploy'), { recursive: true });
    mkdirSync(join(checkout, 'deploy'));
    t.not((await on('push')).at(-1)?.code, 0, 'an empty directory empties no set');
    t.same(await names(), BOTH.slice(0, 1));
  });
});

t.test('GitHub: the action', async (t) => {
  const { center, forge, checkout, temp, env, names, prices } = await rig(t);
  const action = readYaml<{ runs: { steps: Step[] } }>(join(repository, 'action.yml'));
  const use = async (event: string, mode: string) => {
    writeFileSync(join(temp, 'output'), '');
    const values = {
      ...{ 'github.event_name': event, 'github.event.pull_request.number': '8', 'inputs.github-token': 'ghs_2' },
      ...{ 'inputs.mode': mode, 'inputs.path': 'deploy', 'inputs.applyset': 'prod' },
      ...{ 'inputs.server': center.url, 'inputs.token': center.token },
    };
    return runSteps(action.runs.steps, values, { cwd: checkout, env });
  };
  const changed = () => readFileSync(join(temp, 'output'), 'utf8');
  t.same(failed(await use('pull_request', 'diff')), []);
  t.equal(changed(), 'changed=true\n');
  t.match(forge.comments, [{ body: /3 created/ }]);
  t.same(await names(), []);
  t.same(failed(await use('push', 'apply')), []);
  t.same(await names(), BOTH);
  t.same(failed(await use('pull_request', 'diff')), []);
  t.equal(changed(), 'changed=false\n');
  t.match(forge.comments, [{ body: /no differences/ }]);
  writeFileSync(prices, readFileSync(prices, 'utf8').replace('15m', '20m'));
  t.same(failed(await use('push', 'apply')), []);
  t.match((await center.task('prices', 'shop')).spec.schedules, [{ every: '20m' }]);
});

t.test('GitLab: the pipeline', async (t) => {
  const { center, forge, checkout, env, names } = await rig(t);
  type Job = { script: string[] };
  type Pipeline = { default: { before_script: string[] }; variables: Record<string, string> } & Record<string, Job>;
  const pipeline = readYaml<Pipeline>(join(checkout, '.gitlab-ci.yml'));
  const job = (name: string) => {
    const lines = [...pipeline.default.before_script, ...pipeline[name]!.script];
    return shell(lines.join('\n'), checkout, {
      ...{ ...env, ...pipeline.variables, GITLAB_CI: 'true', CTASK_SERVER: center.url, CTASK_TOKEN: center.token },
      ...{ CI_API_V4_URL: forge.url, CI_PROJECT_ID: '12', CI_MERGE_REQUEST_IID: '3', GITLAB_TOKEN: 'glpat' },
    });
  };
  for (const name of ['validate', 'diff']) t.match(await job(name), { code: 0 }, name);
  t.match(readFileSync(join(checkout, 'junit.xml'), 'utf8'), /<testsuites?/);
  t.match(forge.comments, [{ body: /3 created/ }]);
  t.equal(forge.requests.at(-1), 'POST /projects/12/merge_requests/3/notes glpat');
  t.match(await job('deploy'), { code: 0, output: /prices created\n$/ });
  t.same(await names(), BOTH);
  t.match(await job('diff'), { code: 0 });
  t.match(forge.comments, [{ body: /no differences/ }], 'the same note, updated');
  t.match(await job('deploy'), { code: 0, output: /prices unchanged\n$/ });
  writeFileSync(join(checkout, 'deploy', 'namespace.yaml'), 'kind: Nonsense\n');
  t.match(await job('validate'), { code: 7 });
  t.notMatch(await job('diff'), { code: 0 });
});

t.test('what pipelines install is the program (G-24)', { timeout: 300_000 }, async (t) => {
  const { center, forge, checkout, user, env, names } = await rig(t);
  const unpacked = await packed(join(user.home, 'packed'));
  /** An npm of its own, which reaches no registry, and a PATH on which there is no ctask yet. */
  const machine = async (name: string): Promise<NodeJS.ProcessEnv> => {
    const prefix = join(user.home, name);
    const own = { npm_config_prefix: prefix, npm_config_cache: join(prefix, 'cache'), npm_config_offline: 'true' };
    const fresh = { ...env, ...own, PATH: `${join(prefix, 'bin')}:${process.env.PATH}`, GITHUB_ACTION_PATH: unpacked };
    t.not((await shell('command -v ctask', checkout, fresh)).code, 0, 'there is no ctask before');
    return fresh;
  };
  const found = async (on: NodeJS.ProcessEnv) => (await shell('command -v ctask', checkout, on)).output.trim();
  const event = { 'github.event_name': 'pull_request', 'github.event.pull_request.number': '9' };

  await t.test('the action builds it from the commit that is pinned', async (t) => {
    const on = await machine('action');
    const { runs } = readYaml<{ runs: { steps: Step[] } }>(join(repository, 'action.yml'));
    const inputs = {
      ...{ 'inputs.github-token': 'ghs_3', 'inputs.mode': 'apply', 'inputs.path': 'deploy', 'inputs.applyset': 'prod' },
      ...{ 'inputs.server': center.url, 'inputs.token': center.token },
    };
    const outcomes = await runSteps(runs.steps, { ...event, ...inputs }, { cwd: checkout, env: on });
    t.same(failed(outcomes), []);
    t.equal(await found(on), join(user.home, 'action', 'bin', 'ctask'));
    t.match(forge.comments, [{ body: /3 created/ }]);
    t.same(await names(), BOTH);
  });

  await t.test('the workflow and the pipeline install a tarball', async (t) => {
    const { code, output } = await shell('npm pack --silent --ignore-scripts', unpacked, env);
    t.equal(code, 0, output);
    const tarball = join(unpacked, output.trim().split('\n').at(-1)!);
    const on = await machine('workflow');
    const { jobs } = readYaml<{ jobs: { tasks: { steps: Step[] } } }>(join(checkout, '.github/workflows/tasks.yml'));
    const install = jobs.tasks.steps.filter(({ name }) => name === 'Install ctask' || name === 'Validate');
    t.equal(install.length, 2);
    const options = { cwd: checkout, env: { ...on, CTASK_PACKAGE: tarball } };
    t.same(failed(await runSteps(install, event, options)), []);
    t.equal(await found(on), join(user.home, 'workflow', 'bin', 'ctask'));

    const runner = await machine('pipeline');
    type Pipeline = { default: { before_script: string[] }; validate: { script: string[] } };
    const { default: before, validate } = readYaml<Pipeline>(join(checkout, '.gitlab-ci.yml'));
    const lines = [...before.before_script, ...validate.script, 'ctask version --client'].join('\n');
    const job = await shell(lines, checkout, { ...runner, CTASK_PACKAGE: tarball });
    t.match(job, { code: 0, output: /^Client Version: v\d/m });
    t.equal(await found(runner), join(user.home, 'pipeline', 'bin', 'ctask'));
  });
});

/** What `npm pack` makes of the built project, unpacked. Its dependencies are those of servers, and would have to be fetched;
 * it is built already. Everything else is as it is published. */
async function packed(directory: string): Promise<string> {
  mkdirSync(directory);
  const pack = `npm pack --silent --ignore-scripts --pack-destination '${directory}'`;
  const made = await shell(pack, repository, process.env);
  if (made.code !== 0) throw new Error(made.output);
  const file = made.output.trim().split('\n').at(-1);
  const unpacking = await shell(`tar -xzf '${file}'`, directory, process.env);
  if (unpacking.code !== 0) throw new Error(unpacking.output);
  const unpacked = join(directory, 'package');
  const manifest = join(unpacked, 'package.json');
  const {
    dependencies: _,
    devDependencies: _dev,
    optionalDependencies: _optional,
    ...rest
  } = JSON.parse(readFileSync(manifest, 'utf8'));
  writeFileSync(manifest, JSON.stringify({ ...rest, scripts: { build: 'test -x dist/cli/main.js' } }));
  const { name, version } = rest as { name: string; version: string };
  const packages = { '': { name, version, bin: rest.bin, engines: rest.engines, license: rest.license } };
  writeFileSync(join(unpacked, 'package-lock.json'), JSON.stringify({ name, version, lockfileVersion: 3, packages }));
  return unpacked;
}

t.test('pre-commit: the hook', async (t) => {
  const { checkout, env, prices } = await rig(t);
  const [hook] = readYaml<{ id: string; entry: string; language: string; files: string }[]>(
    join(repository, '.pre-commit-hooks.yaml'),
  );
  t.match(hook, { id: 'ctask-validate', language: 'system' });
  // As pre-commit does: the files of the commit that match, as arguments.
  const commit = (...files: string[]) => {
    const matching = files.filter((file) => new RegExp(hook!.files).test(file)).map((file) => `'${file}'`);
    return shell(`${hook!.entry} ${matching.join(' ')}`, checkout, env);
  };
  const own = ['deploy/namespace.yaml', 'deploy/tasks/prices.yaml', 'README.md'];
  t.match(await commit(...own), { code: 0 });
  t.match(await commit(...own, '.gitlab-ci.yml', '.github/workflows/tasks.yml'), { code: 0 }, 'others are left out');
  writeFileSync(prices, readFileSync(prices, 'utf8').replace('every: 15m', 'evry: 15m'));
  t.match(await commit(...own), { code: 7, output: /prices\.yaml:9:\d+: error: unknown field/ });
});
