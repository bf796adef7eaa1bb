import t from 'tap';
import { decideConcurrency, type SlotView } from './decide-concurrency.js';

const cases: [SlotView, string][] = [
  [{ policy: 'Allow', limit: Number.POSITIVE_INFINITY, open: 3, queued: 0, blocked: true }, 'start'],
  [{ policy: 'Forbid', limit: 1, open: 0, queued: 0, blocked: false }, 'start'],
  [{ policy: 'Forbid', limit: 1, open: 1, queued: 0, blocked: false }, 'skip ConcurrencyForbid'],
  [{ policy: 'Forbid', limit: 1, open: 0, queued: 0, blocked: true }, 'skip PreviousUnknown'],
  [{ policy: 'Queue', limit: 1, open: 0, queued: 0, blocked: false }, 'start'],
  [{ policy: 'Queue', limit: 1, open: 1, queued: 0, blocked: false }, 'queue'],
  [{ policy: 'Queue', limit: 1, open: 2, queued: 1, blocked: false }, 'skip ConcurrencyQueueFull'],
  [{ policy: 'Queue', limit: 1, open: 0, queued: 0, blocked: true }, 'skip PreviousUnknown'],
  [{ policy: 'Replace', limit: 1, open: 1, queued: 0, blocked: false }, 'replace'],
  [{ policy: 'Replace', limit: 1, open: 1, queued: 0, blocked: true }, 'skip PreviousUnknown'],
  [{ policy: 'Allow', limit: 2, open: 1, queued: 0, blocked: false }, 'start'],
  [{ policy: 'Allow', limit: 2, open: 2, queued: 0, blocked: false }, 'skip ConcurrencyLimit'],
  // Of a run on demand that waits for the next scheduled one: what waits goes first.
  [{ policy: 'Allow', limit: 3, open: 2, queued: 1, blocked: false }, 'skip ConcurrencyLimit'],
  [{ policy: 'Allow', limit: 2, open: 0, queued: 0, blocked: true }, 'skip PreviousUnknown'],
  [{ policy: 'Queue', limit: 2, open: 1, queued: 0, blocked: false }, 'start'],
  [{ policy: 'Queue', limit: 2, open: 2, queued: 0, blocked: false }, 'queue'],
  [{ policy: 'Queue', limit: 2, open: 3, queued: 1, blocked: false }, 'skip ConcurrencyQueueFull'],
];

t.test('admission by policy', async (t) => {
  for (const [view, expected] of cases) {
    const admission = decideConcurrency(view);
    const text = admission.kind === 'skip' ? `skip ${admission.reason}` : admission.kind;
    t.equal(text, expected, JSON.stringify(view));
  }
});
