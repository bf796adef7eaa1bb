// `npm run mail-pictures`: mails of each kind as a mail program shows them, light and wide, dark and narrow. `-- --png --to DIRECTORY` for
// a look at all four, `--only NAME` (several) for some of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { composeMail } from '../../center/notifications/compose-mail.js';
import { escapeHtml } from '../../center/notifications/plain-text.js';
import { launchBrowser } from '../console/browser.js';
import { repository } from '../support/ctask.js';
import { EXTERNAL_URL, mailsOfEachKind } from '../support/news.js';

const { values: options } = parseArgs({
  options: {
    to: { type: 'string', default: join(repository, 'docs', 'images', 'mail') },
    png: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});

const THEMES = ['light', 'dark'] as const;
const WIDTHS = [640, 390] as const;
/** Of WebP: letters stay sharp. */
const QUALITY = 72;

async function take(page: Page, width: number, name: string): Promise<void> {
  const file = join(options.to, name);
  if (options.png) {
    await page.screenshot({ path: `${file}.png`, fullPage: true });
    return;
  }
  const session = await page.context().newCDPSession(page);
  const { contentSize } = (await session.send('Page.getLayoutMetrics')) as { contentSize: { height: number } };
  const clip = { x: 0, y: 0, width, height: Math.ceil(contentSize.height), scale: 1 };
  const taken = { format: 'webp', quality: QUALITY, clip, captureBeyondViewport: true } as const;
  const { data } = await session.send('Page.captureScreenshot', taken);
  writeFileSync(`${file}.webp`, Buffer.from(data, 'base64'));
  await session.detach();
}

mkdirSync(options.to, { recursive: true });
const browser = await launchBrowser();
try {
  for (const colorScheme of THEMES) {
    for (const width of WIDTHS) {
      // What is kept shows both themes and both widths.
      if (!options.png && (colorScheme === 'light') !== (width === 640)) continue;
      const context = await browser.newContext({
        colorScheme,
        viewport: { width, height: 400 },
        javaScriptEnabled: false,
      });
      const page = await context.newPage();
      for (const [name, news] of Object.entries(mailsOfEachKind())) {
        if (options.only.length > 0 && !options.only.includes(name)) continue;
        const about = {
          id: 'f00d',
          namespace: 'billing',
          notifier: 'ops',
          from: 'ct@example.com',
          externalUrl: EXTERNAL_URL,
        };
        const notifications = news.map(({ notification }) => notification);
        const { html, text } = composeMail(
          about,
          notifications,
          news.map(({ context: known }) => known),
        );
        await page.setContent(html);
        await take(page, width, `${name}-${colorScheme}-${width}`);
        if (name !== 'failed') continue;
        await page.setContent(
          `<meta name="color-scheme" content="light dark"><pre style="white-space:pre-wrap">${escapeHtml(text)}</pre>`,
        );
        await take(page, width, `text-${colorScheme}-${width}`);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
