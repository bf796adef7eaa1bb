// How soon the console is there: paints as the browser tells them, bytes as they travel, and what Lighthouse asks of a telephone
// (its own throttling: four times slower, 1.6 Mbit/s with 150 ms there and back). Build first.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Agent, Run } from '../../manifests/index.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from '../console/browser.js';
import { pagesOf } from '../console/pages.js';
import { repository } from '../support/ctask.js';
import { median, ms, printReport, report } from './figures.js';

const ROUNDS = 7;
const FIRST_LOAD_MAX_BYTES = 300_000;

const TASKS = `
apiVersion: cloudtask.dev/v1
kind: User
metadata: {name: ann}
---
apiVersion: cloudtask.dev/v1
kind: Group
metadata: {name: finance}
---
apiVersion: cloudtask.dev/v1
kind: ServiceAccount
metadata: {name: deploy}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: often}
spec: {schedules: [{every: 10m}], run: {command: [/bin/echo, often]}}
`;

interface Load {
  readonly paint: number;
  readonly contentful: number;
  readonly largest: number;
  /** Sum of what long tasks took beyond 50 ms each. */
  readonly blocked: number;
  readonly shift: number;
  /** Heading and data are there. */
  readonly ready: number;
  readonly bytes: number;
  readonly files: readonly string[];
}

/** Watches from the beginning: not all of it is told afterwards. */
const WATCH = `
  globalThis.seen = { largest: 0, blocked: 0, shift: 0, ready: 0 };
  const watch = (type, tell) => new PerformanceObserver((list) => list.getEntries().forEach(tell)).observe({ type, buffered: true });
  watch('largest-contentful-paint', ({ startTime }) => { seen.largest = startTime; });
  watch('longtask', ({ duration }) => { seen.blocked += Math.max(0, duration - 50); });
  watch('layout-shift', ({ value, hadRecentInput }) => { if (!hadRecentInput) seen.shift += value; });
  new MutationObserver((_, observer) => {
    if (document.querySelector('h1') === null || document.querySelector('.loading') !== null) return;
    seen.ready = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
`;

const READ = `(() => {
  const paints = Object.fromEntries(performance.getEntriesByType('paint').map(({ name, startTime }) => [name, startTime]));
  const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name, initiatorType }) => initiatorType !== 'fetch' && name.includes('/console'));
  return {
    ...seen,
    paint: paints['first-paint'],
    contentful: paints['first-contentful-paint'],
    bytes: files.reduce((sum, { transferSize }) => sum + transferSize, 0),
    files: files.map(({ name }) => new URL(name).pathname),
  };
})()`;

async function load(page: Page, url: string): Promise<Load> {
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForSelector('.loading', { state: 'detached' });
  await page.waitForTimeout(500);
  return (await page.evaluate(READ)) as Load;
}

/** Bytes with gzip of the scripts and styles that a page asks for. */
function gzipBytes(files: readonly string[]): number {
  const compressed = files.map((file) => join(repository, 'dist', file.slice(1)));
  const each = compressed.map((file) => {
    const gz = `${file}.gz`;
    return existsSync(gz) ? statSync(gz).size : existsSync(file) && statSync(file).isFile() ? statSync(file).size : 0;
  });
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

async function main(): Promise<void> {
  const ends: (() => unknown)[] = [];
  try {
    const world = await startConsoleWorld({ teardown: (end) => void ends.push(end) });
    await world.user.ok(['apply', '-f', '-'], { input: TASKS });
    await world.user.ok(['run', 'often', '--wait']);
    const { items } = await world.user.json<{ items: Run[] }>(['get', 'runs']);
    const agent = (await world.user.json<{ items: Agent[] }>(['get', 'agents'])).items[0]!.metadata.name;
    const someone = await visitor(world);
    await signIn(someone, world.token);
    const state = await someone.context.storageState();
    await someone.context.close();

    const cold = async (path: string, throttled: boolean): Promise<Load> => {
      const context = await world.browser.newContext({ storageState: state, viewport: { width: 1440, height: 900 } });
      await context.addInitScript(WATCH);
      const page = await context.newPage();
      if (throttled) {
        const session = await context.newCDPSession(page);
        await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
        const speed = (1.6 * 1024 * 1024) / 8;
        const network = { offline: false, latency: 150, downloadThroughput: speed, uploadThroughput: speed };
        await session.send('Network.emulateNetworkConditions', network);
      }
      const loaded = await load(page, `${world.url}/console${path}`);
      await context.close();
      return loaded;
    };
    const rounds = async (throttled: boolean): Promise<Load[]> => {
      const all: Load[] = [];
      for (let round = 0; round < ROUNDS; round++) all.push(await cold('/', throttled));
      return all;
    };

    for (const [words, throttled, goal] of [
      ['here', false, 1000],
      ['as on a telephone', true, 3000],
    ] as const) {
      const all = await rounds(throttled);
      const of = (figure: 'paint' | 'contentful' | 'largest' | 'blocked' | 'shift' | 'ready') =>
        median(all.map((one) => one[figure]));
      report(`${words}: first paint`, ms(of('paint')), '', undefined, '', true);
      const contentful = of('contentful');
      report(`${words}: first contentful paint`, ms(contentful), '', undefined, `≤ ${goal} ms`, contentful <= goal);
      report(`${words}: largest contentful paint`, ms(of('largest')), '', undefined, '', true);
      report(`${words}: overview with its data`, ms(of('ready')), '', undefined, '', true);
      report(`${words}: blocked`, ms(of('blocked')), '', undefined, '≤ 200 ms', of('blocked') <= 200);
      report(`${words}: shift of the layout`, of('shift').toFixed(3), '', undefined, '≤ 0.1', of('shift') <= 0.1);
    }
    const pages = pagesOf({ task: 'default/often', failed: items[0]!, running: items[0]!, agent });
    for (const { name, path } of pages) {
      const { files } = await cold(path, false);
      const bytes = gzipBytes(files);
      report(
        `${name}, gzip`,
        `${(bytes / 1000).toFixed(0)} kB`,
        '',
        undefined,
        '',
        name !== 'overview' || bytes < FIRST_LOAD_MAX_BYTES,
      );
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
  printReport();
}

if (noBrowser !== undefined) console.error(noBrowser);
else await main();
