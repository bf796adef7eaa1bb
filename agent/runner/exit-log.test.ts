import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger } from '../../base/index.js';
import { readExit } from './attempt-files.js';
import { ExitLog } from './exit-log.js';

const exit = (exitCode: number) => ({ exitCode, endTime: 5 });

t.test('writes many ends, each told once it is durable', async (t) => {
  const directory = t.testdir();
  const log = new ExitLog({ path: join(directory, 'exits'), log: silentLogger });
  log.open();
  const directories = Array.from({ length: 300 }, (_, i) => join(directory, String(i)));
  for (const each of directories) mkdirSync(each);
  await Promise.all(directories.map((each, i) => new Promise<void>((resolve) => log.add(each, exit(i), resolve))));
  t.same(
    directories.map((each) => readExit(each)),
    directories.map((_, i) => exit(i)),
  );
  log.close();
});

t.test('restores what is missing, skips what is gone or torn', async (t) => {
  const directory = t.testdir({ kept: {}, removed: {}, old: {} });
  const path = join(directory, 'exits');
  const log = new ExitLog({ path, log: silentLogger });
  log.open();
  const add = (name: string) => new Promise<void>((resolve) => log.add(join(directory, name), exit(1), resolve));
  await Promise.all([add('kept'), add('removed'), add('never-there')]);
  log.close();
  writeFileSync(join(directory, 'kept', 'started'), '');
  rmSync(join(directory, 'removed'), { recursive: true });
  appendFileSync(path, '{"directory":"/torn');
  writeFileSync(`${path}.old`, `${JSON.stringify({ directory: join(directory, 'old'), exit: exit(2) })}\n`);
  const next = new ExitLog({ path, log: silentLogger });
  next.open();
  t.same(readExit(join(directory, 'kept')), exit(1));
  t.same(readExit(join(directory, 'old')), exit(2));
  t.notOk(existsSync(join(directory, 'removed')));
  // A torn line must not swallow the next one.
  mkdirSync(join(directory, 'later'));
  await new Promise<void>((resolve) => next.add(join(directory, 'later'), exit(3), resolve));
  next.close();
  rmSync(join(directory, 'later', 'started'));
  const last = new ExitLog({ path, log: silentLogger });
  last.open();
  t.same(readExit(join(directory, 'later')), exit(3));
  last.close();
});

t.test('a full log is put aside, settled and removed', async (t) => {
  const directory = t.testdir({ attempt: {} });
  const path = join(directory, 'exits');
  const log = new ExitLog({ path, log: silentLogger, maxBytes: 2000 });
  log.open();
  const attempt = join(directory, 'attempt');
  for (let i = 0; i < 100; i++) await new Promise<void>((resolve) => log.add(attempt, exit(i), resolve));
  await log.settled();
  t.notOk(existsSync(`${path}.old`));
  t.same(readExit(attempt), exit(99));
  log.close();
});

t.test('without a log that can be written, ends still reach their directories and are told', async (t) => {
  // A directory in the log's place can be neither read nor written, whoever runs the test.
  const directory = t.testdir({ exits: {}, first: {}, second: {}, third: {} });
  const path = join(directory, 'exits');
  const log = new ExitLog({ path, log: silentLogger });
  log.open();
  const add = (name: string, code: number) =>
    new Promise<void>((resolve) => log.add(join(directory, name), exit(code), resolve));
  await Promise.all([add('first', 1), add('second', 2)]);
  t.same(readExit(join(directory, 'first')), exit(1));
  t.same(readExit(join(directory, 'second')), exit(2));
  rmSync(path, { recursive: true });
  await add('third', 3);
  t.match(readFileSync(path, 'utf8'), /third/, 'the log is taken up when that is possible again');
  log.close();
});
