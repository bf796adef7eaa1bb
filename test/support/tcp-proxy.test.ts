import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { TcpProxy } from './tcp-proxy.js';

type Test = typeof t;

/** An echo server, a proxy to it and a client of the proxy. */
async function chain(t: Test) {
  const arrived: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      arrived.push(chunk.toString());
      server.emit('arrived');
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await TcpProxy.start({ port: (server.address() as AddressInfo).port });
  t.teardown(async () => {
    await proxy.stop();
    server.close();
  });
  const client = async (): Promise<Socket> => {
    const socket = connect(proxy.port, proxy.host);
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined); // the proxy resets it
    await once(socket, 'connect');
    return socket;
  };
  return { proxy, server, arrived, client };
}

/** `once` of node:events would reject with the reset that is wanted here. */
const closing = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.on('close', () => resolve()));

const text = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

t.test('passes both ways, and is cut', async (t) => {
  const { proxy, client } = await chain(t as Test);
  const socket = await client();
  socket.write('a');
  t.equal(await text(socket), 'a');
  t.equal(proxy.open, 1);
  const closed = closing(socket);
  proxy.cut();
  await closed;
  t.equal(proxy.open, 0);
  const next = await client();
  next.write('b');
  t.equal(await text(next), 'b');
  t.equal(proxy.accepted, 2);
});

t.test('drops one direction, then passes again on the same connection', async (t) => {
  const { proxy, server, arrived, client } = await chain(t as Test);
  const socket = await client();
  socket.write('1');
  await text(socket);
  proxy.drop('toClient', true);
  const there = once(server, 'arrived');
  socket.write('2');
  await there;
  while (proxy.swallowedBytes === 0) await new Promise((resolve) => setImmediate(resolve));
  proxy.drop('toClient', false);
  socket.write('3');
  t.equal(await text(socket), '3', 'the answer to 2 was swallowed');
  t.same(arrived, ['1', '2', '3']);
});

t.test('refuses, and delays', async (t) => {
  const { proxy, client } = await chain(t as Test);
  proxy.refuse(true);
  const refused = connect(proxy.port, proxy.host);
  refused.on('error', () => undefined); // a reset is a refusal as well
  await closing(refused);
  proxy.refuse(false);
  proxy.delay(50);
  const socket = await client();
  const from = performance.now();
  socket.write('slow');
  t.equal(await text(socket), 'slow');
  t.ok(performance.now() - from >= 95, '50 ms each way');
});

t.test('loses the reply to a chosen request, after the server has sent it', async (t) => {
  const { proxy, arrived, client } = await chain(t as Test);
  const socket = await client();
  const packet = (xid: number, opcode: number): Buffer => {
    const bytes = Buffer.alloc(12);
    bytes.writeInt32BE(8, 0);
    bytes.writeInt32BE(xid, 4);
    bytes.writeInt32BE(opcode, 8);
    return bytes;
  };
  socket.write(packet(0, 0)); // stands for the connect request
  await text(socket);
  const lost = proxy.loseReply(({ opcode }) => opcode === 5);
  socket.write(packet(1, 4));
  await text(socket);
  const closed = closing(socket);
  socket.write(packet(2, 5));
  await Promise.all([lost, closed]);
  t.equal(arrived.length, 3, 'the server had it');
});
