import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { AUDIT_GENESIS, AuditChain } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';

const PROGRAM = fileURLToPath(new URL('../../test/support/acknowledging-store.ts', import.meta.url));
/** Acknowledgements after which the process is killed, in the middle of further writes. */
const ENOUGH = 300;
/** So many of them of runs, which wait for the disk while logs do not. */
const ENOUGH_RUNS = 30;

const common = { clock: systemClock, log: silentLogger };

t.test('whatever was acknowledged before kill -9 is there afterwards: sqlite', async (t) => {
  const directory = t.testdir();
  await killAndLook(t, directory, openSqliteStore({ path: `${directory}/store.db`, ...common }));
});

t.test('whatever was acknowledged before kill -9 is there afterwards: postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  await killAndLook(t, url, openPostgresStore({ url, ...common }));
});

/** Kills a process that writes to the store at `where`, and then looks through `store`. */
async function killAndLook(t: Test, where: string, store: Store): Promise<void> {
  const child = spawn(process.execPath, ['--import=tsx', PROGRAM, where], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  let killed = false;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    if (killed || lines.length < ENOUGH || lines.filter((line) => line.startsWith('run ')).length < ENOUGH_RUNS) return;
    killed = true;
    child.kill('SIGKILL');
  });
  await once(child, 'close');
  t.ok(killed, 'it was killed while it wrote');

  const lines = text.split('\n').slice(0, -1);
  const runs = lines.flatMap((line) => (line.startsWith('run ') ? [line.slice(4)] : []));
  const logs = new Map<string, number>();
  for (const line of lines) {
    const [kind, uid = '', length] = line.split(' ');
    if (kind === 'log') logs.set(uid, Number(length));
  }
  t.ok(runs.length > 0 && logs.size > 0, `${runs.length} runs, logs of ${[...logs.values()].join(' and ')} bytes`);

  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  const { items } = await store.list('Run');
  const stored = new Set(items.map(({ metadata }) => metadata.uid));
  t.same(
    runs.filter((uid) => !stored.has(uid)),
    [],
    'every acknowledged run',
  );
  for (const [uid, length] of logs) {
    t.ok((await store.logLength(uid, 1)).bytes >= length, 'every acknowledged byte');
    const slice = await store.readLog(uid, 1, length - 1, 1);
    t.equal(slice.pieces[0]?.bytes.toString(), 'x');
  }
  const { items: tasks } = await store.list('Task');
  const written = tasks.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('w-'));
  const acknowledged = lines.flatMap((line) => (line.startsWith('write ') ? [line.slice(6)] : []));
  t.ok(acknowledged.length > 0 && acknowledged.every((name) => written.includes(name)), 'every acknowledged write');
  const chain = new AuditChain(AUDIT_GENESIS);
  const { entries } = await store.audit.read(0, 5000, {});
  for (const entry of entries) chain.add(entry);
  t.same(
    entries.map(({ name }) => name).sort(),
    written.sort(),
    'no write without its entry of the audit, no entry without its write',
  );
  t.equal(chain.broken, undefined);
  const versions = items.map(({ metadata }) => Number(metadata.resourceVersion));
  t.equal(new Set(versions).size, versions.length, 'no version twice');
  t.ok(store.resourceVersion >= Math.max(...versions));
}
