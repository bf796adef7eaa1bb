import t from 'tap';
import type { RunReport } from '../../manifests/index.js';
import type { ClaimIntent } from './journal.js';
import { LiveState } from './live-state.js';

function claim(claimId: string, point: number | string): { type: 'claim'; claim: ClaimIntent } {
  return {
    type: 'claim',
    claim: {
      ...{ claimId, runUid: claimId, taskUid: 'task', slot: '', point, attempt: 1, revision: 1, recordVersion: 1 },
      ...{ directory: '', report: { uid: claimId } as RunReport },
    },
  };
}

t.test('what resolved claims consumed is remembered, and survives compaction', async (t) => {
  const state = new LiveState();
  for (const entry of [claim('a', 2000), claim('b', 1000), claim('c', 3000), claim('d', 'manual')]) state.apply(entry);
  t.strictSame([...state.consumed], [], 'open claims may never have held');
  state.apply({ type: 'resolved', claimId: 'a' });
  state.apply({ type: 'resolved', claimId: 'b' });
  state.apply({ type: 'resolved', claimId: 'c', refused: true });
  state.apply({ type: 'resolved', claimId: 'd' });
  t.strictSame([...state.consumed], [['task/', 2000]]);
  const compacted = new LiveState();
  for (const entry of state.entries()) compacted.apply(entry);
  t.strictSame([...compacted.consumed], [['task/', 2000]]);
});

t.test('of a bounded number of slots, the latest used', async (t) => {
  const state = new LiveState();
  for (let i = 0; i < 50_001; i++) state.apply({ type: 'consumed', slotKey: `task-${i}/`, point: i });
  t.equal(state.consumed.size, 50_000);
  t.notOk(state.consumed.has('task-0/'));
  t.ok(state.consumed.has('task-50000/'));
});
