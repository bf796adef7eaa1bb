import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import { FileLog } from './file-log.js';

t.test('one line per entry, errors with their stack', async (t) => {
  const file = join(t.testdir(), 'state', 'ui.log');
  const log = new FileLog(file, new FakeClock(Date.UTC(2026, 0, 2)));
  log.child({ view: 'tasks' }).error({ error: new TypeError('no such thing') }, 'it failed');
  log.warn({}, 'it may fail');
  const [first, second] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(first, {
    ...{ time: '2026-01-02T00:00:00.000Z', level: 'error', sentence: 'it failed', view: 'tasks' },
    error: /TypeError: no such thing\n +at /,
  });
  t.match(second, { level: 'warn', sentence: 'it may fail' });
  t.equal(statSync(file).mode & 0o777, 0o600);
});

t.test('a file that is full makes room', async (t) => {
  const file = join(t.testdir({ 'ui.log': 'x'.repeat(1_048_576) }), 'ui.log');
  new FileLog(file, new FakeClock()).info({}, 'and on');
  t.equal(statSync(`${file}.1`).size, 1_048_576);
  t.match(readFileSync(file, 'utf8'), /^\{.*"and on"\}\n$/);
});

t.test('where nothing can be written nothing is', async (t) => {
  const directory = t.testdir();
  writeFileSync(join(directory, 'file'), '');
  t.doesNotThrow(() => new FileLog(join(directory, 'file', 'ui.log'), new FakeClock()).error({}, 'lost'));
  mkdirSync(join(directory, 'ui.log'));
  t.doesNotThrow(() => new FileLog(join(directory, 'ui.log'), new FakeClock()).error({}, 'lost'));
});
