// What one center tells of changes that it reads and commits at the same time, on a real PostgreSQL.
import { EventEmitter, once } from 'node:events';
import pg from 'pg';
import t from 'tap';
import { systemClock } from '../../../base/index.js';
import { requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import type { ChangeText } from '../repository-types.js';
import type { StateSchema } from '../schema.js';
import { postgresAddress } from './connection-url.js';
import { stateMigrations } from './migrations.js';
import { openPostgres } from './postgres-database.js';
import { SharedFeed } from './shared-feed.js';

const BEFORE_GAP = 7;
const BEHIND_GAP = 1000;
const change: ChangeText = { type: 'ADDED', kind: 'Task', object: '{}', resourceVersion: BEHIND_GAP };

t.test('a change behind a gap is committed here while the feed reads it', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  const address = postgresAddress(url);
  const database = await openPostgres<StateSchema>(address, 'state', stateMigrations);
  t.teardown(() => database.close());
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  t.teardown(() => other.end());

  const gap = [
    ['versions_skipped_from', BEFORE_GAP],
    ['versions_skipped_to', BEHIND_GAP],
  ];
  for (const row of gap) await other.query('insert into counters (name, value) values ($1, $2)', row);
  await other.query('insert into change_log (version, time, type, kind, object) values ($1, 0, $2, $3, $4)', [
    ...[change.resourceVersion, change.type, change.kind, change.object],
  ]);
  // Whoever asks where the gap is has to wait.
  await other.query('begin');
  await other.query('lock table counters in access exclusive mode');

  const told: number[] = [];
  const events = new EventEmitter();
  const feed = new SharedFeed({
    ...{ database, address, position: BEFORE_GAP },
    publish: (changes) => {
      told.push(...changes.map(({ resourceVersion }) => resourceVersion));
      events.emit('told');
    },
    broken: (error) => t.fail(error.message),
  });
  t.teardown(() => feed.close());
  const reached = feed.reached(BEHIND_GAP);
  const waiting = "select count(*)::int as n from pg_locks where not granted and relation = 'counters'::regclass";
  while ((await other.query(waiting)).rows[0].n === 0) await systemClock.sleep(10);

  await feed.publish(BEFORE_GAP, [change]);
  await other.query('commit');
  await reached;
  t.strictSame(told, [BEHIND_GAP], 'told once');

  feed.start();
  const next = { ...change, resourceVersion: BEHIND_GAP + 1 };
  const seen = once(events, 'told');
  await other.query('insert into change_log (version, time, type, kind, object) values ($1, 0, $2, $3, $4)', [
    ...[next.resourceVersion, next.type, next.kind, next.object],
  ]);
  await other.query("select pg_notify('cloudtask_changes', '')");
  await seen;
  t.strictSame(told, [BEHIND_GAP, BEHIND_GAP + 1], 'and the feed goes on');
});
