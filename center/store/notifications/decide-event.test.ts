// What an entry is told, run by run.
import t from 'tap';
import type { RunNotify } from '../../../manifests/index.js';
import { decideEvent, entryKey, type RunHistory } from './decide-event.js';

const MINUTE = 60_000;
const defaults = { notifier: 'ops', on: ['Failed', 'Recovered', 'Missed', 'Lost'] } as const;

/** One letter per run, `minutes` apart: F, M, L, S; what is told of each, '' for nothing. */
function told(extra: Partial<RunNotify>, runs: string, minutes = 1): string[] {
  const entry = { ...defaults, ...extra } as RunNotify;
  const known = { failures: new Set<string>(), flapping: new Set<string>() };
  const words = { F: 'Failed', M: 'Missed', L: 'Lost', S: 'Succeeded' } as const;
  const changes: number[] = [];
  let failures = 0;
  return [...runs].map((letter, index) => {
    const event: RunHistory['event'] = words[letter as keyof typeof words];
    const now = index * minutes * MINUTE;
    const changed = (event === 'Succeeded') === failures > 0;
    if (changed) changes.push(now);
    if (event !== 'Succeeded') failures += 1;
    const history = { event, failures, changes, changed, now };
    const decision = decideEvent(entry, history, known);
    if (event === 'Succeeded') {
      failures = 0;
      known.failures.clear();
    }
    if (decision.failures) known.failures.add(entryKey(entry));
    if (decision.flapping === true) known.flapping.add(entryKey(entry));
    if (decision.flapping === false) known.flapping.delete(entryKey(entry));
    return decision.event ?? '';
  });
}

t.test('each failure, and the first success after it', async (t) => {
  t.same(told({}, 'SFFS'), ['', 'Failed', 'Failed', 'Recovered']);
  t.same(told({}, 'FMLSS'), ['Failed', 'Missed', 'Lost', 'Recovered', '']);
  t.same(told({ on: ['Succeeded'] }, 'SFS'), ['Succeeded', '', 'Succeeded']);
  t.same(told({ on: ['Succeeded', 'Recovered'] }, 'SFS'), ['Succeeded', '', 'Recovered']);
});

t.test('after so many failures in a row: once, and its end', async (t) => {
  t.same(told({ after: 3 }, 'FFSFFFFFSS'), ['', '', '', '', '', 'Failed', '', '', 'Recovered', '']);
  t.same(told({ after: 2 }, 'FMS'), ['', 'Missed', 'Recovered'], 'of any kind');
  t.same(told({ after: 2, on: ['Lost'] }, 'FFLLS'), ['', '', 'Lost', '', ''], 'the first one that is asked for');
  t.same(told({ after: 2, on: ['Failed', 'Succeeded'] }, 'FSFFS'), ['', 'Succeeded', '', 'Failed', 'Succeeded']);
});

t.test('what changes to and fro is told once, and again when it is steady', async (t) => {
  const flapping = { changes: 3, window: '10m' };
  t.same(told({ flapping }, 'FSFSFS'), ['Failed', 'Recovered', 'Failed', 'Flapping', '', '']);
  const steady = told({ flapping }, `FSFSF${'S'.repeat(12)}FS`);
  t.same(steady.slice(0, 5), ['Failed', 'Recovered', 'Failed', 'Flapping', '']);
  t.same(steady.slice(5, 15).join(''), '', 'not before the window is over');
  t.same(steady.slice(15), ['Recovered', '', 'Failed', 'Recovered']);
  const bad = told({ flapping }, `FSFS${'F'.repeat(12)}`);
  t.same(bad.slice(3, 14).join(''), 'Flapping');
  t.same(bad.slice(14), ['Failed', 'Failed'], 'steadily bad');
  t.same(told({ flapping, on: ['Failed', 'Succeeded'] }, 'FSFSFS').slice(3), ['Flapping', '', 'Succeeded']);
  t.same(told({ flapping }, 'FSFSFS', 5), told({ flapping: { changes: 0 } }, 'FSFSFS'), 'seldom enough');
  t.same(told({}, 'FSFSFS').at(-1), 'Flapping', 'six changes within an hour, unless given');
  t.same(told({}, 'FSFSFS', 15).at(-1), 'Recovered');
  t.same(told({ flapping, on: ['Succeeded'] }, 'FSFSFS').join(), ',Succeeded,,Succeeded,,Succeeded');
  t.same(told({ after: 2 }, 'FSFSFSFSFF').at(-1), 'Failed', 'not for entries that wait for several failures');
});
