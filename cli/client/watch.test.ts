import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { systemClock } from '../../base/index.js';
import { Api } from './api.js';
import { listAll, listPages, type WatchedObject, watchFrom } from './watch.js';

type Thing = WatchedObject & { v: number };
const thing = (name: string, resourceVersion: number, v = 0): Thing => ({
  kind: 'Thing',
  metadata: { name, uid: `u-${name}`, resourceVersion: String(resourceVersion) },
  v,
});

type Play = (query: URLSearchParams, response: ServerResponse, number: number) => unknown;

async function serve(t: Test, play: Play): Promise<Api> {
  let connections = 0;
  const server = createServer((request, response) => {
    connections += 1;
    play(new URL(request.url ?? '', 'http://x').searchParams, response, connections);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = { ...systemClock, sleep: async () => undefined };
  return new Api({ servers: [url], timeoutMs: 5000, clock, signal: new AbortController().signal, userAgent: 'test' });
}

const send = (response: ServerResponse, type: string, object: unknown) =>
  response.write(`${JSON.stringify({ type, object })}\n`);

async function take(count: number, events: AsyncIterable<{ type: string; object: Thing }>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { type, object } of events) {
    seen.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`);
    if (seen.length === count) break;
  }
  return seen;
}

t.test('goes on from the last version through breaks, closed watches and bookmarks', async (t) => {
  const versions: (string | null)[] = [];
  const api = await serve(t, (query, response, number) => {
    versions.push(query.get('resourceVersion'));
    if (number === 1) {
      send(response, 'ADDED', thing('a', 11));
      send(response, 'BOOKMARK', thing('', 15));
      return void response.write('{"type":"ADD', () => response.destroy());
    }
    if (number === 2) {
      send(response, 'MODIFIED', thing('a', 16));
      return response.end();
    }
    return send(response, 'DELETED', thing('a', 17));
  });
  const list = { metadata: { resourceVersion: '10' }, items: [] };
  t.same(await take(3, watchFrom<Thing>(api, '/things', {}, list)), ['ADDED a@11', 'MODIFIED a@16', 'DELETED a@17']);
  t.same(versions, ['10', '15', '16']);
});

t.test('lists again when the version is forgotten, and tells only the difference (A-23, C-44)', async (t) => {
  for (const form of ['status', 'event']) {
    const api = await serve(t, (query, response, number) => {
      const status = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: 'too old' };
      if (number === 1) {
        if (form === 'status') return response.writeHead(410).end(JSON.stringify(status));
        return send(response, 'ERROR', status);
      }
      if (!query.has('watch')) {
        const items = [thing('same', 2), thing('changed', 30), thing('new', 31)];
        return response.end(JSON.stringify({ metadata: { resourceVersion: '40' }, items }));
      }
      t.equal(query.get('resourceVersion'), '40');
      return send(response, 'ADDED', thing('later', 41));
    });
    const list = {
      metadata: { resourceVersion: '5' },
      items: [thing('same', 2), thing('changed', 3), thing('gone', 4)],
    };
    const events = await take(4, watchFrom<Thing>(api, '/things', {}, list));
    t.same(events, ['DELETED gone@4', 'MODIFIED changed@30', 'ADDED new@31', 'ADDED later@41'], form);
  }
});

t.test('a consumer that lists by itself is told that the version is forgotten', async (t) => {
  const api = await serve(t, (query, response, number) => {
    const status = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: 'too old' };
    if (number === 1) {
      send(response, 'ADDED', thing('a', 11));
      send(response, 'ADDED', thing('b', 12));
      response.end();
    } else response.writeHead(query.has('watch') ? 410 : 500).end(JSON.stringify(status));
  });
  const list = { metadata: { resourceVersion: '10' }, items: [] };
  const nothing = () => undefined;
  const seen: string[] = [];
  const watch = async () => {
    for await (const { type, object } of watchFrom<Thing>(api, '/things', {}, list, nothing, nothing, true))
      seen.push(`${type} ${object.metadata.name}`);
  };
  await t.rejects(watch(), { code: 'CT_EXPIRED' });
  t.same(seen, ['ADDED a', 'ADDED b']);
});

t.test('a center that is away is told once and waited for', async (t) => {
  const api = await serve(t, (_query, response, number) => {
    if (number < 5) return response.writeHead(503).end('{"kind":"Status","code":503,"reason":"ServiceUnavailable"}');
    return send(response, 'ADDED', thing('a', 11));
  });
  let troubles = 0;
  const list = { metadata: { resourceVersion: '10' }, items: [] };
  t.same(
    await take(
      1,
      watchFrom<Thing>(api, '/t', {}, list, () => {
        troubles += 1;
      }),
    ),
    ['ADDED a@11'],
  );
  t.equal(troubles, 1);
});

t.test('a refusal ends the watch', async (t) => {
  const api = await serve(t, (_query, response) =>
    response.writeHead(403).end('{"kind":"Status","code":403,"reason":"Forbidden"}'),
  );
  const list = { metadata: { resourceVersion: '10' }, items: [] };
  await t.rejects(take(1, watchFrom<Thing>(api, '/t', {}, list)), { code: 'CT_FORBIDDEN' });
});

t.test('a long list comes in pages', async (t) => {
  const asked: string[] = [];
  const api = await serve(t, (query, response, number) => {
    asked.push(`${query.get('limit')} ${query.get('continue')}`);
    const more = number < 3 ? { continue: `c${number}` } : {};
    response.end(JSON.stringify({ metadata: { resourceVersion: '9', ...more }, items: [thing(`t${number}`, number)] }));
  });
  const list = await listAll<Thing>(api, '/things', {}, 1);
  t.same(
    list.items.map(({ metadata }) => metadata.name),
    ['t1', 't2', 't3'],
  );
  t.same(asked, ['1 null', '1 c1', '1 c2']);
});

t.test('a list whose snapshot is forgotten goes on as it is now, or begins again (A-22)', async (t) => {
  const asked: string[] = [];
  let expired = true;
  const api = await serve(t, (query, response) => {
    const token = query.get('continue');
    asked.push(String(token));
    if (token === 'old' && expired) {
      expired = false;
      const status = { kind: 'Status', code: 410, reason: 'Expired', metadata: { continue: 'fresh' } };
      response.writeHead(410).end(JSON.stringify(status));
      return;
    }
    const more = token === null ? { continue: 'old' } : {};
    response.end(JSON.stringify({ metadata: { resourceVersion: '9', ...more }, items: [thing(`t-${token}`, 1)] }));
  });
  const names: string[] = [];
  for await (const { items } of listPages<Thing>(api, '/things'))
    names.push(...items.map(({ metadata }) => metadata.name));
  t.same(names, ['t-null', 't-fresh']);
  expired = true;
  const list = await listAll<Thing>(api, '/things');
  t.same(
    list.items.map(({ metadata }) => metadata.name),
    ['t-null', 't-old'],
  );
  t.same(asked, ['null', 'old', 'fresh', 'null', 'old', 'null', 'old']);
});
