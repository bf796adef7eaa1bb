import { join } from 'node:path';
import t from 'tap';
import { newUid, silentLogger, systemClock } from '../../base/index.js';
import { decodeTriggerRecord } from '../../coordination/index.js';
import type { RunReport } from '../../manifests/index.js';
import { AgentBench } from '../../test/support/agent-bench.js';
import type { ClaimIntent } from '../journal/journal.js';
import { openJournal } from '../journal/open-journal.js';
import { NOT_SENT } from '../runs/open-run.js';
import { ClaimWriter } from './claim-writer.js';

t.test('a refused claim that will be sent again stays in the journal, as one that was not sent', async (t) => {
  const bench = await AgentBench.open(t);
  const task = bench.task({ run: { command: ['true'] } });
  await bench.allocate('a1', [task]);
  const path = bench.layout.trigger(bench.uid(task), '');
  const { data, stat } = await bench.session.current.getData(path);
  const known = { record: decodeTriggerRecord(data), version: stat.version, mtime: stat.mtime };
  await bench.change(task, { ownerEpoch: 2 });
  const journal = openJournal({ directory: join(bench.directory, 'j'), clock: systemClock, log: silentLogger });
  await journal.open();
  const common = { journal, session: bench.session, clock: systemClock, log: silentLogger };
  const writer = new ClaimWriter({ ...common, sample: () => undefined });
  const claim = async (claimId: string, point: number | string, attempt: number) => {
    const intent: ClaimIntent = {
      ...{ claimId, point, attempt, runUid: newUid(), taskUid: bench.uid(task), slot: '', revision: 1 },
      ...{ recordVersion: known.version, directory: claimId, report: { uid: claimId } as RunReport },
    };
    const outcome = await writer.claim({ path, known, next: { ...known.record, claimId }, intent, dueAt: 0 });
    t.equal(outcome.kind, 'refused');
  };
  await claim('planned', 1, 1);
  await claim('retry', 1, 2);
  await claim('on demand', 'manual', 1);
  await journal.close();
  t.same(writer.counters, { won: 0, lost: 3, failed: 0 });
  const versions = [...journal.state.claims.values()].map(({ claimId, recordVersion }) => [claimId, recordVersion]);
  t.strictSame(versions, [
    ['retry', NOT_SENT],
    ['on demand', NOT_SENT],
  ]);
});

t.test(
  'a claim that was under way when coordination was restored is not sent: its version may have come again',
  async (t) => {
    const bench = await AgentBench.open(t);
    const task = bench.task({ run: { command: ['true'] } });
    await bench.allocate('a1', [task]);
    const path = bench.layout.trigger(bench.uid(task), '');
    const { data, stat } = await bench.session.current.getData(path);
    const known = { record: decodeTriggerRecord(data), version: stat.version, mtime: stat.mtime };
    const journal = openJournal({ directory: join(bench.directory, 'j'), clock: systemClock, log: silentLogger });
    await journal.open();
    t.teardown(() => journal.close());
    let restores = 0;
    const trust = {
      get restores() {
        return restores;
      },
      opened: async () => {
        restores = 1;
      },
    };
    const common = { journal, session: bench.session, clock: systemClock, log: silentLogger };
    const writer = new ClaimWriter({ ...common, sample: () => undefined, trust });
    const intent: ClaimIntent = {
      ...{ claimId: 'c', point: 1, attempt: 1, runUid: newUid(), taskUid: bench.uid(task), slot: '', revision: 1 },
      ...{ recordVersion: known.version, directory: 'c', report: { uid: 'c' } as RunReport },
    };
    const outcome = await writer.claim({ path, known, next: { ...known.record, claimId: 'c' }, intent, dueAt: 0 });
    t.equal(outcome.kind, 'refused');
    t.equal((await bench.record(task)).claimId, '');
    t.equal(journal.state.consumed.size, 0, 'and nothing was consumed by it');
  },
);
