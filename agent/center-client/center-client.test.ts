import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { CenterClient } from './center-client.js';

const never = new AbortController().signal;

/** A center that takes everything while `state.away` is false. */
async function center(t: Test) {
  const state = { away: false, posts: [] as string[] };
  const server = createServer(async (request, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (state.away) return void response.writeHead(503).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.method === 'GET') return void response.write('{"type":"Ping"}\n'); // it stays open
    state.posts.push(`${request.url?.split('/').at(-1)} ${body}`);
    response.end('{"taken":true}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state };
}

t.test('what a center has asked is answered to that one', async (t) => {
  const [first, second] = [await center(t), await center(t)];
  const client = new CenterClient({ agent: 'a', urls: [first.url, second.url], token: () => 'ct_test' });
  t.teardown(() => client.close());
  first.state.away = true;
  await t.rejects(client.openStream('requests', never), { code: 'CT_UNAVAILABLE' });
  const stream = await client.openStream('requests', never);
  for await (const _ of stream) break;
  first.state.away = false;
  // Something else fails there, and turns the agent to the first one; the stream stays where it is.
  second.state.away = true;
  await t.rejects(client.sendJson('POST', 'reports', {}), { code: 'CT_UNAVAILABLE' });
  second.state.away = false;
  await client.sendJson('POST', 'reports', {});
  t.same(await client.answer('own-log', '{"id":"x"}', never), { taken: true });
  t.same(first.state.posts, ['reports {}']);
  t.same(second.state.posts, ['own-log {"id":"x"}']);
});
