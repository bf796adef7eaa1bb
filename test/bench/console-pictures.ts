// `npm run pictures`: a picture of every page of the console, dark and light, wide and narrow, of an installation that might be in
// use. Build first. `-- --png --to DIRECTORY` for a look at them, `--only NAME` (several) for some of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BelievableWorld, startBelievableWorld } from '../console/believable.js';
import { signIn, type Visitor, visitor } from '../console/browser.js';
import { openPage, pagesOf } from '../console/pages.js';
import { repository } from '../support/ctask.js';

const { values: options } = parseArgs({
  options: {
    to: { type: 'string', default: join(repository, 'docs', 'images', 'console') },
    png: { type: 'boolean', default: false },
    /** Down to the end of each page. */
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});

const THEMES = ['light', 'dark'] as const;
const SIZES = [
  [1440, 900],
  [390, 844],
] as const;
/** Of WebP: letters stay sharp, and no picture is larger than 150 kB. */
const QUALITY = 82;
/** What is drawn once the data are there: charts, and states that fade in. */
const SETTLED_MS = 600;

const wanted = (name: string): boolean => options.only.length === 0 || options.only.includes(name);

async function take({ page }: Visitor, file: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(SETTLED_MS);
  if (options.png) {
    await page.screenshot({ path: `${file}.png`, fullPage: options.full, animations: 'disabled' });
    return;
  }
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  writeFileSync(`${file}.webp`, Buffer.from(data, 'base64'));
  await session.detach();
}

/** Before there is a session. */
async function takeDoors(world: BelievableWorld, someone: Visitor, fileOf: (name: string) => string): Promise<void> {
  const { page, go } = someone;
  await go('/');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  if (wanted('sign-in')) await take(someone, fileOf('sign-in'));
  if (!wanted('change-password')) return;
  await page.getByLabel('User').fill('admin');
  await page.getByLabel('Password').fill(world.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
  await take(someone, fileOf('change-password'));
}

async function takePages(world: BelievableWorld): Promise<void> {
  const { failed, running } = world;
  const pages = pagesOf({
    task: 'billing/payment-reconcile',
    failed,
    running,
    agent: 'eu-1',
    aPackage: 'data/previews',
    notifier: 'billing/finance',
  });
  for (const theme of THEMES) {
    for (const [width, height] of SIZES) {
      const fileOf = (name: string) => join(options.to, `${name}-${theme}-${width}`);
      const guest = await visitor(world, { theme, width, height });
      await takeDoors(world, guest, fileOf);
      await guest.context.close();
      const someone = await visitor(world, { theme, width, height });
      await signIn(someone, world.token);
      for (const { name, path } of pages) {
        if (!wanted(name)) continue;
        await openPage(someone, path);
        await take(someone, fileOf(name));
      }
      await someone.context.close();
    }
  }
}

mkdirSync(options.to, { recursive: true });
const ends: (() => unknown)[] = [];
try {
  await takePages(await startBelievableWorld({ teardown: (end) => void ends.push(end) }));
} finally {
  for (const end of ends.reverse()) await end();
}
