// The receivers that docs/notifications.md shows, as they stand there, and webhooks that are really sent to them.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { repository } from '../../test/support/ctask.js';
import { runNews, testNews } from '../../test/support/news.js';
import { newsWords } from './describe-news.js';
import { WEBHOOK_FORMATS } from './formats/index.js';
import type { WebhookMessage } from './formats/webhook-format.js';
import { sendWebhook } from './send-webhook.js';

const docs = readFileSync(join(repository, 'docs', 'notifications.md'), 'utf8');
const KEY = "it's a key";

/** The one snippet in that language that says so. */
function snippet(language: string, part: string): string {
  const found = [...docs.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(
    ([, its, text]) => its === language && text!.includes(part),
  );
  if (found.length !== 1)
    throw new Error(`docs/notifications.md: ${found.length} snippets in ${language} with ${part}`);
  return found[0]![2]!;
}

/** What the center sends about two runs. */
function message(now: number, id = 'f00d', secret = KEY, task = 'räport'): WebhookMessage {
  const news = [runNews('Failed', { task }), runNews('Recovered', { state: 'Succeeded', task: 'b' }), testNews()];
  return WEBHOOK_FORMATS.CloudTask.compose({
    about: { id, namespace: 'billing', notifier: 'hook' },
    notifications: news.map(({ notification }) => notification),
    words: news.map(({ notification, context }) => newsWords(notification, context)),
    ...{ secret, now },
  })[0]!;
}

const there = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

const RECEIVERS = [
  { command: process.execPath, file: 'receiver.mjs', code: () => snippet('js', 'cloudtask-signature'), missing: false },
  {
    command: 'python3',
    file: 'receiver.py',
    code: () => snippet('python', 'cloudtask-signature'),
    missing: there('python3', '--version') ? false : 'THERE IS NO python3: the receiver for Python is not tried',
  },
] as const;

/** Lines that it prints, and how it answers. */
async function start(t: Test, { command, file, code }: (typeof RECEIVERS)[number]) {
  const directory = mkdtempSync(join(tmpdir(), 'receiver-'));
  const path = join(directory, file);
  writeFileSync(path, code());
  const env = { ...process.env, KEY, PORT: '0', PYTHONIOENCODING: 'utf-8' };
  const child = spawn(command, [path], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.teardown(async () => {
    child.kill();
    await ended;
    rmSync(directory, { recursive: true });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => ((await lines.next()).value as string | undefined) ?? 'it ended';
  const first = await next();
  const port = Number(/^listening on (\d+)$/.exec(first)?.[1]);
  if (!port) throw new Error(`${file}: ${first}`);
  const url = `http://127.0.0.1:${port}/`;
  const send = (one: WebhookMessage) =>
    sendWebhook([one], { url, allowed: ['127.0.0.1'], signal: new AbortController().signal });
  return { next, send };
}

for (const receiver of RECEIVERS) {
  t.test(`docs/notifications.md: ${receiver.file} verifies`, { skip: receiver.missing }, async (t) => {
    const { next, send } = await start(t, receiver);
    const now = Date.now();
    const good = message(now);
    await send(good);
    t.equal(await next(), 'Failed räport');
    t.equal(await next(), 'Recovered b');
    t.equal(await next(), 'Test ', 'which is about no task');
    const refused = { message: /the answer is 401/ };
    await t.rejects(send({ ...good, body: good.body.replace('Recovered', 'Succeeded') }), refused, 'another body');
    await t.rejects(send(message(now, 'f00d', 'another key')), refused, 'another key');
    await t.rejects(send(message(now - 301_000)), refused, 'too old');
    await t.rejects(send(message(now + 600_000)), refused, 'of the future');
    const { 'cloudtask-signature': _, ...unsigned } = good.headers!;
    await t.rejects(send({ ...good, headers: unsigned }), refused, 'no signature');
    await t.rejects(
      send({ ...good, headers: { ...unsigned, 'cloudtask-signature': 'ä'.repeat(67) } }),
      refused,
      'letters',
    );
    const later = { ...good.headers!, 'cloudtask-timestamp': String(Math.floor(now / 1000) + 1) };
    await t.rejects(send({ ...good, headers: later }), refused, 'another time');
    await send(good); // again: nothing is done for it
    await send(message(now, 'beef', KEY, 'other'));
    t.equal(await next(), 'Failed other', 'of the second delivery');
    t.equal(await next(), 'Recovered b');
    t.equal(await next(), 'Test ', 'which is about no task');
  });
}

const noOpenssl = there('openssl', 'version') ? false : 'THERE IS NO openssl: its line is not tried';

t.test('docs/notifications.md: the line for openssl tells the same signature', { skip: noOpenssl }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'receiver-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const { body, headers } = message(Date.now());
  writeFileSync(join(directory, 'body.json'), body);
  const env = { ...process.env, KEY, TIMESTAMP: headers!['cloudtask-timestamp'] };
  const { stdout } = spawnSync('sh', ['-c', snippet('sh', 'openssl dgst')], { cwd: directory, env, encoding: 'utf8' });
  t.equal(`v1=${stdout.trim().split(' ').at(-1)}`, headers!['cloudtask-signature']);
});
