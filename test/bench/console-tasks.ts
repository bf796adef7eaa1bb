// The task list of the web console over 100,000 tasks, in a real browser. There are two references: the same page of the same center with
// a page full of tasks (what 100,000 cost is the ratio), and a file with the same elements and styles, and no script: what
// the browser itself needs. Visits to all of them alternate, so that other work on the machine hits them alike.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** Each address in turn, so many times. */
async function visits(one: Visitor, paths: readonly string[]) {
  const times = paths.map((): number[] => []);
  for (let i = 0; i < VISITS; i++) {
    for (const [at, path] of paths.entries()) times[at]!.push(await firstRows(one, path));
  }
  return times.map(summarise);
}

/** From the click on its place to its rows, in a console that is open and has not shown them yet. */
async function goThere({ page }: Visitor, elsewhere: string): Promise<number> {
  await page.goto(elsewhere);
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  await page.evaluate(`window.witness.result = undefined; window.witness.wanted = 'task-'; window.witness.began = undefined;
    addEventListener('click', () => (window.witness.began = performance.now()), { once: true, capture: true })`);
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Tasks' }).click();
  return resultOf(page);
}

async function resultOf(page: Page): Promise<number> {
  const took = await page.waitForFunction(() => {
    const { result, began } = (globalThis as unknown as WitnessWindow).witness;
    return result !== undefined && began !== undefined && result - began;
  });
  return took.jsonValue() as Promise<number>;
}

/** The page as it is now, as a file with its styles, without a script and without a request. */
async function withoutScripts({ page }: Visitor): Promise<Server> {
  const styles = await page.evaluate(
    'fetch(document.querySelector("link[rel=stylesheet]").href).then((file) => file.text())',
  );
  const body = await page.evaluate('document.body.outerHTML');
  const head = '<!doctype html><html lang="en" data-density="comfortable"><head><meta charset="utf-8">';
  const html = `${head}<link rel="stylesheet" href="/styles.css"></head>${body}</html>`;
  const server = createServer(({ url }, answer) => {
    const kept = { 'cache-control': 'public, max-age=31536000, immutable' };
    if (url === '/styles.css') answer.writeHead(200, { 'content-type': 'text/css', ...kept }).end(styles);
    else answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
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
  return resultOf(page);
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
    const fewRows = await withoutScripts(one);
    const still = `http://127.0.0.1:${(fewRows.address() as AddressInfo).port}/`;
    const [few, bare] = await visits(one, [tasks, still]);
    center.stdin.write('more\n');
    await said.next();

    const sorted = (by: string) => `${tasks}?sort=${encodeURIComponent(by)}`;
    const all = await visits(one, [tasks, sorted('Next run'), sorted('-Last run'), still]);
    const [many, byNext, byLast, bareThen] = all;
    const against = `${ms(few!.p50)} with ${FEW}`;
    for (const [what, seen] of [
      ['first rows of the list, p50', many!],
      ['the same, by next run', byNext!],
      ['the same, by last run, newest first', byLast!],
    ] as const) {
      report(what, ms(seen.p50), against, seen.p50 / few!.p50, '≤ 300 ms', seen.p50 <= 300);
    }
    report('the same by name, slowest', ms(many!.max), ms(few!.max), many!.max / few!.max, '', true);
    const file = `${ms(bareThen!.p50)}, a file without scripts`;
    report('the same by name', ms(many!.p50), file, many!.p50 / bareThen!.p50, '', true);
    report(`the same with ${FEW}`, ms(few!.p50), `${ms(bare!.p50)}, that file`, few!.p50 / bare!.p50, '', true);
    fewRows.close();

    const gone: number[] = [];
    for (let i = 0; i < VISITS; i++) gone.push(await goThere(one, `${url}/console/settings`));
    const there = summarise(gone);
    report('rows in an open console, from the click, p50', ms(there.p50), '', undefined, '≤ 300 ms', there.p50 <= 300);

    await firstRows(one, tasks);
    await one.page.evaluate('window.witness.blocks.length = 0');
    const times: number[] = [];
    for (let i = 0; i < SEARCHES; i++) times.push(await search(one, `-${(i * 7919) % TASKS}`));
    const blocks = (await one.page.evaluate('window.witness.blocks')) as number[];
    const p95 = [...times].sort((a, b) => a - b)[Math.floor(0.95 * times.length)]!;
    report(
      `last key to rows, p50 of ${SEARCHES}, 100 ms of it waiting for more keys`,
      ms(summarise(times).p50),
      '',
      undefined,
      '',
      true,
    );
    report('the same, p95', ms(p95), '', undefined, '≤ 300 ms', p95 <= 300);
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
