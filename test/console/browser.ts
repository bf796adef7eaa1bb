// A real browser in front of a real center and agent, and what it complained about.
import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { startUp, User } from '../support/ctask.js';

/** Where Debian puts it. */
export const CHROMIUM = process.env.CTASK_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** Why there can be no test in a browser; undefined when there can. */
export const noBrowser = existsSync(CHROMIUM) ? undefined : `no browser at ${CHROMIUM}: apt-get install chromium`;

export const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** A test, or whatever else ends once and takes along what was started for it. */
export interface EndsLast {
  teardown(end: () => unknown): void;
}

export interface ConsoleWorld {
  readonly user: User;
  readonly url: string;
  readonly token: string;
  readonly browser: Browser;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** `ctask up` and a browser; both gone when the test ends. `env`: what its processes find besides. */
export async function startConsoleWorld(
  t: EndsLast,
  env: Readonly<Record<string, string>> = {},
): Promise<ConsoleWorld> {
  const user = new User();
  Object.assign(user.env, env);
  const up = await startUp(user);
  const browser = await launchBrowser();
  t.teardown(async () => {
    await browser.close();
    await user.go();
  });
  const tokenFile = /token in (.+)\)/.exec(up.stdout)![1]!;
  return { user, url: up.url, token: readFileSync(tokenFile, 'utf8').trim(), browser };
}

export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the page, refusals by the policy, requests to anybody else: there should be none. */
  readonly complaints: string[];
  /** Opens a page of the console. */
  go(path: string): Promise<void>;
}

interface VisitorOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** A fresh browser profile that has not signed in. */
export async function visitor(world: ConsoleWorld, options: VisitorOptions = {}): Promise<Visitor> {
  const { theme = 'light', width = 1440, height = 900 } = options;
  const context = await world.browser.newContext({
    ...{ viewport: { width, height }, colorScheme: theme, timezoneId: 'Asia/Tokyo' },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // Most is there at once; a machine with other work may take its time over 100 MB of log.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // Whoever has no session, or writes what is no task, is told so: the browser writes each refusal down as an error.
    const refused = /the server responded with a status of (400|401|422)/.test(message.text());
    if (message.type() === 'error' && !refused) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== world.url && protocol !== 'data:') complaints.push(`asked elsewhere: ${request.url()}`);
  });
  const go = async (path: string) => {
    await page.goto(`${world.url}/console${path}`);
  };
  return { page, context, complaints, go };
}

/** A browser alone, gone when the test ends. */
export async function startBrowser(t: EndsLast): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  t.teardown(() => browser.close());
  return browser;
}

export async function signIn({ page, go }: Visitor, token: string): Promise<void> {
  await go('/');
  await page.getByRole('button', { name: 'Sign in with a token' }).click();
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
}
