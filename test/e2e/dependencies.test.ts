// Tasks that wait for others, over center and agent as processes of their own; the center that leads is killed at the worst times.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { type EmbeddedServer, startEmbeddedServer } from '../../coordination/index.js';
import type { Run, Task, TaskAfter } from '../../manifests/index.js';
import { type Running, User } from '../support/ctask.js';
import { endRunners } from '../support/end-runners.js';
import { freePort } from '../support/zookeeper.js';

t.setTimeout(300_000);

const FANNED = 1000;
/** In the log of the center, once per write. */
const DUE = 'run has made other tasks due';

class World {
  readonly user = new User();
  private server: EmbeddedServer | undefined;
  private port = 0;
  private center: Running | undefined;
  private agent: Running | undefined;

  async start(): Promise<void> {
    const options = { host: '127.0.0.1', port: 0, tickMs: 500, clock: systemClock, log: silentLogger };
    this.server = await startEmbeddedServer({ dataDir: this.path('coordination'), ...options });
    this.port = await freePort();
    await this.startCenter();
    const tokenFile = join(this.path('center'), 'admin.token');
    Object.assign(this.user.env, { CTASK_SERVER: `http://127.0.0.1:${this.port}`, CTASK_TOKEN_FILE: tokenFile });
    this.agent = this.user.start([
      ...['agent', '--name', 'a1', '--data-dir', this.path('agent'), '--center', `http://127.0.0.1:${this.port}`],
      ...['--token-file', join(this.path('center'), 'agent.token'), '--zookeeper', this.zookeeper],
    ]);
    await this.agent.until(({ stderr }) => stderr.includes('agent is ready'), 'agent is ready');
    writeFileSync(this.path('witness'), '');
  }

  async stop(): Promise<void> {
    await this.agent?.end('SIGINT');
    endRunners(this.path('agent'));
    await this.user.go();
    await this.server?.stop();
  }

  path(name: string): string {
    return join(this.user.home, name);
  }

  async startCenter(): Promise<void> {
    this.center = this.user.start([
      ...['center', '--data-dir', this.path('center'), '--port', String(this.port), '--zookeeper', this.zookeeper],
    ]);
    await this.center.until(({ stderr }) => stderr.includes('center is ready'), 'center is ready', 60_000);
  }

  /** No farewell: what it was about to write is not written. */
  async killCenter(): Promise<{ readonly stderr: string }> {
    return this.center!.end('SIGKILL');
  }

  centerSays(words: string): Promise<void> {
    return this.center!.until(({ stderr }) => stderr.includes(words), `center says "${words}"`, 60_000);
  }

  async apply(...tasks: object[]): Promise<void> {
    await this.user.ok(['apply', '-f', '-'], { input: tasks.map((task) => JSON.stringify(task)).join('\n---\n') });
  }

  async runs(task: string, accept: (runs: Run[]) => boolean): Promise<Run[]> {
    const list = ['get', 'runs', '--field-selector', `spec.task=${task}`];
    return (await this.user.eventually<{ items: Run[] }>(list, ({ items }) => accept(items), 60_000)).items;
  }

  /** What the processes have said of themselves: task and cause. */
  testimony(task: string): string[] {
    const lines = readFileSync(this.path('witness'), 'utf8').split('\n');
    return lines.filter((line) => line.startsWith(`${task} `)).map((line) => line.slice(task.length + 1));
  }

  task(name: string, after?: TaskAfter, script = ':', spec: object = {}): object {
    const says = `echo "$CTASK_TASK $CTASK_CAUSED_BY" >> '${this.path('witness')}'`;
    return {
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name } },
      spec: { run: { script: `${says}; ${script}` }, ...(after === undefined ? {} : { after }), ...spec },
    };
  }

  private get zookeeper(): string {
    return `127.0.0.1:${this.server!.port}`;
  }
}

const ended = (runs: Run[]) => runs.length > 0 && runs.every(({ status }) => status?.endTime !== undefined);

t.test('chains, branches and circles; the leader is killed', async (t) => {
  const world = new World();
  t.teardown(() => world.stop());
  await world.start();
  const { user } = world;
  const go = world.path('go');

  await t.test('a chain of three goes on although the center dies while its first run ends', async (t) => {
    await world.apply(
      // Waits for the file, then ends with what stands in it.
      world.task('extract', undefined, `until [ -e '${go}' ]; do sleep 0.1; done; exit $(cat '${go}')`),
      world.task('load', { tasks: [{ name: 'extract' }] }),
      world.task('publish', { tasks: [{ name: 'load' }, { name: 'extract' }] }),
      world.task('alarm', {
        tasks: [
          { name: 'extract', on: 'Failed' },
          { name: 'load', on: 'Failed' },
        ],
        match: 'Any',
      }),
    );
    await user.ok(['run', 'extract']);
    const [extract] = await world.runs('extract', ([run]) => run?.status?.state === 'Running');
    await world.killCenter();
    writeFileSync(go, '0');
    await world.startCenter();
    const [publish] = await world.runs('publish', ended);
    const [load] = await world.runs('load', ended);
    t.match(load, {
      spec: { trigger: 'Dependency', causedBy: [extract!.metadata.name] },
      status: { state: 'Succeeded' },
    });
    t.same(publish!.spec.causedBy, [load!.metadata.name, extract!.metadata.name], 'fan-in: both');
    t.same(world.testimony('load'), [extract!.metadata.name], 'one process, which knows its cause');
    t.same(world.testimony('publish'), [`${load!.metadata.name},${extract!.metadata.name}`]);
    t.same(world.testimony('alarm'), []);
    const wide = await user.ok(['get', 'runs', '-o', 'wide', '--field-selector', 'spec.task=load']);
    t.match(wide, /CAUSED-BY/);
    t.match(wide, extract!.metadata.name);
    t.match(
      await user.ok(['describe', 'run', load!.metadata.name]),
      new RegExp(`Caused By: +${extract!.metadata.name}`),
    );
  });

  await t.test('the other branch', async (t) => {
    writeFileSync(go, '3');
    await user.ok(['run', 'extract']);
    const [alarm] = await world.runs('alarm', ended);
    const failed = await world.runs('extract', (runs) => runs.some(({ status }) => status?.state === 'Failed'));
    t.same(alarm!.spec.causedBy, [failed.find(({ status }) => status?.state === 'Failed')!.metadata.name]);
    t.equal(world.testimony('load').length, 1);
    const { name } = failed.find(({ status }) => status?.state === 'Failed')!.metadata;
    await user.eventually<Task>(['get', 'task', 'extract'], ({ status }) => status?.lastRun?.name === name, 60_000);
    const used = new RegExp(`extract +Failed +Failed \\(used\\) +${name} `);
    t.match(await user.ok(['describe', 'task', 'alarm']), used);
    t.match(await user.ok(['describe', 'task', 'alarm']), /load +Failed +Succeeded \(does not count\) +load-/);
  });

  await t.test('the leader dies among a thousand dependents: one run for each', async (t) => {
    const names = Array.from({ length: FANNED }, (_, i) => `fan-${i}`);
    // Suspended: a record of each is enough, a thousand processes say nothing more.
    await world.apply(
      world.task('source'),
      ...names.map((name) => world.task(name, { tasks: [{ name: 'source' }] }, ':', { suspend: true })),
    );
    await world.killCenter();
    await world.startCenter(); // nothing in its log yet
    await user.ok(['run', 'source']);
    await world.centerSays(DUE);
    const { stderr } = await world.killCenter();
    t.comment(`${stderr.split(DUE).length - 1} of the writes were made`);
    await world.startCenter();
    const list = ['get', 'runs', '--field-selector', 'spec.trigger=Dependency,status.state=Skipped'];
    const { items } = await user.eventually<{ items: Run[] }>(list, ({ items }) => items.length >= FANNED, 60_000);
    t.equal(items.length, FANNED);
    t.equal(new Set(items.map(({ spec }) => spec.task)).size, FANNED);
    t.ok(items.every(({ status }) => status?.reason === 'Suspended'));
  });

  await t.test('circles are refused with their path, here and there', async (t) => {
    const circle = [world.task('a', { tasks: [{ name: 'b' }] }), world.task('b', { tasks: [{ name: 'a' }] })];
    const file = world.path('circle.yaml');
    writeFileSync(file, circle.map((task) => JSON.stringify(task, null, 2)).join('\n---\n'));
    const offline = await user.ctask(['validate', '-f', file]);
    t.equal(offline.code, 7);
    t.match(offline.stderr, /circle\.yaml:\d+:\d+: .*circle: a -> b -> a/);
    // Each by itself is fine; the center sees what they come to together.
    const late = { input: JSON.stringify(world.task('extract', { tasks: [{ name: 'publish' }] })) };
    for (const extra of [[], ['--dry-run=server']]) {
      const { code, stderr } = await user.ctask(['apply', '-f', '-', ...extra], late);
      t.equal(code, 7);
      t.match(stderr, /spec\.after.*circle: extract -> publish -> (extract|load -> extract)/);
      t.notMatch(stderr, /\n\s+at /, 'no stack trace');
    }
    t.match(await user.ctask(['diff', '-f', '-'], late), { code: 7, stderr: /circle: extract -> publish/ });
  });

  await t.test('who waits for whom is told', async (t) => {
    const input = JSON.stringify(world.task('report', { tasks: [{ name: 'load' }, { name: 'absent' }], within: '1h' }));
    const applied = await user.ctask(['apply', '-f', '-'], { input });
    t.equal(applied.code, 0);
    t.match(applied.stderr, /task default\/report: spec\.after\.tasks\[1\]\.name: task "absent" does not exist/);
    const described = await user.ok(['describe', 'task', 'report']);
    t.match(described, /After: +All of 2, within 1h/);
    t.match(described, /absent +Succeeded +<task not found>/);
    t.match(await user.ok(['describe', 'task', 'load']), /Triggers: +alarm, publish, report/);
    const why = await user.ok(['why', 'report']);
    t.match(why, /TaskMissing +it waits for task absent, which does not exist/);
    t.match(why, /WaitsFor +it runs after a result of load \(Succeeded\) and absent \(Succeeded\)/);
    t.match(await user.ok(['get', 'task', 'report']), /after load \(\+1\)/);
    await world.apply(world.task('absent'));
    const gone = await user.ctask(['delete', 'task', 'absent']);
    t.match(gone, { code: 0, stderr: /task default\/absent is named in spec\.after of report; nothing comes of it/ });
  });

  const audit = await user.ctask(['audit', '-o', 'json']);
  t.equal(audit.code, 0, audit.code === 0 ? 'the audit is clean' : audit.stdout.slice(0, 2000) + audit.stderr);
});
