// With --readonly, or in a context that says so, no key in any view makes the dashboard send anything but GET (T-56). What it sends
// is written down by a proxy before a real center.
import t, { type Test } from 'tap';
import { type DashboardWorld, openWorld } from '../../../test/support/dashboard-world.js';
import { RecordingProxy } from '../../../test/support/recording-proxy.js';
import { type KeyRow, keymap } from './keymap.js';

t.setTimeout(600_000);

const rows: readonly KeyRow[] = keymap;
const POINT = Date.parse('2026-11-22T02:00:00Z');
/** They would end the sweep; that they send nothing is in the nature of quitting. */
const LEAVING: ReadonlySet<string> = new Set(['q', 'ctrl-c']);
const KEYS = [...new Set(rows.flatMap(({ keys }) => [...keys]))].filter((key) => !LEAVING.has(key));
const WRITING = rows.filter(({ writes }) => writes !== undefined);
/** Of many thousand frames each is small. */
const LOW = [60, 15] as const;
/** Lower than the help of any view is long. */
const TALL = 70;

interface Swept extends DashboardWorld {
  readonly proxy: RecordingProxy;
}

interface View {
  /** What its title begins with. */
  readonly title: string;
  readonly open: (world: Swept) => Promise<void>;
  /** What lies above is another screen: it is opened anew when a key has left it. */
  readonly except?: readonly string[];
}

async function open(t: Test, options: { readOnly?: boolean; typed?: readonly string[] }): Promise<Swept> {
  let proxy: RecordingProxy | undefined;
  const through = async (url: string) => {
    proxy = await RecordingProxy.start(t, url);
    return proxy.url;
  };
  const patch = `patch task nightly --type=merge -p '{"spec":{"run":{"command":["/bin/false"]}}}'`;
  const world = await openWorld(t, ['nightly'], { ...options, through, typed: [patch, ...(options.typed ?? [])] });
  const { center } = world;
  await center.agent('a1');
  const run = await center.scheduled('nightly', POINT, { state: 'Running', startTime: POINT });
  await center.output(run, 'a line\nanother line\n');
  await world.shows('Tasks(default)[1]', '[RO]');
  return { ...world, proxy: proxy! };
}

/** Until what was asked for is answered and drawn. */
async function quiet({ terminal, proxy }: Swept): Promise<void> {
  for (let calm = 0; calm < 2; calm = proxy.open === 0 ? calm + 1 : 0) await terminal.settle();
}

const table = (command: string, title: string): View => ({ title, open: (world) => world.command(command) });

/** By keys, from the tasks; after each one what it leads to is waited for, since the next one means something else before. */
const from = (title: string, ...steps: readonly (readonly [key: string, shows: string])[]): View => ({
  title,
  open: async (world) => {
    await world.command('tk default');
    await world.shows('Tasks(default)[1]', 'nightly');
    for (const [key, shows] of steps) {
      await world.terminal.press(key);
      await world.shows(shows);
    }
  },
});

const TASKS = table('tk default', 'Tasks(default)[1]');
const RUNS = table('ru default', 'Runs(default)[1]');
const AGENTS = table('ag', 'Agents[1]');
const REVISIONS = from('Revisions(default/nightly)', ['h', 'Revisions(']);
const CONTEXTS = { ...table('ctx', 'Contexts['), except: ['enter'] };

const VIEWS: readonly View[] = [
  ...[TASKS, RUNS, AGENTS, REVISIONS, CONTEXTS],
  table('tk all', 'Tasks(all)['),
  table('cl', 'Clusters['),
  table('ns', 'Namespaces['),
  table('ev default', 'Events(default)['),
  from('Runs(default/nightly)', ['enter', 'Runs(']),
  from('Describe(', ['d', 'Describe(']),
  from('YAML(', ['y', 'YAML(']),
  from('Why(', ['w', 'Why(']),
  from('Next(', ['x', 'Next(']),
  from('Diff(', ['h', 'Revisions('], ['enter', 'Diff(']),
  from('Logs(', ['l', 'Logs(']),
  from('Search(', ['l', 'Logs('], ['shift-s', '\n/'], ['l', '/l'], ['i', '/li'], ['enter', 'Search(']),
  from('Help(', ['?', 'Help(']),
  table('alias', 'Alias('),
  table('pulses', 'Pulses('),
  table('timeline', 'Timeline('),
  table('doctor', 'Doctor('),
  table('ru cloudtask-system', 'Runs(cloudtask-system)[0]'),
  table('xray', 'Xray tasks('),
  table('xray clusters', 'Xray agents'),
];

/** The upper left of its frame, and its title; cards are drawn so, too. */
const DIALOG = /╭─ (?:Delete|Cancel|Trigger|Drain|Undo|Suspend|Resume|Retry|Cordon|Uncordon) /;
const typing = (text: string) => /^[:/][^\n]*\n*$/m.test(text.trimEnd().split('\n').at(-1) ?? '');

async function opened(world: Swept, { title, open }: View): Promise<void> {
  const { terminal } = world;
  if (typing(terminal.text())) await terminal.press('esc');
  if (terminal.text().includes(title)) return;
  await open(world);
  await world.shows(title);
  await quiet(world);
}

/** Each key on that screen; what one of them opens is left again. */
async function sweep(t: Test, world: Swept, view: View): Promise<void> {
  const { terminal } = world;
  for (const key of KEYS) {
    if (view.except?.includes(key)) continue;
    await opened(world, view);
    await terminal.press(key);
    await quiet(world);
    if (DIALOG.test(terminal.text())) t.fail(`<${key}> asks for something that writes`);
  }
}

/** Neither the header nor the help has a key that writes. */
async function offersNone(t: Test, world: Swept, view: View): Promise<void> {
  const { terminal } = world;
  const offered = (text: string) =>
    WRITING.filter(({ keys, help }) => keys.some((key) => new RegExp(`<${key}> +${help}`).test(text)));
  await opened(world, view);
  await terminal.resize(160, TALL);
  t.strictSame(offered(terminal.text()), [], 'the header');
  if (view.title === 'Help(') return;
  await terminal.press('?');
  await world.shows('Help(');
  t.match(terminal.text(), 'NAVIGATION');
  t.strictSame(offered(terminal.text()), [], 'the help');
  await terminal.press('esc');
  await terminal.resize(...LOW);
}

async function sweepAll(t: Test, world: Swept, views: readonly View[]): Promise<void> {
  for (const view of views) {
    await t.test(view.title, async (t) => {
      await offersNone(t, world, view);
      await sweep(t, world, view);
      t.strictSame(world.proxy.writes, []);
    });
  }
}

t.test('the sweep sees what writes', async (t) => {
  let proxy: RecordingProxy | undefined;
  const through = async (url: string) => {
    proxy = await RecordingProxy.start(t, url);
    return proxy.url;
  };
  const { terminal, shows } = await openWorld(t, ['nightly'], { through });
  await shows('Tasks(default)[1]', 'nightly', '<ctrl-d> Delete');
  t.strictSame(proxy?.writes, []);
  await terminal.press('s');
  await shows('task/nightly suspended');
  t.match(proxy?.writes, [{ method: 'POST', path: /tasks\/nightly\/suspend$/ }]);
  for (const key of ['ctrl-d', 't']) {
    await terminal.press(key);
    t.match(terminal.text(), DIALOG);
    await terminal.press('esc');
  }
});

t.test('in a context that is read-only', async (t) => {
  const world = await open(t, { typed: ['config set contexts.local.readOnly true'] });
  const { terminal, shows, proxy } = world;
  await world.terminal.resize(...LOW);
  proxy.passed.length = 0;
  await sweepAll(t, world, VIEWS);

  await t.test('what is typed', async (t) => {
    for (const sign of [':', '/']) {
      for (const key of KEYS) {
        await opened(world, TASKS);
        await terminal.press(sign, key, 'enter');
        await quiet(world);
        await terminal.press('esc', 'esc');
      }
    }
    t.strictSame(proxy.writes, []);
  });

  await t.test('after another context, too', async (t) => {
    await opened(world, CONTEXTS);
    await terminal.press('enter');
    await shows('Tasks(default)[1]', 'nightly');
    await terminal.press('s');
    await shows('<s> is refused: read-only mode');
    t.strictSame(proxy.writes, []);
  });
  t.ok(proxy.passed.length > 50, `it has asked: ${proxy.passed.length} times`);
});

t.test('with --readonly', async (t) => {
  const world = await open(t, { readOnly: true });
  await world.terminal.resize(...LOW);
  world.proxy.passed.length = 0;
  await sweepAll(t, world, [TASKS, RUNS, AGENTS, REVISIONS]);
});
