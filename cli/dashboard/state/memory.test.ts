import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FakeClock, type LogFields, silentLogger } from '../../../base/index.js';
import { Memory, memoryFile, type Whereabouts } from './memory.js';
import { parseSaved } from './saved-state.js';

const SOMEWHERE: Whereabouts = { view: 'runs', namespace: 'billing', filters: ['night'], commands: ['ru'] };

interface Told {
  readonly fields: LogFields;
  readonly sentence: string;
}

function open(file: string, { configured = 'default', clock = new FakeClock() } = {}) {
  const told: Told[] = [];
  const log = {
    ...silentLogger,
    warn: (fields: LogFields, sentence: string) => void told.push({ fields, sentence }),
  };
  return { memory: new Memory({ file, clock, log, configured }), clock, told };
}

const fileOf = (t: Test) => join(t.testdir(), 'state', 'ui', 'context-prod.json');

t.test('what was kept is there in the next life (T-57)', async (t) => {
  const file = fileOf(t);
  const { memory } = open(file);
  memory.keep(SOMEWHERE);
  memory.keepLook('tasks', { sort: { column: 'AGE', descending: true }, wide: true });
  memory.flush();
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.equal(statSync(join(file, '..')).mode & 0o777, 0o700);
  t.strictSame(readdirSync(join(file, '..')), ['context-prod.json'], 'nothing else is left there');
  const { memory: again, told } = open(file);
  t.match(again.saved, { view: 'runs', filters: ['night'], commands: ['ru'] });
  t.match(again.place, { namespace: 'billing' });
  t.strictSame(again.lookOf('tasks'), { sort: { column: 'AGE', descending: true }, wide: true });
  t.equal(again.lookOf('runs'), undefined);
  t.strictSame(told, []);
});

t.test('all namespaces are a place too; another configured namespace is a new beginning', async (t) => {
  const file = fileOf(t);
  const { memory } = open(file);
  memory.keep({ ...SOMEWHERE, namespace: undefined });
  memory.flush();
  t.strictSame(open(file).memory.place, { namespace: undefined, configured: 'default' });
  t.equal(open(file, { configured: 'billing' }).memory.place, undefined);
});

t.test('much that changes within a second is written once, and the rest at the end', async (t) => {
  const file = fileOf(t);
  const { memory, clock } = open(file);
  memory.keep(SOMEWHERE);
  await clock.advance(900);
  memory.keep({ ...SOMEWHERE, view: 'agents' });
  t.equal(statSync(file, { throwIfNoEntry: false }), undefined);
  await clock.advance(100);
  t.match(parseSaved(readFileSync(file, 'utf8')), { view: 'agents' });
  writeFileSync(file, 'untouched');
  memory.keep({ ...SOMEWHERE, view: 'agents' });
  memory.flush();
  t.equal(readFileSync(file, 'utf8'), 'untouched', 'what is the same is not written');
});

t.test('of two at once each keeps what the other one has set', async (t) => {
  const file = fileOf(t);
  const [one, other] = [open(file).memory, open(file).memory];
  one.keep({ ...SOMEWHERE, filters: ['a', 'b'] });
  one.keepLook('tasks', { wide: true });
  one.flush();
  other.keep({ ...SOMEWHERE, view: 'agents', filters: ['c', 'a'] });
  other.keepLook('runs', { wide: true });
  other.flush();
  const saved = parseSaved(readFileSync(file, 'utf8'));
  t.match(saved, { view: 'agents', filters: ['b', 'c', 'a'] });
  t.strictSame([...(saved?.looks.keys() ?? [])].sort(), ['runs', 'tasks']);
});

t.test('what is broken or of somebody else is told once, and does no harm', async (t) => {
  const strange: Readonly<Record<string, (file: string) => void>> = {
    'no JSON': (file) => writeFileSync(file, '{"version": 1, "vi'),
    'no object': (file) => writeFileSync(file, '[1]'),
    'another version': (file) => writeFileSync(file, '{"version": 2, "view": "runs"}'),
    'too much': (file) => writeFileSync(file, ' '.repeat(300_000)),
    'a directory': (file) => mkdirSync(file),
    'a pipe that nobody writes to': (file) => void execFileSync('mkfifo', [file]),
  };
  for (const [name, make] of Object.entries(strange)) {
    await t.test(name, async (t) => {
      const file = fileOf(t);
      mkdirSync(join(file, '..'), { recursive: true });
      make(file);
      const { memory, told } = open(file);
      t.strictSame(
        [...memory.saved.looks, ...memory.saved.filters, memory.saved.view, memory.place],
        [undefined, undefined],
      );
      t.match(told, [{ fields: { file }, sentence: 'what was saved of the dashboard is ignored' }]);
      t.doesNotThrow(() => {
        memory.keep(SOMEWHERE);
        memory.flush();
      });
    });
  }
});

t.test('what cannot be used in a file that is ours is left out', async (t) => {
  const text = JSON.stringify({
    ...{ version: 1, view: 7, place: { namespace: '../x', configured: 'default' } },
    looks: { tasks: { sort: { column: 'AGE' }, wide: 'yes' }, '../x': {}, __proto__: {}, runs: { wide: true } },
    filters: ['good', 7, 'bad\u001b[2J', '', 'x'.repeat(600)],
    commands: 'none',
  });
  t.match(parseSaved(text), { view: undefined, place: undefined, filters: ['good'], commands: [] });
  t.strictSame(
    [...(parseSaved(text)?.looks ?? [])],
    [
      ['tasks', {}],
      ['runs', { wide: true }],
    ],
  );
});

t.test('where nothing can be written that is told once', async (t) => {
  const file = join(t.testdir({ file: '' }), 'file', 'ui', 'x.json');
  const { memory, told } = open(file);
  for (const view of ['runs', 'agents', 'events']) {
    memory.keep({ ...SOMEWHERE, view });
    memory.flush();
  }
  t.strictSame(
    told.map(({ sentence }) => sentence),
    ['what was saved of the dashboard is ignored', 'the state of the dashboard cannot be saved'],
  );
});

t.test('each context has its file, whatever its name is', async (t) => {
  const server = 'https://a:1,https://b:1';
  const names = [{ context: 'prod' }, { context: '../prod' }, { context: 'server' }, {}].map((where) =>
    memoryFile('/state', { server, ...where }),
  );
  t.equal(names[0], '/state/ui/context-prod.json');
  t.equal(new Set(names).size, 4);
  for (const name of names) t.match(name, /^\/state\/ui\/[^/]+\.json$/);
});
