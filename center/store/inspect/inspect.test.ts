// How a store is, beside a center and without one: nothing is left behind, and what is broken is told.
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { silentLogger, systemClock } from '../../../base/index.js';
import { requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { task } from '../../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore } from '../index.js';
import { inspectStore } from './index.js';

const common = { clock: systemClock, log: silentLogger };
const never = new AbortController().signal;

/** Names and contents of all files. */
const files = (dir: string) =>
  readdirSync(dir)
    .filter((name) => !name.endsWith('-shm')) // of who has it open
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(dir, name)))
          .digest('hex')}`,
    );

t.test('SQLite: while a center has it, as one that was killed left it, and after one has stopped', async (t) => {
  const dir = t.testdir({ running: {}, left: {} });
  const path = join(dir, 'running', 'store.db');
  const store = openSqliteStore({ ...common, path });
  await store.start(never);
  const identity = await store.identity();
  await store.apply([task('a'), task('b')], { user: 'test' });
  const inspected = await inspectStore({ kind: 'sqlite', path });
  t.match(inspected, {
    ...{ engine: 'sqlite', version: /^3\./, shown: path, identity, amounts: { tasks: 2, runs: 0, openRuns: 0 } },
    disk: { freeBytes: Number, totalBytes: Number },
  });
  t.same(
    inspected.parts.map(({ part, problems }) => [part, problems]),
    [
      ['state', []],
      ['logs', []],
    ],
  );
  for (const { schema, newest } of inspected.parts) t.equal(schema, newest);
  t.equal(
    inspected.bytes,
    inspected.parts.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  );

  // What lies there at this moment is what SIGKILL would leave.
  for (const name of readdirSync(join(dir, 'running')))
    copyFileSync(join(dir, 'running', name), join(dir, 'left', name));
  const left = files(join(dir, 'left'));
  t.ok(statSync(join(dir, 'left', 'store.db-wal')).size > 0, 'the last writes are in its WAL alone');
  t.match(await inspectStore({ kind: 'sqlite', path: join(dir, 'left', 'store.db') }), { amounts: { tasks: 2 } });
  t.same(files(join(dir, 'left')), left, 'which stays as it is');

  await store.stop();
  const stopped = files(join(dir, 'running'));
  t.notOk(stopped.some((name) => name.includes('-wal')));
  t.match(await inspectStore({ kind: 'sqlite', path }), { amounts: { tasks: 2 } });
  t.same(files(join(dir, 'running')), stopped, 'and none is made');
});

t.test('SQLite: what is broken, newer, or not there', async (t) => {
  const dir = t.testdir();
  const path = join(dir, 'store.db');
  await t.rejects(inspectStore({ kind: 'sqlite', path }), { code: 'CT_NOT_FOUND' });
  t.same(readdirSync(dir), [], 'nothing was made');
  const store = openSqliteStore({ ...common, path });
  await store.start(never);
  await store.apply(
    Array.from({ length: 200 }, (_, n) => task(`t${n}`)),
    { user: 'test' },
  );
  await store.stop();

  const newer = new Database(path);
  const schema = newer.pragma('user_version', { simple: true }) as number;
  newer.pragma('user_version = 999');
  newer.close();
  t.match((await inspectStore({ kind: 'sqlite', path })).parts[0], { schema: 999, newest: schema, problems: [] });

  const file = openSync(path, 'r+');
  const { size } = statSync(path);
  for (let at = 8 * 4096; at < size; at += 4096) writeSync(file, Buffer.alloc(512, 0xa5), 0, 512, at);
  closeSync(file);
  const broken = await inspectStore({ kind: 'sqlite', path });
  const [state, logs] = broken.parts;
  t.ok(state!.problems!.length > 0, 'SQLite says what');
  t.same(logs?.problems, [], 'the other file is whole');

  rmSync(logs!.file!);
  mkdirSync(logs!.file!);
  const [, unread] = (await inspectStore({ kind: 'sqlite', path })).parts;
  t.match(unread, { problems: undefined, unread: /unable to open/ }, 'nobody knows what is in it');

  writeFileSync(join(dir, 'text.db'), 'not a database, and long enough to have a header '.repeat(10));
  const text = await inspectStore({ kind: 'sqlite', path: join(dir, 'text.db') });
  t.match(text, {
    identity: '',
    amounts: undefined,
    parts: [{ part: 'state', schema: 0, problems: [/not a database/] }],
  });
});

t.test('PostgreSQL', async (t) => {
  if (!requirePostgres(t)) return;
  const postgres = await startPostgres();
  t.teardown(() => postgres.stop());
  const url = await postgres.createDatabase();
  await t.rejects(inspectStore({ kind: 'postgres', url }), { code: 'CT_NOT_FOUND' });
  const store = openPostgresStore({ ...common, url });
  await store.start(never);
  const identity = await store.identity();
  await store.apply([task('a')], { user: 'test' });
  const inspected = await inspectStore({ kind: 'postgres', url });
  t.match(inspected, { engine: 'postgres', version: /^\d+/, identity, amounts: { tasks: 1, runs: 0, openRuns: 0 } });
  t.ok(inspected.bytes > 1_000_000);
  t.match(inspected.parts.map(({ part }) => part).sort(), ['logs', 'state']);
  for (const { schema, newest, problems } of inspected.parts) {
    t.equal(schema, newest);
    t.equal(problems, undefined, 'nobody reads all of a database server for that');
  }
  await store.stop();
  const away = inspectStore({ kind: 'postgres', url: 'postgres://x:secret@127.0.0.1:1/x' });
  const error = await away.catch((caught: Error) => caught);
  t.match(error, { code: 'CT_STORE_UNREACHABLE' });
  t.notMatch(String(error), 'secret');
});
