// What docs/operating.md says of log lines.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { RecentLines } from '../../base/index.js';
import { repeatedKeys } from '../../manifests/index.js';
import { createLogger } from './logging.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/operating.md', import.meta.url)), 'utf8');

t.test('a line is one JSON object, each of its fields once', async (t) => {
  const destination = join(t.testdir(), 'logs', 'x.log');
  const log = createLogger({ level: 'debug', process: 'center', destination });
  const part = log.child({ part: 'controllers' });
  part.info({ center: 'c1', epoch: 7 }, 'center leads');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({ err: new Error('why') }, 'as it is');
  const lines = readFileSync(destination, 'utf8').trim().split('\n');
  t.equal(lines.length, 5);
  for (const line of lines) t.same(repeatedKeys(line), [], line);
  const shown = JSON.parse(/```json\n(.*"msg".*)\n```/.exec(page)![1]!);
  t.same(Object.keys(JSON.parse(lines[0]!)), Object.keys(shown), 'as in docs/operating.md');
  const numbers = Object.fromEntries(
    [...page.matchAll(/^\| (\w+) \| (\d0) \|/gm)].map(([, word, level]) => [word, Number(level)]),
  );
  t.same(numbers, { error: 50, warn: 40, info: 30, debug: 20 });
  const levels = lines.slice(1).map((line) => JSON.parse(line).level);
  t.same(levels, [numbers.debug, numbers.info, numbers.warn, numbers.error]);
  t.match(JSON.parse(lines[4]!), { err: { message: 'why', stack: String } });
});

t.test('the last lines are kept besides, from info on, whichever are printed', async (t) => {
  const levels = ['debug', 'info', 'warn', 'error'] as const;
  for (const [index, level] of levels.entries()) {
    const destination = join(t.testdir(), 'x.log');
    const recent = new RecentLines();
    const log = createLogger({ level, process: 'agent', destination, recent }).child({ part: 'p' });
    for (const each of levels) log[each]({ err: new Error('why') }, each);
    const printed = readFileSync(destination, 'utf8').trim().split('\n');
    const sentences = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).msg);
    t.same(sentences(printed), levels.slice(index));
    t.same(sentences(recent.all()), levels.slice(1));
    const both = recent.all().filter((line) => printed.includes(line));
    t.equal(both.length, Math.min(3, levels.length - index), 'the same lines');
  }
});

t.test('a level that is none', async (t) => {
  t.throws(() => createLogger({ level: 'loud', process: 'center' }), {
    code: 'CT_CONFIG_INVALID',
    message: 'logLevel must be debug, info, warn or error, not "loud"',
  });
});
