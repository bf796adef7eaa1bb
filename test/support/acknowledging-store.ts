// A process that writes to a store and prints what was acknowledged, until it is killed. Argument: the directory, or the
// URL of a PostgreSQL database.
import { silentLogger, systemClock } from '../../base/index.js';
import { openPostgresStore, openSqliteStore } from '../../center/store/index.js';
import type { AnyObject } from '../../manifests/index.js';
import { reportOf, taskManifest } from './api.js';

const [where = ''] = process.argv.slice(2);
const common = { clock: systemClock, log: silentLogger };
const store = where.startsWith('postgres://')
  ? openPostgresStore({ url: where, ...common })
  : openSqliteStore({ path: `${where}/store.db`, ...common });
await store.start(new AbortController().signal);
const manifest = { ...taskManifest('a'), metadata: { name: 'a', namespace: 'default' } };
const [outcome] = await store.apply([manifest as AnyObject], { user: 'test' });
const CHUNK = Buffer.alloc(10_000, 'x');

/** One line per acknowledgement; written at once, so that what the parent has read was acknowledged. */
const acknowledge = (line: string) => process.stdout.write(`${line}\n`);

const reportForEver = async (agent: number) => {
  for (let i = 0; ; i++) {
    const report = reportOf(outcome!.object, Date.UTC(2026, 0, 1) + agent * 1e9 + i * 1000);
    await store.acceptReports(`agent-${agent}`, [report]);
    acknowledge(`run ${report.uid}`);
  }
};
const logForEver = async (runUid: string) => {
  for (let offset = 0; ; offset += CHUNK.length) {
    const header = {
      runUid,
      attempt: 1,
      stream: 'stdout',
      streamOffset: offset,
      time: 1,
      length: CHUNK.length,
    } as const;
    await store.appendLogs([{ header, payload: CHUNK }]);
    acknowledge(`log ${runUid} ${offset + CHUNK.length}`);
  }
};
const writeForEver = async () => {
  const audit = { requestId: '', user: 'test', sourceIP: '', verb: 'apply' };
  for (let i = 0; ; i++) {
    const name = `w-${i}`;
    await store.apply([{ ...manifest, metadata: { name, namespace: 'default' } } as AnyObject], {
      user: 'test',
      audit,
    });
    acknowledge(`write ${name}`);
  }
};
await Promise.all([writeForEver(), reportForEver(1), reportForEver(2), logForEver('run-1'), logForEver('run-2')]);
