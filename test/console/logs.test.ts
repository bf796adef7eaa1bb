// A log of 100 MB in a real browser: read, searched and followed without holding it.
import t from 'tap';
import type { Run } from '../../manifests/index.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from './browser.js';

/** About 100 MB in lines of 50 bytes; one of them is looked for. */
const LINES = 2_000_000;
const NEEDLE = 1_234_567;
const MIB = 1024 * 1024;
/** What a browser may hold for it, the page and its libraries included. */
const HEAP_MAX_MIB = 80;

const TASKS = `
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: large, namespace: default}
spec:
  logs: {maxBytes: 200Mi}
  run:
    command:
      - ${JSON.stringify(process.execPath)}
      - -e
      - |
        const { writeSync } = require('node:fs');
        const filler = 'x'.repeat(36);
        for (let i = 1; i <= ${LINES}; ) {
          let text = '';
          for (const to = Math.min(${LINES}, i + 9999); i <= to; i++) text += 'line ' + String(i).padStart(8, '0') + ' ' + (i === ${NEEDLE} ? 'a needle' : filler) + '\\n';
          for (let bytes = Buffer.from(text); bytes.length > 0; ) {
            try { bytes = bytes.subarray(writeSync(1, bytes)); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
          }
        }
`;

t.test('in a browser', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  const world = await startConsoleWorld(t);
  await world.user.ok(['apply', '-f', '-'], { input: TASKS });
  await world.user.ok(['run', 'large', '--wait']);
  const { items } = await world.user.json<{ items: Run[] }>(['get', 'runs', '--field-selector', 'spec.task=large']);
  const someone = await visitor(world);
  const { page } = someone;
  await signIn(someone, world.token);
  const log = page.getByRole('log');
  const line = (number: number) => log.getByText(`line ${String(number).padStart(8, '0')} `);

  await t.test('the end of it is there at once, and its beginning as well', async (t) => {
    await someone.go(`/runs/default/${items[0]!.metadata.name}`);
    await line(LINES).waitFor();
    await page.getByRole('button', { name: 'Start of the log' }).click();
    await line(1).waitFor();
    t.match(await page.locator('.log-line').first().textContent(), /^1line 0+1 x/, 'with its number');
    t.ok((await page.locator('.log-line').count()) < 200, 'what is not in sight is not drawn');
    await page.getByRole('button', { name: 'End of the log' }).click();
    await line(LINES).waitFor();
  });

  await t.test('whoever scrolls reads on, in both directions', async (t) => {
    // The line at the top of what is in sight, at each frame that shows one.
    await page.evaluate(`
      globalThis.seen = [];
      const box = document.querySelector('.log-lines');
      (function look() {
        const { top } = box.getBoundingClientRect();
        for (const line of box.querySelectorAll('.log-line')) {
          const { top: from, bottom: to } = line.getBoundingClientRect();
          const number = Number(/line (\\d+)/.exec(line.textContent)?.[1]);
          if (from <= top && to > top && number !== seen.at(-1)) seen.push(number);
        }
        requestAnimationFrame(look);
      })();
    `);
    await page.waitForFunction((beyond) => {
      document.querySelector('.log-lines')!.scrollBy(0, -40_000);
      return (globalThis as unknown as { seen: number[] }).seen.at(-1)! <= beyond;
    }, LINES - 30_000);
    const places = await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
    t.same(
      places,
      [...places].sort((a, b) => b - a),
      'always further back',
    );
    await page.getByRole('button', { name: 'End of the log' }).click();
    await line(LINES).waitFor();
  });

  await t.test('a line in the middle is found by the center', async (t) => {
    await page.getByLabel('Search the log').fill('A NEEDLE');
    await page.getByText('1 line', { exact: true }).waitFor({ timeout: 90_000 });
    await page.keyboard.press('Enter');
    await line(NEEDLE).waitFor();
    t.match(await page.locator('.log-line.current').textContent(), /a needle/);
    await page.getByLabel('Search the log').fill('line');
    await page.getByText('the first 1,000 lines').waitFor();
    await page.getByLabel('Search the log').fill('');
  });

  await t.test('any place is a pull away', async () => {
    await page.getByLabel('Place in the log').fill('0');
    await line(1).waitFor();
  });

  await t.test('and the browser holds little of it', async (t) => {
    const devtools = await someone.context.newCDPSession(page);
    await devtools.send('Performance.enable');
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / MIB;
    t.ok(heap < HEAP_MAX_MIB, `${heap.toFixed(1)} MiB`);
  });

  t.same(someone.complaints, [], 'no error, nothing the policy forbids, nobody else asked');
});
