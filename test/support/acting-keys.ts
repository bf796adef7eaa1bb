// For each key of the dashboard that asks a center for something: what it must do there.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Agent, Run, Task } from '../../manifests/index.js';
import { type DashboardWorld, openWorld } from './dashboard-world.js';

/** Presses the key of that name, among others, and says what must have come of it. Begins and ends on the same screen. */
export type ActingKey = (t: Test, world: DashboardWorld, key: string) => Promise<void>;

interface ActingKeys {
  readonly title: string;
  readonly open: (t: Test) => Promise<DashboardWorld>;
  /** In this order, in one installation. */
  readonly keys: Readonly<Record<string, ActingKey>>;
}

const POINT = Date.parse('2026-11-22T02:00:00Z');
const EDITOR = '#!/bin/sh\nsed -i "s/0 2 \\* \\* \\*/30 4 * * */" "$1"\n';
const RESTORED = /0 2 \* \* \*/;

/** What is on the terminal once the key has been answered; then back to where one was. */
const opens =
  (...parts: readonly string[]): ActingKey =>
  async (t, { terminal, shows }, key) => {
    await terminal.press(key);
    await shows(...parts);
    t.pass(parts.join(' '));
    await terminal.press('esc');
  };

const copies =
  (text: string): ActingKey =>
  async (t, { terminal, copied, shows }, key) => {
    copied.length = 0;
    await terminal.press(key);
    await shows(`copied ${text}`);
    t.equal(copied.join(''), `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`);
  };

/** Presses until the store says so: the center answers in its own time. */
async function until(world: DashboardWorld, accept: () => Promise<boolean>): Promise<void> {
  while (!(await accept())) await world.terminal.settle();
}

const runsOf = async ({ center }: DashboardWorld) => (await center.store.list<Run>('Run')).items;
const agentOf = ({ center }: DashboardWorld) => center.store.get<Agent>({ kind: 'Agent', namespace: '', name: 'a1' });
const taskOf = ({ center }: DashboardWorld, name = 'nightly'): Promise<Task> => center.task(name);

async function openTasks(t: Test): Promise<DashboardWorld> {
  const world = await openWorld(t, ['nightly', 'other']);
  const { center } = world;
  for (const [day, words] of ['earlier', 'latest'].entries()) {
    const point = POINT + day * 86_400_000;
    const run = await center.scheduled('nightly', point, {
      ...{ state: 'Succeeded', exitCode: 0, startTime: point, endTime: point + 5 },
    });
    await center.output(run, `${words} output\n`, { end: true });
  }
  await world.shows('Tasks(default)[2]', 'nightly');
  return world;
}

const tasks: ActingKeys['keys'] = {
  'tasks.logs': opens('Logs(default/nightly-', 'latest output'),
  'tasks.previousLogs': opens('Logs(default/nightly-', 'earlier output'),
  'tasks.why': opens('Why(default/nightly) task', 'Findings'),
  'tasks.history': opens('Revisions(default/nightly)[1]', 'CHANGE-CAUSE'),
  'tasks.suspend': async (t, world, key) => {
    await world.terminal.press(key);
    await world.shows('task/nightly suspended', '⊖ Suspended');
    t.equal((await taskOf(world)).spec.suspend, true);
    await world.terminal.press(key);
    await world.shows('task/nightly resumed');
    t.notOk((await taskOf(world)).spec.suspend);
  },
  'tasks.trigger': async (t, world, key) => {
    await world.terminal.press(key);
    await world.shows('Run nightly now.');
    t.equal((await runsOf(world)).length, 2, 'nothing before it is confirmed');
    await world.terminal.press('enter');
    await world.shows('Logs(default/nightly-');
    t.equal((await runsOf(world)).length, 3);
    await world.terminal.press('esc');
  },
};

async function openRuns(t: Test): Promise<DashboardWorld> {
  const world = await openWorld(t, ['nightly']);
  const { center } = world;
  const words = { startTime: POINT, attempt: 2 } as const;
  const run = await center.scheduled('nightly', POINT, { ...words, state: 'Failed', exitCode: 3, endTime: POINT + 5 });
  await center.output(run, 'first try\n', { attempt: 1, end: true });
  await center.output(run, 'second try\n', { attempt: 2, end: true });
  await world.command('ru');
  await world.shows('Runs(default)[1]', 'Failed');
  return world;
}

const runs: ActingKeys['keys'] = {
  'runs.logs': opens('Logs(default/nightly-', 'second try'),
  'runs.previousLogs': opens('Logs(default/nightly-', 'attempt 1', 'first try'),
  'runs.owner': opens('Tasks(default)[1]', 'nightly'),
  'runs.retry': async (t, world, key) => {
    await world.terminal.press(key);
    await world.shows('Runs(default)[2]');
    t.match((await runsOf(world)).length, 2, 'there is a run more');
  },
  'runs.cancel': async (t, world, key) => {
    await world.terminal.type('/Pending');
    await world.terminal.press('enter');
    await world.shows('[1/2] </Pending>');
    const [open] = (await runsOf(world)).filter(({ status }) => status?.state === 'Pending');
    await world.terminal.press(key);
    await world.shows('SIGTERM, and SIGKILL after the grace period');
    await world.terminal.press('tab', 'enter');
    await until(world, async () => {
      const run = await world.center.store.getByUid<Run>('Run', open?.metadata.uid ?? '');
      return run?.status?.state === 'Cancelled' || run?.spec.cancelRequestedTime !== undefined;
    });
    t.pass('it is cancelled, or about to be');
  },
};

async function openAgents(t: Test): Promise<DashboardWorld> {
  const world = await openWorld(t, ['nightly']);
  await world.center.agent('a1');
  await world.command('ag');
  await world.shows('Agents[1]', 'a1');
  return world;
}

const agents: ActingKeys['keys'] = {
  'agents.cordon': async (t, world, key) => {
    await world.terminal.press(key);
    await world.shows('agent/a1 cordoned', 'SchedulingDisabled');
    t.equal((await agentOf(world))?.spec.unschedulable, true);
    await world.terminal.press(key);
    await world.shows('agent/a1 uncordoned');
    t.notOk((await agentOf(world))?.spec.unschedulable);
  },
  'agents.drain': async (t, world, key) => {
    await world.terminal.press(key);
    await world.shows('Hand over the tasks of a1');
    t.notOk((await agentOf(world))?.spec.drain);
    await world.terminal.press('tab', 'enter');
    await world.shows('draining a1');
    t.match((await agentOf(world))?.spec, { drain: 'WaitForRuns', cancelRunsTime: undefined });
    await world.terminal.press(key);
    await world.shows('Hand over the tasks of a1');
    await world.terminal.press('tab', 'tab', 'right', 'enter', 'enter');
    await until(world, async () => (await agentOf(world))?.spec.cancelRunsTime !== undefined);
  },
};

async function openTable(t: Test): Promise<DashboardWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'ctask-editor-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const editor = join(directory, 'editor.sh');
  writeFileSync(editor, EDITOR, { mode: 0o755 });
  const world = await openWorld(t, ['nightly', 'other'], { env: { CTASK_EDITOR: editor } });
  await world.shows('Tasks(default)[2]', 'nightly');
  return world;
}

const saved = ({ user }: DashboardWorld, begin: string): string => {
  const directory = join(user.home, '.local', 'state', 'ctask', 'saved');
  const name = readdirSync(directory).find((one) => one.startsWith(begin));
  return readFileSync(join(directory, name ?? ''), 'utf8');
};

const table: ActingKeys['keys'] = {
  'table.describe': opens('Describe(default/nightly) task', 'Concurrency Policy'),
  'table.yaml': opens('YAML(default/nightly) task', 'kind: Task'),
  'yaml.managedFields': async (t, { terminal, shows }, key) => {
    await terminal.press('y');
    await shows('YAML(default/nightly) task');
    t.notMatch(terminal.text(), 'managedFields');
    await terminal.press(key);
    await shows('managedFields');
    await terminal.press(key);
    await terminal.until((text) => !text.includes('managedFields'));
    await terminal.press('esc');
  },
  'text.copy': async (t, { terminal, shows, copied }, key) => {
    await terminal.press('y');
    await shows('kind: Task');
    copied.length = 0;
    await terminal.press(key);
    await shows('copied the text');
    const [, text = ''] = /52;c;([\w+/=]+)/.exec(copied.join('')) ?? [];
    t.match(Buffer.from(text, 'base64').toString(), /^apiVersion: cloudtask.dev\/v1\n[\s\S]*name: nightly\n/);
    await terminal.press('esc');
  },
  'text.save': async (t, world, key) => {
    await world.terminal.press('y');
    await world.shows('kind: Task');
    await world.terminal.press(key);
    await world.shows('saved ');
    t.match(saved(world, 'yaml-'), /^apiVersion: cloudtask.dev\/v1\n[\s\S]*name: nightly\n/);
    await world.terminal.press('esc');
  },
  'table.save': async (t, world, key) => {
    await world.terminal.press(key);
    await until(world, async () => world.terminal.text().includes('saved '));
    t.match(saved(world, 'tasks-'), /^NAME,SCHEDULE,.*\r\nnightly,0 2 \* \* \*,.*\r\nother,/);
  },
  'table.copyName': copies('nightly'),
  'table.copyNamespace': copies('default'),
  'table.edit': async (t, world, key) => {
    t.match(world.terminal.line('nightly'), RESTORED);
    await world.terminal.press(key);
    await world.shows('task/nightly edited', '30 4 * * *');
    t.match((await taskOf(world)).spec.schedules, [{ cron: '30 4 * * *' }]);
  },
  'table.delete': async (t, world, key) => {
    for (const way of [['esc'], ['enter'], ['shift-tab', 'shift-tab', 'shift-tab', 'esc']]) {
      await world.terminal.press(key);
      await world.shows('Delete 1 task?');
      await world.terminal.press(...way);
      await world.terminal.until((text) => !text.includes('Delete 1 task?'));
    }
    t.ok(await taskOf(world), 'Esc and Enter delete nothing');
    await world.terminal.press(key, 'tab', 'enter');
    await world.shows('Tasks(default)[1]', 'task "nightly" deleted');
    await t.rejects(taskOf(world));
  },
};

async function openLogs(t: Test): Promise<DashboardWorld> {
  const world = await openWorld(t, ['nightly']);
  const { center, terminal } = world;
  const run = await center.scheduled('nightly', POINT, { state: 'Running', startTime: POINT });
  const lines = Array.from({ length: 150 }, (_, i) => `line ${i + 1}.\n`).join('');
  await center.output(run, lines);
  await center.output(run, 'an error\n', { stream: 'stderr' });
  await world.shows('Tasks(default)[1]');
  await terminal.press('l');
  await world.shows('Logs(default/nightly-', 'line 150.', 'an error');
  return world;
}

const TITLES = ['last 100 lines', 'from the beginning', 'last 1m', 'last 5m', 'last 15m', 'last 30m', 'last 1h'];

const switches =
  (on: string, off: string): ActingKey =>
  async (t, { terminal }, key) => {
    t.match(terminal.text(), on);
    await terminal.press(key);
    t.match(terminal.text(), off);
    await terminal.press(key);
    t.match(terminal.text(), on);
  };

const hides =
  (words: string): ActingKey =>
  async (t, { terminal }, key) => {
    t.match(terminal.text(), words);
    await terminal.press(key);
    t.notMatch(terminal.text(), words);
    await terminal.press(key);
    t.match(terminal.text(), words);
  };

const logs: ActingKeys['keys'] = {
  'logs.autoscroll': switches('Autoscroll:On', 'Autoscroll:Off'),
  'logs.timestamps': switches('Timestamps:Off', 'Timestamps:On'),
  'logs.stdout': hides('line 150.'),
  'logs.stderr': hides('an error'),
  'logs.matchesOnly': async (t, { terminal }, key) => {
    await terminal.type('/error');
    await terminal.press('enter');
    t.notMatch(terminal.text(), 'line 150.');
    await terminal.press(key);
    t.match(terminal.text(), 'line 150.');
    await terminal.press(key, 'esc');
  },
  'logs.mark': async (t, { terminal, shows }, key) => {
    await terminal.press(key);
    await shows('mark 20');
    t.pass('with the time');
  },
  'logs.searchAll': async (t, { terminal, shows }, key) => {
    t.notMatch(terminal.text(), 'line 7.', 'it is not among the lines that are here');
    await terminal.press(key);
    await terminal.type('line 7\\.');
    await terminal.press('enter');
    await shows('Search(default/nightly-', ')[1/1] ', 'line 7.', 'line 6.', 'line 8.');
    t.pass('it is found, and what stands around it');
    await terminal.press('esc');
  },
  'search.next': async (t, { terminal, shows }, key) => {
    await terminal.press('shift-s');
    await terminal.type('line 14');
    await terminal.press('enter');
    await shows(')[1/11] ', 'whole log');
    await terminal.press(key);
    await shows(')[2/11] ');
    t.match(terminal.text(), /^▸ .*line 140\./m);
  },
  'search.previous': async (t, { terminal, shows }, key) => {
    await terminal.press(key);
    await shows(')[1/11] ');
    t.match(terminal.text(), /^▸ .*line 14\./m);
    await terminal.press('esc');
  },
  'search.open': async (t, { terminal, shows }, key) => {
    await terminal.press('shift-s');
    await terminal.type('LINE 14');
    await terminal.press('enter');
    await shows(')[0] ', 'no line of the whole log matches');
    await terminal.press('/', 'ctrl-u');
    await terminal.type('line(');
    await terminal.press('enter');
    await shows('regular expression "line("', 'missing closing )');
    await terminal.press('/', 'ctrl-u');
    await terminal.type('line 14');
    await terminal.press('enter');
    await shows(')[1/11] ');
    await terminal.press('j', key);
    await shows('from the line found', 'line 140.', 'line 150.');
    t.notMatch(terminal.text(), 'line 139.', 'nothing before it');
    await terminal.press('esc', 'esc');
    await shows('Logs(default/nightly-', 'last 100 lines');
  },
  'logs.preset': async (t, { terminal, shows }, key) => {
    await terminal.press(key);
    await terminal.until((text) => text.includes(`) ${TITLES[Number(key)]} `));
    t.pass(`${TITLES[Number(key)]} is asked for`);
    if (key === '1') await shows('line 1.');
    else await shows('line 150.');
  },
  'logs.clear': async (t, { terminal, shows }, key) => {
    await terminal.press('0');
    await shows('line 150.');
    await terminal.press(key);
    t.notMatch(terminal.text(), 'line 150.');
  },
};

async function openRevisions(t: Test): Promise<DashboardWorld> {
  const patch = `patch task nightly --type=merge -p '{"spec":{"run":{"command":["/bin/false"]}}}'`;
  const world = await openWorld(t, ['nightly'], { typed: [patch] });
  await world.shows('Tasks(default)[1]');
  await world.terminal.press('h');
  await world.shows('Revisions(default/nightly)[2]');
  return world;
}

const revisions: ActingKeys['keys'] = {
  'revisions.undo': async (t, world, key) => {
    await world.terminal.press('enter');
    await world.shows('Diff(default/nightly)', '/bin/false');
    t.match(world.terminal.text(), /-.*\/bin\/true\n.*\+.*\/bin\/false/, 'what the latest one changed');
    await world.terminal.press('esc', 'j', key);
    await world.shows('the specification of revision 1?');
    t.match((await taskOf(world)).spec.run.command, ['/bin/false'], 'nothing before it is confirmed');
    await world.terminal.press('tab', 'enter');
    await world.shows('task/nightly rolled back', 'Revisions(default/nightly)[3]');
    t.match(world.terminal.line('  3 '), '*', 'what it became is there, and the current one');
    t.match((await taskOf(world)).spec.run.command, ['/bin/true']);
  },
};

/** A tree with a task and a run of it under the cursor. */
async function openTree(t: Test): Promise<DashboardWorld> {
  const world = await openWorld(t, ['nightly', 'other']);
  const { center } = world;
  const run = await center.scheduled('nightly', POINT, { state: 'Failed', exitCode: 3, startTime: POINT });
  await center.output(run, 'from the tree\n', { end: true });
  await world.shows('Tasks(default)[2]');
  await world.command('xray');
  await world.shows('Xray tasks(default)', '2 tasks', 'nightly');
  await world.terminal.press('j');
  return world;
}

const xray: ActingKeys['keys'] = {
  'object.describe': opens('Describe(default/nightly) task', 'Concurrency Policy'),
  'object.yaml': opens('YAML(default/nightly) task', 'kind: Task'),
  'xray.next': opens('Next(default/nightly)', '0 2 * * *'),
  'ofTask.logs': opens('Logs(default/nightly-', 'from the tree'),
  'ofTask.why': opens('Why(default/nightly) task', 'Agents'),
  'ofTask.history': opens('Revisions(default/nightly)[1]'),
  'ofTask.suspend': async (t, world, key) => {
    await world.terminal.press(key);
    await world.shows('task/nightly suspended', '⊖ Suspended');
    t.equal((await taskOf(world)).spec.suspend, true);
    await world.terminal.press(key);
    await world.shows('task/nightly resumed');
    t.notOk((await taskOf(world)).spec.suspend);
  },
  'ofTask.trigger': async (t, world, key) => {
    await world.terminal.press(key);
    await world.shows('Run nightly now.');
    t.equal((await runsOf(world)).length, 1, 'nothing before it is confirmed');
    await world.terminal.press('esc');
  },
  'ofRun.logs': async (t, { terminal, shows }, key) => {
    await terminal.press('enter', 'j');
    await terminal.until((text) => /▸.* nightly-/.test(text));
    await terminal.press(key);
    await shows('Logs(default/nightly-', 'from the tree');
    await terminal.press('esc', 'enter');
    await shows('Logs(default/nightly-');
    t.pass('Enter leads there, too, as in the table of runs');
    await terminal.press('esc');
  },
  'timeline.next': async (t, { terminal, shows, command }, key) => {
    await command('timeline');
    await shows('Timeline(default)');
    for (let i = 0; i < 2; i += 1) await terminal.press('shift-z');
    await shows('24h back and ahead', 'nightly');
    await terminal.press(key);
    await shows('Next(default/nightly)');
    t.pass('of the task under the cursor');
  },
  'next.open': async (t, { terminal, shows }, key) => {
    await terminal.press(key);
    await shows('Runs(default/nightly)[1]', 'Failed');
    t.pass('the runs of the task');
    await terminal.press('esc', 's');
    await shows('task/nightly suspended', 'none of these fires until it is resumed');
    await terminal.press('esc');
  },
};

export const actingKeys: readonly ActingKeys[] = [
  { title: 'tasks', open: openTasks, keys: tasks },
  { title: 'runs', open: openRuns, keys: runs },
  { title: 'agents', open: openAgents, keys: agents },
  { title: 'tables', open: openTable, keys: table },
  { title: 'logs', open: openLogs, keys: logs },
  { title: 'revisions', open: openRevisions, keys: revisions },
  { title: 'xray', open: openTree, keys: xray },
];
