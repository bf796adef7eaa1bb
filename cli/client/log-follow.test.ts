// Readers of logs against a server that breaks connections where it hurts.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { systemClock } from '../../base/index.js';
import { Api } from './api.js';
import { type LogEnd, type LogRequest, readLog } from './log-follow.js';

interface Connection {
  readonly query: URLSearchParams;
  piece(offset: number, text: string, attempt?: number): void;
  ping(attempt: number, nextOffset: number): void;
  end(): void;
  /** Half a line, then nothing more. */
  breakOff(): void;
  refuse(code: number, reason: string): void;
}

async function serve(t: Test, play: (connection: Connection, number: number) => void): Promise<Api> {
  let connections = 0;
  const server = createServer((request, response) => {
    connections += 1;
    play(connectionOf(new URL(request.url ?? '', 'http://x').searchParams, response), connections);
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

function connectionOf(query: URLSearchParams, response: ServerResponse): Connection {
  const line = (value: object) => response.write(`${JSON.stringify(value)}\n`);
  return {
    query,
    piece(offset, text, attempt = 1) {
      const nextOffset = offset + Buffer.byteLength(text);
      line({
        offset,
        nextOffset,
        attempt,
        stream: 'stdout',
        time: '2026-11-22T00:00:00.000Z',
        data: Buffer.from(text).toString('base64'),
      });
    },
    ping: (attempt, nextOffset) => line({ ping: true, attempt, nextOffset }),
    end() {
      line({ end: true, attempt: 1, state: 'Succeeded', exitCode: 0 });
      response.end();
    },
    breakOff: () => void response.write('{"offset":', () => response.destroy()),
    refuse(code, reason) {
      response
        .writeHead(code)
        .end(JSON.stringify({ kind: 'Status', status: 'Failure', code, reason, message: reason }));
    },
  };
}

const request: LogRequest = { namespace: 'default', run: 'r', follow: true };

async function readAll(
  api: Api,
  options: LogRequest,
): Promise<{ text: string; end: LogEnd | undefined; troubles: number }> {
  let text = '';
  let troubles = 0;
  const pieces = readLog(api, options, () => {
    troubles += 1;
  });
  for (;;) {
    const next = await pieces.next();
    if (next.done) return { text, end: next.value, troubles };
    text += next.value.bytes.toString();
  }
}

t.test('goes on where it was, without loss or repetition', async (t) => {
  const asked: (string | null)[] = [];
  const api = await serve(t, (connection, number) => {
    asked.push(connection.query.get('from'));
    if (number === 1) {
      connection.piece(0, 'one ');
      connection.piece(4, 'two ');
      return connection.breakOff();
    }
    // Starts at the piece's beginning, so part of it has been seen.
    connection.piece(4, 'two three ');
    if (number === 2) return connection.breakOff();
    connection.piece(14, 'four', 1);
    connection.piece(0, 'again', 2);
    connection.end();
  });
  t.same(await readAll(api, request), {
    ...{
      text: 'one two three fouragain',
      end: { end: true, attempt: 1, state: 'Succeeded', exitCode: 0 },
      troubles: 2,
    },
  });
  t.same(asked, [null, '1:8', '1:14']);
});

t.test('a limit from the end only says where to begin', async (t) => {
  const asked: string[] = [];
  const api = await serve(t, (connection, number) => {
    asked.push(connection.query.toString());
    if (number === 1) {
      connection.ping(1, 100);
      return connection.breakOff();
    }
    connection.piece(100, 'new');
    connection.end();
  });
  t.equal((await readAll(api, { ...request, tail: 0 })).text, 'new');
  t.same(asked, ['follow=1&tail=0', 'follow=1&from=1%3A100']);
});

t.test('a center that is away for a while, and comes back without the last bytes', async (t) => {
  const api = await serve(t, (connection, number) => {
    if (number === 1) {
      connection.piece(0, 'abc');
      return connection.breakOff();
    }
    if (number === 2) return connection.refuse(503, 'ServiceUnavailable');
    if (number === 3) return connection.refuse(400, 'BadRequest');
    connection.piece(3, 'def');
    connection.end();
  });
  t.match(await readAll(api, request), { text: 'abcdef', troubles: 1 });
});

t.test('what is refused at first is an answer', async (t) => {
  const api = await serve(t, (connection) => connection.refuse(404, 'NotFound'));
  await t.rejects(readAll(api, request), { code: 'CT_NOT_FOUND' });
  const gone = new Api({
    servers: ['http://127.0.0.1:1'],
    timeoutMs: 50,
    clock: systemClock,
    signal: new AbortController().signal,
    userAgent: 'x',
  });
  await t.rejects(readAll(gone, request), { code: 'CT_SERVER_UNREACHABLE' });
});

t.test('without follow it ends with what there is', async (t) => {
  const short = await serve(t, (connection, number) => {
    if (number === 1) {
      connection.piece(0, 'so ');
      return connection.breakOff();
    }
    connection.piece(3, 'far');
    connection.end();
  });
  t.match(await readAll(short, { ...request, follow: false }), { text: 'so far' });
});

t.test('reading begins where it is told to, and goes on from there', async (t) => {
  const asked: (string | null)[] = [];
  const api = await serve(t, (connection, number) => {
    asked.push(connection.query.get('from'), connection.query.get('tail'));
    if (number === 1) {
      connection.piece(40, 'here\n', 2);
      connection.breakOff();
    } else connection.end();
  });
  const { text } = await readAll(api, { ...request, tail: 5, from: { attempt: 2, offset: 40 } });
  t.equal(text, 'here\n');
  t.same(asked, ['2:40', null, '2:45', null]);
});
