import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { checkedAddress, isPublic, requireAllowedHosts } from './allowed-hosts.js';
import type { WebhookMessage } from './formats/webhook-format.js';
import { sendWebhook } from './send-webhook.js';

const never = new AbortController().signal;
const hello: readonly WebhookMessage[] = [{ body: '{}' }];

/** A program on loopback that answers each request with `status`; 0: never. */
async function program(
  t: Test,
  status: number | ((body: string) => number),
  { host = '127.0.0.1', port = 0, headers = {}, answer = 'secret things' }: Place = {},
) {
  const requests: { headers: IncomingMessage['headers']; url: string; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      requests.push({ headers: request.headers, url: request.url ?? '', body });
      const code = typeof status === 'number' ? status : status(body);
      if (code !== 0) response.writeHead(code, headers).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = (server.address() as AddressInfo).port;
  return { requests, port: at, url: `http://${host}:${at}/hook` };
}
interface Place {
  readonly host?: string;
  readonly port?: number;
  readonly headers?: Record<string, string>;
  readonly answer?: string;
}

const ways = (url: string, port: number) => ({ url, allowed: [`127.0.0.1:${port}`], signal: never });

t.test('each message is one request, with its headers and what the URL gets besides', async (t) => {
  const { requests, url, port } = await program(t, 204);
  const messages = [
    { body: '{"a":1}', headers: { 'cloudtask-delivery': 'f00d' } },
    { body: '{}', query: { sign: 'a+/=&x' } },
  ];
  await sendWebhook(messages, ways(`${url}?access_token=t`, port));
  t.equal(requests.length, 2);
  const first = requests.find(({ body }) => body === '{"a":1}')!;
  t.match(first, { url: '/hook?access_token=t', headers: { 'cloudtask-delivery': 'f00d', 'user-agent': 'CloudTask' } });
  const second = requests.find(({ body }) => body === '{}')!;
  t.same(
    [...new URL(second.url, url).searchParams],
    [
      ['access_token', 't'],
      ['sign', 'a+/=&x'],
    ],
  );
});

t.test('only what was asked for is reached, and nothing of the answer is told', async (t) => {
  const { requests, port } = await program(t, 200);
  const moved = await program(t, 302, { headers: { location: `http://127.0.0.1:${port}/` } });
  const refused = /answer is 302, and no other URL is followed/;
  await t.rejects(sendWebhook(hello, ways(moved.url, moved.port)), { message: refused, certain: true });
  const broken = await program(t, 500);
  await t.rejects(sendWebhook(hello, ways(broken.url, broken.port)), { message: /: the answer is 500$/ });
  t.same(requests, []);
});

t.test('what is refused of several messages is nothing against the others', async (t) => {
  const answer = (body: string) => (body.includes('bad') ? 400 : body.includes('busy') ? 503 : 202);
  const { requests, url, port } = await program(t, answer);
  const send = (bodies: readonly string[], apart = true) =>
    sendWebhook(
      bodies.map((body, place) => ({
        body: JSON.stringify(body),
        ...(apart ? { of: [2 * place, 2 * place + 1] } : {}),
      })),
      ways(url, port),
    );
  const many = [...Array.from({ length: 12 }, () => 'bad'), 'good', 'good'];
  await t.rejects(send(many), { message: /400/, certain: true, onlyThese: true, arrived: [24, 25, 26, 27] });
  t.equal(requests.length, 14, 'more are refused than are sent at a time');
  await t.rejects(send(['bad']), { message: /400/, onlyThese: true, arrived: [] });
  await t.rejects(send(['bad', 'bad']), { message: /400/, onlyThese: true }, 'a few may all be wrong');
  await t.rejects(
    send(Array.from({ length: 9 }, () => 'bad')),
    { message: /400/, onlyThese: false },
    'whoever refuses everything means who asks',
  );
  await t.rejects(send(['bad', 'busy', 'good']), { message: /503/, certain: true, onlyThese: false, arrived: [4, 5] });
  await t.rejects(
    send(['bad', 'good'], false),
    { message: /400/, certain: false, onlyThese: false, arrived: [] },
    'who cannot tell',
  );
});

t.test('who is told too much says how long to leave it alone', async (t) => {
  const busy = await program(t, 429, { headers: { 'retry-after': '30' } });
  await t.rejects(sendWebhook(hello, ways(busy.url, busy.port)), { message: /answer is 429$/, retryAfterMs: 30_000 });
  const odd = await program(t, 503, { headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' } });
  await t.rejects(sendWebhook(hello, ways(odd.url, odd.port)), { message: /answer is 503$/, retryAfterMs: 0 });
});

t.test('where the answer is always 200, its errcode counts', async (t) => {
  const says = async (answer: string) => {
    const { url, port } = await program(t, 200, { answer });
    return sendWebhook(hello, { ...ways(url, port), errcode: true });
  };
  await says('{"errcode":0,"errmsg":"ok"}');
  await t.rejects(says('{"errcode":93000,"errmsg":"invalid webhook url"}'), { message: /: the errcode is 93000$/ });
  for (const answer of ['secret things', '{"errcode":"0"}', '', 'x'.repeat(200_000)]) {
    await t.rejects(says(answer), { message: /: the answer has no errcode$/, certain: true });
  }
});

t.test('when some of several have arrived, nothing is sure of the others', async (t) => {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(++count === 1 ? 200 : 500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const messages = Array.from({ length: 3 }, () => ({ body: '{}' }));
  const sent = sendWebhook(messages, ways(`http://127.0.0.1:${port}/`, port));
  await t.rejects(sent, { message: /the answer is 500/, certain: false });
});

t.test('a URL that is a secret is in no error', async (t) => {
  const label = 'the URL in secret "slack"';
  const silent = await program(t, 500);
  const all = [
    ways(`http://127.0.0.1:${silent.port}/hidden`, silent.port),
    { ...ways(`http://127.0.0.1:${silent.port}/hidden`, silent.port), allowed: [] },
    { ...ways('https://127.0.0.1/hidden', 1), allowed: [] },
    { ...ways('https://hidden.invalid/hidden', 1), allowed: [] },
    { ...ways('gopher://hidden.invalid/', 1), allowed: [] },
    { ...ways('https://hidden:hidden@127.0.0.1/', 1), allowed: [] },
    { ...ways('hidden', 1), allowed: [] },
    { ...ways('http://127.0.0.1:1/hidden', 1), allowed: ['*'] },
    { ...ways(`https://127.0.0.1:${silent.port}/hidden`, silent.port) },
  ];
  for (const one of all) {
    const error = await sendWebhook(hello, { ...one, label }).then(
      () => t.fail(one.url),
      (reason: Error) => reason,
    );
    t.match((error as Error).message, /^the URL in secret "slack"/, one.url);
    t.notMatch((error as Error).message, /hidden|127\.0/, one.url);
  }
});

t.test('a program that says nothing is given up', async (t) => {
  const { url, port } = await program(t, 0);
  const asked = ways(url, port);
  await t.rejects(sendWebhook(hello, asked), { message: /does not answer in time/, certain: false });
});

const INSIDE = /is not of the internet, and the center does not allow it \(ctask center --notify-allow /;
const PORT = /: ports other than 443 are only for hosts that the center allows/;

/** Ways to say "this machine", "this network" or "the cloud's metadata" that are no plain address, and others of the trade. */
const FORGED: readonly (readonly [what: string, url: string, error: RegExp])[] = [
  ['loopback', 'https://127.0.0.1/', INSIDE],
  ['another address of loopback', 'https://127.8.8.8/', INSIDE],
  ['decimal', 'https://2130706433/', INSIDE],
  ['octal', 'https://0177.0.0.1/', INSIDE],
  ['octal, all of it', 'https://017700000001/', INSIDE],
  ['hexadecimal', 'https://0x7f.0.0.1/', INSIDE],
  ['hexadecimal, all of it', 'https://0x7f000001/', INSIDE],
  ['parts left out', 'https://127.1/', INSIDE],
  ['wide digits', 'https://１２７.０.０.１/', INSIDE],
  ['digits in circles', 'https://①②⑦.⓪.⓪.①/', INSIDE],
  ['written with percent signs', 'https://%31%32%37.0.0.1/', INSIDE],
  ['a point at the end', 'https://127.0.0.1./', INSIDE],
  ['nowhere', 'https://0.0.0.0/', INSIDE],
  ['nowhere, short', 'https://0/', INSIDE],
  ['a name of loopback', 'https://localhost/', INSIDE],
  ['in capitals', 'https://LOCALHOST/', INSIDE],
  ['version 6', 'https://[::1]/', INSIDE],
  ['version 6, nowhere', 'https://[::]/', INSIDE],
  ['version 4 in 6', 'https://[::ffff:127.0.0.1]/', INSIDE],
  ['version 4 in 6, in hexadecimal', 'https://[::ffff:7f00:1]/', INSIDE],
  ['version 4 in 6, the old way', 'https://[::127.0.0.1]/', INSIDE],
  ['NAT64', 'https://[64:ff9b::7f00:1]/', INSIDE],
  ['NAT64 of a network', 'https://[64:ff9b:1::a00:1]/', INSIDE],
  ['6to4', 'https://[2002:7f00:1::]/', INSIDE],
  ['Teredo', 'https://[2001:0:7f00:1::]/', INSIDE],
  ['link-local', 'https://169.254.1.1/', INSIDE],
  ['link-local, version 6', 'https://[fe80::1]/', INSIDE],
  ['unique local', 'https://[fd00:ec2::254]/', INSIDE],
  ['metadata of a cloud', 'https://169.254.169.254/latest/meta-data/', INSIDE],
  ['the same, decimal', 'https://2852039166/', INSIDE],
  ['the same, in version 6', 'https://[::ffff:a9fe:a9fe]/', INSIDE],
  ['metadata of another cloud', 'https://100.100.100.200/', INSIDE],
  ['private, 10', 'https://10.1.2.3/', INSIDE],
  ['private, 172', 'https://172.31.255.255/', INSIDE],
  ['private, 192', 'https://192.168.0.1/', INSIDE],
  ['of a provider', 'https://100.64.0.1/', INSIDE],
  ['to all', 'https://255.255.255.255/', INSIDE],
  ['to many', 'https://224.0.0.1/', INSIDE],
  ['to many, version 6', 'https://[ff02::1]/', INSIDE],
  ['a user', 'https://hooks.example.com@127.0.0.1/', /: a URL with a user or a password is not used/],
  ['a password', 'https://a:b@hooks.example.com/', /: a URL with a user or a password is not used/],
  ['a backslash', 'https://127.0.0.1\\@hooks.example.com/', INSIDE],
  [
    'plain http',
    'http://8.8.8.8/',
    /: plain http is only for hosts that the center allows \(ctask center --notify-allow 8\.8\.8\.8:80\)$/,
  ],
  ['a file', 'file:///etc/passwd', /: webhooks are https, not file/],
  ['gopher', 'gopher://127.0.0.1:25/_HELO', /: webhooks are https, not gopher/],
  ['data', 'data:text/plain,hello', /: webhooks are https, not data/],
  ['ftp', 'ftp://8.8.8.8/', /: webhooks are https, not ftp/],
  ['a port of mail', 'https://8.8.8.8:25/', PORT],
  ['a port of a database', 'https://8.8.8.8:5432/', PORT],
  ['no URL', 'hooks.example.com', /: it is no URL/],
  ['port 0', 'https://127.0.0.1:0/', PORT],
];

t.test('what only the center can reach is not reached, however it is written', async (t) => {
  for (const [what, url, message] of FORGED) {
    const sent = sendWebhook(hello, { url, allowed: [], signal: never });
    await t.rejects(sent, { name: 'DeliveryError', message, certain: true }, `${what}: ${url}`);
  }
});

t.test(
  'a name that leads elsewhere by the time of the connection',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const first = await program(t, 200);
    const later = await program(t, 200, { host: '127.0.0.2', port: first.port });
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let asked = 0;
    const resolve = async () => answers[Math.min(asked++, 1)]!;
    const url = `http://moves.example:${first.port}/`;
    await sendWebhook(hello, { url, allowed: ['moves.example'], signal: never, resolve });
    t.equal(asked, 1, 'nobody asks again');
    t.equal(first.requests.length, 1);
    t.equal(first.requests[0]!.headers.host, `moves.example:${first.port}`);
    t.same(later.requests, []);
    const mixed = {
      url: 'https://both.example/',
      allowed: [],
      signal: never,
      resolve: async () => ['8.8.8.8', '10.0.0.1'],
    };
    await t.rejects(sendWebhook(hello, mixed), { message: INSIDE }, 'one address of several is enough');
  },
);

t.test('mail servers are no way in either', async (t) => {
  const hosts = [
    ...['127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0', '0.0.0.0', 'localhost', '10.0.0.1'],
    ...['::1', '::', '::ffff:127.0.0.1', '64:ff9b::7f00:1', 'fe80::1', '169.254.169.254'],
  ];
  for (const host of hosts) {
    // What no name service takes for an address is refused by that.
    const message = /is not of the internet, and the center does not allow it|: .*\(E[A-Z_]+\)$/;
    await t.rejects(checkedAddress(host, 25, { allowed: [] }), { name: 'DeliveryError', message, certain: true }, host);
  }
});

t.test('addresses of the internet, and those that are not', async (t) => {
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111']) t.ok(isPublic(address), address);
  for (const address of ['127.0.0.1', '64:ff9b::7f00:1', '::ffff:8.8.8.8', '2001:db8::1', 'x'])
    t.notOk(isPublic(address), address);
  const any = await checkedAddress('localhost', 25, { allowed: ['*'] });
  t.equal(await checkedAddress('LOCALHOST', 25, { allowed: ['localhost'] }), any);
  await t.rejects(checkedAddress('localhost', 25, { allowed: ['localhost:26', 'local'] }), {
    message: /--notify-allow localhost:25/,
  });
});

t.test('what is allowed is a host, or it is refused at the start', async (t) => {
  for (const entry of ['*', 'a', 'a.example:25', 'my_host', '10.0.0.1:1', '::1', '[::1]', '[::1]:65535', 'A.example'])
    t.doesNotThrow(() => requireAllowedHosts(['localhost', entry]), entry);
  for (const entry of [
    'http://x',
    'a/b',
    '*.a',
    'a:',
    'a:0',
    'a:65536',
    'a:b',
    'a b',
    '[a]',
    '[::1',
    '@a',
    '10.0.0.0/8',
  ])
    t.throws(() => requireAllowedHosts(['localhost', entry]), {
      ...{
        code: 'CT_CONFIG_INVALID',
        message: `notifyAllow: "${entry}": an entry is a host, host:port, or "*" for all`,
      },
    });
});
