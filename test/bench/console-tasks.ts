// The task list of the web console over 100,000 tasks, in a real browser. The reference is the same page of the same center with
// a page full of tasks: what 100,000 cost is the ratio.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchBrowser, noBrowser } from '../console/browser.js';
import { ms, printReport, report, summarise } from './figures.js';

const CENTER = fileURLToPath(new URL('./console-center.ts', import.meta.url));
const FEW = 50;
const TASKS = 100_000;
const VISITS = 10;
const SEARCHES = 40;
/** Between two keys of somebody who types fast. */
const KEY_MS = 80;
const MIB = 1024 * 1024;

/** Runs in the page before anything else: notes when rows are painted first, and what blocks the main thread. */
const WITNESS = `
  const seen = { rows: undefined, blocks: [], result: undefined };
  window.witness = seen;
  new PerformanceObserver((list) => seen.blocks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
  const painted = (then) => requestAnimationFrame(() => setTimeout(then));
  new MutationObserver(() => {
    const rows = [...document.querySelectorAll('table.data tbody .main-link')];
    if (rows.length === 0) return;
    if (seen.rows === undefined) {
      seen.rows = Number.NaN;
      painted(() => (seen.rows = performance.now()));
    }
    const { wanted } = seen;
    if (wanted !== undefined && rows.every((row) => row.textContent.includes(wanted))) {
      seen.wanted = undefined;
      painted(() => (seen.result = performance.now()));
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;

/** What the page has noted, ms since its navigation began. */
interface WitnessWindow {
  readonly witness: { readonly rows?: number; readonly began?: number; readonly result?: number };
}

interface Visitor {
  readonly page: Page;
  readonly devtools: CDPSession;
}

async function visitor(browser: Browser, url: string, token: string): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(WITNESS);
  await page.goto(`${url}/console/tasks`);
  await page.getByRole('button', { name: 'Sign in with a token' }).click();
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page
    .getByRole('link', { name: /^task-/ })
    .first()
    .waitFor();
  return { page, devtools: await context.newCDPSession(page) };
}

/** From the click on an address until rows are on the screen, ms. */
async function firstRows({ page }: Visitor, path: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(path);
  const rows = await page.waitForFunction(() => (globalThis as unknown as WitnessWindow).witness.rows || false);
  return rows.jsonValue() as Promise<number>;
}

async function visits(one: Visitor, path: string) {
  const times: number[] = [];
  for (let i = 0; i < VISITS; i++) times.push(await firstRows(one, path));
  return summarise(times);
}

/** Types a number of a task, and waits for the rows that have it: from the last key to the screen. */
async function search({ page }: Visitor, wanted: string): Promise<number> {
  const field = page.getByLabel('Search by name');
  await field.fill('');
  await page.waitForURL((url) => !url.searchParams.has('q'));
  await page.evaluate('window.witness.result = undefined');
  await field.pressSequentially(wanted.slice(0, -1), { delay: KEY_MS });
  await page.evaluate(`window.witness.wanted = ${JSON.stringify(wanted)}; window.witness.began = undefined;
    addEventListener('keydown', () => (window.witness.began = performance.now()), { once: true, capture: true })`);
  await page.keyboard.press(wanted.slice(-1));
  const took = await page.waitForFunction(() => {
    const { result, began } = (globalThis as unknown as WitnessWindow).witness;
    return result !== undefined && began !== undefined && result - began;
  });
  return took.jsonValue() as Promise<number>;
}

async function heapMiB({ devtools }: Visitor): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / MIB;
}

if (noBrowser !== undefined) throw new Error(noBrowser);
const home = mkdtempSync(join(tmpdir(), 'ctask-bench-'));
const arguments_ = ['--import=tsx', CENTER, home, String(FEW), String(TASKS)];
const center = spawn(process.execPath, arguments_, { stdio: ['pipe', 'pipe', 'inherit'] });
const said = createInterface({ input: center.stdout })[Symbol.asyncIterator]();
try {
  const { url, tokenFile } = JSON.parse((await said.next()).value as string) as { url: string; tokenFile: string };
  const browser = await launchBrowser();
  try {
    const one = await visitor(browser, url, readFileSync(tokenFile, 'utf8').trim());
    await one.devtools.send('Performance.enable');
    const tasks = `${url}/console/tasks`;
    const few = await visits(one, tasks);
    center.stdin.write('more\n');
    await said.next();

    const against = `${ms(few.p50)} with ${FEW}`;
    const many = await visits(one, tasks);
    report('first rows of the list, p50', ms(many.p50), against, many.p50 / few.p50, '≤ 300 ms', many.p50 <= 300);
    report('the same, slowest', ms(many.max), ms(few.max), many.max / few.max, '', true);
    for (const [what, sort] of [
      ['by next run', 'Next run'],
      ['by last run, newest first', '-Last run'],
    ] as const) {
      const sorted = await visits(one, `${tasks}?sort=${encodeURIComponent(sort)}`);
      report(`the same, ${what}`, ms(sorted.p50), against, sorted.p50 / few.p50, '≤ 300 ms', sorted.p50 <= 300);
    }

    await firstRows(one, tasks);
    await one.page.evaluate('window.witness.blocks.length = 0');
    const times: number[] = [];
    for (let i = 0; i < SEARCHES; i++) times.push(await search(one, `-${(i * 7919) % TASKS}`));
    const blocks = (await one.page.evaluate('window.witness.blocks')) as number[];
    const p95 = [...times].sort((a, b) => a - b)[Math.floor(0.95 * times.length)]!;
    report(
      `last key to rows, p50 of ${SEARCHES}, 200 ms of it waiting for more keys`,
      ms(summarise(times).p50),
      '',
      undefined,
      '',
      true,
    );
    report('the same, p95', ms(p95), '', undefined, '≤ 500 ms', p95 <= 500);
    const longest = Math.max(0, ...blocks);
    report(
      'longest block of the main thread while typing',
      longest === 0 ? '< 50 ms' : ms(longest),
      '',
      undefined,
      '≤ 50 ms',
      longest <= 50,
    );
    const heap = await heapMiB(one);
    report('JavaScript heap after that', `${heap.toFixed(1)} MiB`, '', undefined, '< 50 MiB', heap < 50);
  } finally {
    await browser.close();
  }
} finally {
  center.stdin.end();
  await once(center, 'close');
  rmSync(home, { recursive: true });
}
printReport();
