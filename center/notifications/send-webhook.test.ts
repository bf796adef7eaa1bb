import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { Notification } from '../store/notifications/notification-book.js';
import { checkedAddress, isPublic } from './allowed-hosts.js';
import { sendWebhook, signatureOf, webhookBody } from './send-webhook.js';

const about = { id: 'f00d', namespace: 'billing', notifier: 'hook' };
const never = new AbortController().signal;
const NOW = Date.UTC(2026, 0, 1);
const failed: Notification = {
  ...{ id: 1, event: 'Failed', attempts: 1 },
  facts: {
    ...{ about: 'Run', uid: 'u', name: 'report-1', namespace: 'billing', task: 'report', slot: '', state: 'Failed' },
    ...{ trigger: 'Schedule', attempts: 1, exitCode: 3, startTime: NOW, endTime: NOW + 1000 },
    failing: { since: NOW + 1000, runs: 1 },
  },
};

/** A program on loopback that answers each request with `status`; 0: never. */
async function program(t: Test, status: number, headers: Record<string, string> = {}) {
  const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      requests.push({ headers: request.headers, body });
      if (status !== 0) response.writeHead(status, headers).end('secret things');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { requests, port, url: `http://127.0.0.1:${port}/hook` };
}

const ways = (url: string, port: number) => ({ url, allowed: [`127.0.0.1:${port}`], signal: never, now: NOW });

t.test('JSON with times, a name for repetitions and a signature that proves all of it', async (t) => {
  const { requests, url, port } = await program(t, 204);
  const body = webhookBody(about, [failed]);
  await sendWebhook(body, about, { ...ways(url, port), secret: 'hunter2' });
  const [request] = requests;
  t.match(JSON.parse(request!.body), {
    ...{ id: 'f00d', notifier: { namespace: 'billing', name: 'hook' } },
    events: [
      {
        ...{ event: 'Failed', task: 'report', exitCode: 3, endTime: '2026-01-01T00:00:01.000Z' },
        failing: { since: '2026-01-01T00:00:01.000Z', runs: 1 },
      },
    ],
  });
  const { 'cloudtask-timestamp': seconds, 'cloudtask-signature': signature } = request!.headers;
  t.equal(seconds, String(NOW / 1000));
  t.equal(signature, signatureOf('hunter2', NOW / 1000, request!.body));
  t.not(signature, signatureOf('hunter2', NOW / 1000, `${request!.body} `));
  t.equal(request!.headers['cloudtask-delivery'], 'f00d');
});

t.test('only what was asked for is reached, and nothing of the answer is told', async (t) => {
  const { requests, port } = await program(t, 200);
  const moved = await program(t, 302, { location: `http://127.0.0.1:${port}/` });
  const refused = /answer is 302, and no other URL is followed/;
  await t.rejects(sendWebhook('{}', about, ways(moved.url, moved.port)), { message: refused, certain: true });
  const broken = await program(t, 500);
  await t.rejects(sendWebhook('{}', about, ways(broken.url, broken.port)), { message: /: the answer is 500$/ });
  const plain = { ...ways(`http://127.0.0.1:${port}/`, port), allowed: [] };
  await t.rejects(sendWebhook('{}', about, plain), { message: /plain http is for hosts that the center allows/ });
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254', '[::ffff:127.0.0.1]', '10.1.2.3', '0']) {
    const inside = { ...plain, url: `https://${host}:${port}/` };
    await t.rejects(sendWebhook('{}', about, inside), { message: /is not of the internet/, certain: true }, host);
  }
  t.same(requests, []);
});

t.test('a program that says nothing is given up', async (t) => {
  const { url, port } = await program(t, 0);
  const asked = ways(url, port);
  await t.rejects(sendWebhook('{}', about, asked), { message: /does not answer in time/, certain: false });
});

t.test('addresses of the internet, and those that are not', async (t) => {
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111']) t.ok(isPublic(address), address);
  const others = ['127.0.0.1', '0.0.0.0', '172.16.0.1', '192.168.1.1', '100.64.0.1', '169.254.169.254', '224.0.0.1'];
  const v6 = [
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'x',
  ];
  for (const address of [...others, ...v6]) t.notOk(isPublic(address), address);
  t.equal(await checkedAddress('LOCALHOST', 25, ['localhost']), await checkedAddress('localhost', 25, ['*']));
  await t.rejects(checkedAddress('localhost', 25, ['localhost:26', 'local']), {
    message: /--notify-allow localhost:25/,
  });
});
