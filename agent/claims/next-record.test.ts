import t from 'tap';
import type { TriggerRecord } from '../../coordination/index.js';
import { judgeRequest, type RequestedClaim, requestedRecord } from './next-record.js';

const record: TriggerRecord = {
  ...{
    owner: 'b',
    ownerEpoch: 2,
    revision: 1,
    suspended: false,
    cursor: 9000,
    attempt: 1,
    claimId: 'x',
    blockedBy: null,
  },
};
const claim: RequestedClaim = {
  ...{ uid: 'run', point: 5000, attempt: 2, claimId: 'c', ownerEpoch: undefined, overlap: false },
};

t.test('an attempt is claimed once, whoever asks', async (t) => {
  t.equal(judgeRequest(record, claim), 'claim');
  const next = requestedRecord(record, claim);
  t.match(next, { cursor: 9000, attempt: 2, claimId: 'c', owner: 'b' });
  t.equal(judgeRequest(next, { ...claim, claimId: 'another' }), 'void');
  t.equal(judgeRequest(next, { ...claim, attempt: 3 }), 'claim');
  // Claims of other time points in between hide the claim, but not that there was one.
  t.equal(judgeRequest({ ...next, cursor: 10_000, attempt: 1, claimId: 'y' }, claim), 'void');
});

t.test('what the record has forgotten only the owner of that time may claim', async (t) => {
  const forgotten = { ...record, retried: { forgottenUpTo: 5000, latest: [] } };
  t.equal(judgeRequest(forgotten, claim), 'void');
  t.equal(judgeRequest(forgotten, { ...claim, ownerEpoch: 1 }), 'void');
  t.equal(judgeRequest(forgotten, { ...claim, ownerEpoch: 2 }), 'claim');
});

t.test('another run of a former owner is waited for', async (t) => {
  t.equal(judgeRequest({ ...record, blockedBy: 'another' }, claim), 'wait');
  t.equal(judgeRequest({ ...record, blockedBy: 'another' }, { ...claim, overlap: true }), 'claim');
  t.equal(judgeRequest({ ...record, blockedBy: 'run' }, claim), 'claim');
});

t.test('first attempts and runs on demand leave no trace', async (t) => {
  t.equal(requestedRecord(record, { ...claim, point: 'manual', attempt: 3 }).retried, undefined);
  t.equal(requestedRecord(record, { ...claim, attempt: 1 }).retried, undefined);
  t.equal(judgeRequest({ ...record, blockedBy: 'another' }, { ...claim, point: 'manual' }), 'claim');
});
