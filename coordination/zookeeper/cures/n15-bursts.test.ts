// N15: the library calls itself once per reply that has arrived and copies all that is still to be read each time, and
// what a callback throws ends the reading of the rest.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import t from 'tap';
import { FrameReader } from '../frame-reader.js';
import { bare, Counter, ours, turns } from './clients.js';
import { dataPayload, notificationBody, RawServer, replyBody, statPayload } from './raw-server.js';

const run = promisify(execFile);

/** Holds its answers back until the third read and then sends them all in one packet. */
async function holdingServer() {
  const held: Buffer[] = [];
  return RawServer.start(({ connection, index, xid, opcode }) => {
    if (index === 0) return connection.greet(4000);
    if (opcode === 4 || opcode === 3) held.push(replyBody(xid, 0, opcode === 4 ? dataPayload('x') : statPayload()));
    if (held.length === 3) connection.burst([notificationBody(3, '/a'), ...held.splice(0)]);
  });
}

t.test('bare: a callback that throws keeps the replies behind it', async (t) => {
  const server = await holdingServer();
  t.teardown(() => server.stop());
  const program = `
    const client = require(${JSON.stringify(createRequire(import.meta.url).resolve('node-zookeeper-client'))})
      .createClient(${JSON.stringify(server.address)});
    process.on('uncaughtException', () => setImmediate(() => setImmediate(() => {
      console.log('uncaught,', called, 'called back');
      process.exit(0);
    })));
    let called = 0;
    client.on('connected', () => {
      client.getData('/a', () => { called++; throw new Error('a defect of a listener'); });
      client.getData('/b', () => { called++; });
      client.getData('/c', () => { called++; });
    });
    client.connect();`;
  const { stdout } = await run(process.execPath, ['-e', program]);
  t.equal(stdout, 'uncaught, 1 called back\n');
});

t.test('cured: it crashes as an uncaught error, and every reply arrives', async (t) => {
  const server = await holdingServer();
  t.teardown(() => server.stop());
  const path = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    const { openCoordinator } = await import(${path('../zookeeper-coordinator.ts')});
    const { silentLogger, systemClock } = await import(${path('../../../base/index.ts')});
    const uncaught = [];
    process.on('uncaughtException', (error) => uncaught.push(error.message));
    const coordinator = openCoordinator({
      connectString: ${JSON.stringify(server.address)}, sessionTimeoutMs: 4000, clock: systemClock, log: silentLogger,
    });
    const fail = (what) => () => { throw new Error(what); };
    coordinator.onState((state) => state === 'connected' && fail('state')());
    await coordinator.connected();
    const reads = [coordinator.exists('/a', fail('watcher')), coordinator.getData('/b'), coordinator.getData('/c')];
    const results = await Promise.all(reads);
    await coordinator.detach();
    await new Promise(setImmediate);
    console.log(results.length, uncaught.join());`;
  const { stdout } = await run(process.execPath, ['--import=tsx', '--input-type=module', '-e', program]);
  t.equal(stdout, '3 state,watcher\n');
});

t.test('cured: a burst costs the same per reply, however long it is', async (t) => {
  const measure = async (client: 'bare' | 'ours', events: number): Promise<number> => {
    const seen = new Counter();
    const burst = Array.from({ length: events }, () => notificationBody(3, '/nobody-watches-this'));
    const server = await RawServer.start(({ connection, index, xid }) => {
      if (index === 0) return connection.greet(60_000);
      connection.burst([...burst, replyBody(xid, 0, statPayload())]);
    });
    const coordinator = ours(t, { connectString: server.address, sessionTimeoutMs: 60_000 });
    const library = bare(t, server.address, 60_000);
    library.on('connected', () => seen.tick('connected'));
    await Promise.all([coordinator.connected(), seen.until('connected')]);
    const from = process.cpuUsage();
    if (client === 'ours') await coordinator.exists('/fence');
    else {
      library.exists('/fence', () => seen.tick('answered'));
      await seen.until('answered');
    }
    const took = processorTime(from);
    await coordinator.detach();
    await server.stop();
    return took;
  };
  const events = 15_000;
  await measure('ours', 5_000);
  const [library, cured] = [await measure('bare', events), await measure('ours', events)];
  t.comment(`${events} events: bare ${Math.round(library)} ms, ours ${Math.round(cured)} ms`);
  t.ok(cured < library, 'faster than the library');
});

/** ms since `from`: it does not grow when the machine has other work. */
function processorTime(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

t.test('cured: frames however the stream is cut', async (t) => {
  const bodies = Array.from({ length: 200 }, (_, i) => Buffer.alloc((i * 37) % 500, i));
  const stream = Buffer.concat(
    bodies.flatMap((body) => [Buffer.from([0, 0, body.length >> 8, body.length & 255]), body]),
  );
  for (const size of [1, 3, 4, 5, 64, 1000, stream.length]) {
    const reader = new FrameReader(1000);
    const got: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) {
      reader.push(stream.subarray(at, at + size));
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) got.push(Buffer.from(frame));
    }
    t.ok(got.length === bodies.length && got.every((frame, i) => frame.equals(bodies[i]!)), `pieces of ${size}`);
  }
  const reader = new FrameReader(1000);
  reader.push(Buffer.from([0, 0, 255, 255]));
  t.throws(() => reader.next(), RangeError);
});

t.test('cured: a big frame in small pieces is copied a bounded number of times', async (t) => {
  const reader = new FrameReader(64 * 1024 * 1024);
  const size = 32 * 1024 * 1024;
  const head = Buffer.alloc(4);
  head.writeInt32BE(size);
  reader.push(head);
  const piece = Buffer.alloc(1024);
  const from = process.cpuUsage();
  for (let sent = 0; sent < size; sent += piece.length) {
    reader.push(piece);
    if (sent + piece.length < size) reader.next();
  }
  t.equal(reader.next()?.length, size);
  const took = processorTime(from);
  t.ok(took < 5_000, `${Math.round(took)} ms for 32,768 pieces; copying at each would move 512 GB`);
});

t.test('cured: an event is told after what awaits an earlier reply, and before a later reply', async (t) => {
  const server = await RawServer.start(({ connection, index, xid }) => {
    if (index === 0) connection.greet(4000);
    else if (index === 1)
      connection.burst([
        replyBody(xid, 0, dataPayload('1')),
        notificationBody(3, '/a'),
        replyBody(xid + 1, 0, dataPayload('2')),
      ]);
  });
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  await coordinator.connected();
  const order: string[] = [];
  const first = coordinator.getData('/a', () => order.push('event')).then(({ data }) => order.push(data.toString()));
  const second = coordinator.getData('/a').then(({ data }) => order.push(data.toString()));
  await Promise.all([first, second]);
  await turns();
  t.same(order, ['1', 'event', '2']);
});

t.test('cured: what cannot be read ends the connection, not the process', async (t) => {
  for (const wrong of [
    Buffer.from([0xff, 0xff, 0xff, 0xff]), // an impossible length
    Buffer.from([0, 0, 0, 2, 1, 2]), // shorter than a header
    Buffer.concat([Buffer.from([0, 0, 0, 16]), replyBody(4711)]), // a reply to nothing
    Buffer.concat([Buffer.from([0, 0, 0, 20]), replyBody(1, 0, Buffer.alloc(4, 1))]), // a payload that is cut off
  ]) {
    const server = await RawServer.start(({ connection, index, xid }) => {
      if (index === 0) connection.greet(4000);
      else if (connection.number === 0) connection.socket.write(wrong);
      else connection.reply(xid, 0, statPayload());
    });
    t.teardown(() => server.stop());
    const coordinator = ours(t, { connectString: server.address });
    await t.rejects(coordinator.exists('/a'));
    t.ok(await coordinator.exists('/a'), 'the next connection works');
    t.equal(server.connections.length, 2);
  }
});
