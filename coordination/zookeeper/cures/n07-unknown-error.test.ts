// N7: the library throws, inside the socket's handler, on error numbers that it does not know: a quota or a throttled
// request on the server ends the client's process.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import t from 'tap';
import { failureOf, ours } from './clients.js';
import { RawServer } from './raw-server.js';

const QUOTA_EXCEEDED = -125;

async function quotaServer(code: number) {
  return RawServer.start(({ connection, index, xid }) => {
    if (index === 0) connection.greet(4000);
    else connection.reply(xid, code);
  });
}

t.test('bare: the process dies', async (t) => {
  const server = await quotaServer(QUOTA_EXCEEDED);
  t.teardown(() => server.stop());
  const program = `
    const client = require(${JSON.stringify(createRequire(import.meta.url).resolve('node-zookeeper-client'))})
      .createClient(${JSON.stringify(server.address)});
    client.on('connected', () => client.setData('/a', Buffer.from('x'), 0, () => process.exit(0)));
    client.connect();`;
  t.match(await failureOf(promisify(execFile)(process.execPath, ['-e', program])), { stderr: /Unknown code: -125/ });
});

for (const code of [QUOTA_EXCEEDED, -118, -122, -123, -124, -127, -999]) {
  t.test(`cured: error ${code} is a rejection with its number`, async (t) => {
    const server = await quotaServer(code);
    t.teardown(() => server.stop());
    const coordinator = ours(t, { connectString: server.address });
    t.match(await failureOf(coordinator.setData('/a', Buffer.from('x'), 0)), { kind: 'server', serverCode: code });
    t.equal(coordinator.state, 'connected');
  });
}
