// Open for days: what was on the screen and is not any more must not stay in memory.
import { getHeapSnapshot } from 'node:v8';
import t from 'tap';
import { openFed } from '../../../test/support/fed-dashboard.js';

const FRAMES = 120;
/** Of these the terminal of the test may still hold what was written. */
const LATEST = 60;

t.test('rows that have gone are forgotten (I-02)', async (t) => {
  const { terminal, dashboard } = await openFed(t);
  for (let i = 0; i < FRAMES; i += 1) {
    dashboard.say(`frame number ${i} of them`);
    await terminal.until((text) => text.includes(`frame number ${i} of`));
    terminal.written = '';
  }
  performance.clearMeasures(); // React for developers writes down what it draws
  const kept = new Set<number>();
  let rest = '';
  for await (const chunk of getHeapSnapshot()) {
    const text = rest + String(chunk);
    for (const [, number] of text.matchAll(/frame number (\d+) of them/g)) kept.add(Number(number));
    rest = text.slice(-100);
  }
  t.ok(kept.has(FRAMES - 1), 'the present one is found');
  t.same(
    [...kept].filter((number) => number < FRAMES - LATEST),
    [],
  );
});
