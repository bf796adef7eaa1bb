import t from 'tap';
import { firesAfter, isSuspended, suspensionEnd, suspensionWords } from './suspension.js';

const UNTIL = '2026-12-01T09:00:00+01:00';
const END = Date.parse(UNTIL);

t.test('the end is the first instant that fires', async (t) => {
  t.equal(suspensionEnd({}), 0);
  t.equal(suspensionEnd({ suspend: false }), 0);
  t.equal(suspensionEnd({ suspend: true }), Number.POSITIVE_INFINITY);
  t.equal(suspensionEnd({ suspendUntil: UNTIL }), END);
  t.equal(
    suspensionEnd({ suspend: true, suspendUntil: UNTIL }),
    Number.POSITIVE_INFINITY,
    'what has no end is stronger',
  );
  t.ok(isSuspended({ suspendUntil: UNTIL }, END - 1));
  t.notOk(isSuspended({ suspendUntil: UNTIL }, END));
  t.equal(firesAfter({ suspendUntil: UNTIL }, END - 60_000), END - 1, 'a time point at the end is one of those after');
  t.equal(firesAfter({ suspendUntil: UNTIL }, END + 5), END + 5);
});

t.test('in words', async (t) => {
  t.equal(suspensionWords({ suspendUntil: UNTIL, suspendReason: 'old' }, END), undefined, 'it has ended');
  t.equal(suspensionWords({ suspend: true }, END), 'suspended');
  t.equal(suspensionWords({ suspend: true, suspendReason: 'move' }, END), 'suspended (move)');
  const spec = { suspendUntil: UNTIL, suspendReason: 'move' };
  t.equal(suspensionWords(spec, END - 1), 'suspended until 2026-12-01T08:00:00Z (move)');
});
