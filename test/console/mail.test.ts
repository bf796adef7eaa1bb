// Mails of each kind as a mail program with an engine of a browser shows them: light and wide, dark and narrow, everything can be read,
// nothing stands out at the side, and nothing is loaded.
import axe from 'axe-core';
import t from 'tap';
import { composeMail } from '../../center/notifications/compose-mail.js';
import { EXTERNAL_URL, mailsOfEachKind, runNews } from '../support/news.js';
import { launchBrowser, noBrowser } from './browser.js';

const VIEWS = [
  { colorScheme: 'light', width: 640 },
  { colorScheme: 'dark', width: 320 },
] as const;
/** What a program prints that knows no spaces. */
const LONG = 'x'.repeat(180);

t.test('mails can be read', { skip: noBrowser ?? false, timeout: 120_000 }, async (t) => {
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const hard = runNews('Failed', { task: 't'.repeat(120), message: LONG, agent: LONG, text: LONG }, [LONG, LONG]);
  const about = {
    id: 'f00d',
    namespace: 'billing',
    notifier: 'ops',
    from: 'ct@example.com',
    externalUrl: EXTERNAL_URL,
  };
  for (const { colorScheme, width } of VIEWS) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 600 } });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    for (const [name, news] of Object.entries({
      ...mailsOfEachKind(),
      hard: [hard],
      'many-hard': [hard, runNews('Lost')],
    })) {
      const { html } = composeMail(
        about,
        news.map(({ notification }) => notification),
        news.map((one) => one.context),
      );
      await page.setContent(html);
      const where = `${name}, ${colorScheme}, ${width}`;
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, `${where}: nothing at the side`);
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate(
        'axe.run(document, { resultTypes: ["violations"], runOnly: ["color-contrast", "document-title", "html-has-lang", "link-name", "meta-viewport"] })',
      )) as axe.AxeResults;
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
      );
      t.same(found, [], where);
    }
    t.same(asked, [], 'nothing is loaded');
    await context.close();
  }
});
