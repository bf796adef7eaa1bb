import t from 'tap';
import { decideConcurrency, type SlotView } from './decide-concurrency.js';

const cases: [SlotView, string][] = [
  [{ policy: 'Allow', open: 3, queued: 0, blocked: true }, 'start'],
  [{ policy: 'Forbid', open: 0, queued: 0, blocked: false }, 'start'],
  [{ policy: 'Forbid', open: 1, queued: 0, blocked: false }, 'skip ConcurrencyForbid'],
  [{ policy: 'Forbid', open: 0, queued: 0, blocked: true }, 'skip PreviousUnknown'],
  [{ policy: 'Queue', open: 0, queued: 0, blocked: false }, 'start'],
  [{ policy: 'Queue', open: 1, queued: 0, blocked: false }, 'queue'],
  [{ policy: 'Queue', open: 2, queued: 1, blocked: false }, 'skip ConcurrencyQueueFull'],
  [{ policy: 'Queue', open: 0, queued: 0, blocked: true }, 'skip PreviousUnknown'],
  [{ policy: 'Replace', open: 1, queued: 0, blocked: false }, 'replace'],
  [{ policy: 'Replace', open: 1, queued: 0, blocked: true }, 'skip PreviousUnknown'],
];

t.test('admission by policy', async (t) => {
  for (const [view, expected] of cases) {
    const admission = decideConcurrency(view);
    const text = admission.kind === 'skip' ? `skip ${admission.reason}` : admission.kind;
    t.equal(text, expected, JSON.stringify(view));
  }
});
