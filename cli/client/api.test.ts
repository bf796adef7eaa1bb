import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { systemClock } from '../../base/index.js';
import { Api, type ApiOptions } from './api.js';
import { createTrace } from './trace.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: Test, handler: Handler): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nobody listens. */
const NOBODY = 'http://127.0.0.1:1';

const client = (options: Partial<ApiOptions>): Api =>
  new Api({
    servers: [],
    timeoutMs: 5000,
    clock: systemClock,
    signal: new AbortController().signal,
    userAgent: 'test',
    ...options,
  });

const answer = (response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const failure = (code: number, reason: string, details: object = {}) => ({
  ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: `${reason} it is`, reason, code, details },
});

t.test('sends the token, reads JSON, in pieces too', async (t) => {
  const url = await serve(t, (request, response) => {
    t.equal(request.headers.authorization, 'Bearer ct_x');
    t.equal(request.url, '/path?a=b+c&watch=1');
    response.write('{"grü');
    setImmediate(() => response.end('n": "ja"}'));
  });
  t.same(await client({ servers: [url], token: 'ct_x' }).get('/path', { a: 'b c', watch: true, none: undefined }), {
    grün: 'ja',
  });
});

t.test('takes the next address when nobody listens at one, and stays there', async (t) => {
  let requests = 0;
  const url = await serve(t, (_request, response) => answer(response, 200, { n: ++requests }));
  const api = client({ servers: [NOBODY, url] });
  t.same(await api.send('POST', '/x', { body: {} }), { n: 1 });
  t.equal(api.server, url);
  t.same(await api.get('/x'), { n: 2 });
});

t.test('a refused connection is told at once', async (t) => {
  await t.rejects(client({ servers: [NOBODY] }).get('/x'), {
    ...{ code: 'CT_SERVER_UNREACHABLE', message: 'the connection to the server 127.0.0.1:1 was refused' },
  });
});

t.test('reads are tried again after passing failures, writes are not (C-77)', async (t) => {
  let requests = 0;
  const url = await serve(t, (_request, response) => {
    requests += 1;
    if (requests % 3 !== 0) answer(response, 503, failure(503, 'ServiceUnavailable'));
    else answer(response, 200, { requests });
  });
  const api = client({ servers: [url], clock: { ...systemClock, sleep: async () => undefined } });
  t.same(await api.get('/x'), { requests: 3 });
  await t.rejects(api.send('POST', '/x', { body: {} }), { code: 'CT_UNAVAILABLE' });
  t.equal(requests, 4);
});

t.test(
  'what was refused unread, or changes nothing a second time, is sent again, when the server says so (C-77)',
  async (t) => {
    let requests = 0;
    const url = await serve(t, (_request, response) => {
      requests += 1;
      const [code, reason] = requests === 1 ? [429, 'TooManyRequests'] : [503, 'ServiceUnavailable'];
      if (requests < 3) answer(response, code, failure(code, reason, { retryAfterSeconds: 7 }));
      else answer(response, 200, { requests });
    });
    const slept: number[] = [];
    const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) };
    const api = client({ servers: [url], clock });
    const sent = async (extras: object) => {
      requests = 0;
      slept.length = 0;
      const outcome = await api.send('POST', '/x', { body: {}, ...extras }).catch(({ code }) => code);
      return [outcome, slept];
    };
    t.same(await sent({}), ['CT_UNAVAILABLE', [7000]], 'a write is repeated after 429 alone');
    t.same(await sent({ query: { dryRun: 'All' } }), [{ requests: 3 }, [7000, 7000]]);
    t.same(await sent({ repeatable: true }), [{ requests: 3 }, [7000, 7000]]);
  },
);

t.test('a connection that breaks in the middle of an answer', async (t) => {
  let requests = 0;
  const url = await serve(t, (request, response) => {
    requests += 1;
    if (requests > 1) return answer(response, 200, { requests });
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"half', () => request.socket.destroy());
  });
  const api = client({ servers: [url], clock: { ...systemClock, sleep: async () => undefined } });
  t.same(await api.get('/x'), { requests: 2 });
});

t.test('a server that does not answer (C-76)', async (t) => {
  const url = await serve(t, () => undefined);
  await t.rejects(client({ servers: [url], timeoutMs: 50 }).get('/x'), { code: 'CT_TIMEOUT' });
});

t.test('a Status becomes an error of the right code', async (t) => {
  const table: [number, string, string, object?][] = [
    [400, 'BadRequest', 'CT_BAD_REQUEST'],
    [400, 'BadRequest', 'CT_MANIFEST_STRICT', { causes: [{ reason: 'FieldUnknown', field: 'spec.x', message: 'm' }] }],
    [401, 'Unauthorized', 'CT_UNAUTHORIZED'],
    [403, 'Forbidden', 'CT_FORBIDDEN'],
    [404, 'NotFound', 'CT_NOT_FOUND'],
    [405, 'MethodNotAllowed', 'CT_METHOD_NOT_ALLOWED'],
    [409, 'AlreadyExists', 'CT_ALREADY_EXISTS'],
    [409, 'Conflict', 'CT_CONFLICT'],
    [410, 'Expired', 'CT_EXPIRED'],
    [413, 'RequestEntityTooLarge', 'CT_TOO_LARGE'],
    [422, 'Invalid', 'CT_MANIFEST_INVALID'],
    [500, 'InternalError', 'CT_INTERNAL'],
    [501, 'NotImplemented', 'CT_NOT_IMPLEMENTED'],
    [504, 'Timeout', 'CT_TIMEOUT'],
    [502, 'Whatever', 'CT_INTERNAL'],
  ];
  const url = await serve(t, (request, response) => {
    const [code, reason, , details] = table[Number(request.url?.slice(1))]!;
    answer(response, code, failure(code, reason, details));
  });
  for (const [index, [, reason, code]] of table.entries()) {
    await t.rejects(
      client({ servers: [url] }).send('POST', `/${index}`),
      { code, message: `${reason} it is` },
      `${reason} ${code}`,
    );
  }
});

t.test('-v shows what goes on, but never the token (C-75)', async (t) => {
  const url = await serve(t, (_request, response) => answer(response, 200, { text: 'x'.repeat(3000) }));
  const linesAt = async (level: number): Promise<string[]> => {
    const lines: string[] = [];
    const trace = createTrace(level, (line) => lines.push(line));
    const api = client({ servers: [url], token: 'ct_secret', ...(trace === undefined ? {} : { trace }) });
    await api.send('POST', '/x', { body: { a: 1 } });
    t.notMatch(lines.join('\n'), 'ct_secret', `level ${level}`);
    return lines;
  };
  t.same(await linesAt(5), []);
  t.match(await linesAt(6), [/^POST http:\S+\/x 200 in \d+ milliseconds$/]);
  t.match((await linesAt(7)).join('\n'), /authorization: Bearer <masked>/);
  t.match((await linesAt(8)).join('\n'), /Request Body: \{"a":1\}.*\[truncated \d+ chars\]/s);
  t.notMatch((await linesAt(9)).join('\n'), /truncated/);
  t.match(await linesAt(9), [/^curl -v -X POST .*-H 'authorization: Bearer <masked>'.* -d '\{"a":1\}' 'http:\S+\/x'$/]);
});

t.test('warnings of the server are passed on once (C-90)', async (t) => {
  const url = await serve(t, (_request, response) =>
    answer(response, 200, {}, { warning: '299 - "old \\"field\\"", 299 - "two"' }),
  );
  const warnings: string[] = [];
  const api = client({ servers: [url], onWarning: (text) => warnings.push(text) });
  await api.get('/x');
  await api.get('/x');
  t.same(warnings, ['old "field"', 'two']);
});
