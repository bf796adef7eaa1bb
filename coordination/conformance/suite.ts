import type { Test } from 'tap';
import type { Case, Subject } from './case.js';
import { aclCases } from './cases/acl.js';
import { limitCases } from './cases/limits.js';
import { multiCases } from './cases/multi.js';
import { nodeCases } from './cases/nodes.js';
import { sessionCases } from './cases/sessions.js';
import { watchCases } from './cases/watches.js';
import { type ConnectOptions, RawClient } from './raw-client.js';
import { create } from './shapes.js';

/** Short, so that expiry is soon; sessions then last 0.4 to 4 seconds. */
const TICK_MS = 200;

export const cases: readonly Case[] = [
  ...nodeCases,
  ...multiCases,
  ...aclCases,
  ...watchCases,
  ...sessionCases,
  ...limitCases,
];

/** Every explicit case against one server. Returns how many there were. */
export async function conformance(t: Test, subject: Subject): Promise<number> {
  const server = await subject.start({ tickMs: TICK_MS });
  try {
    let count = 0;
    for (const { name, run } of cases) {
      const root = `/case${count++}`;
      await t.test(`${subject.name}: ${name}`, async (t) => withClients(t, server.port, root, run));
    }
    return count;
  } finally {
    await server.stop();
  }
}

async function withClients(t: Test, port: number, root: string, run: Case['run']): Promise<void> {
  const clients: RawClient[] = [];
  const connect = async (options: ConnectOptions = {}) => {
    const client = await RawClient.connect(port, { timeoutMs: 4000, ...options });
    if (client === undefined) throw new Error('the server refused the connection');
    clients.push(client);
    return client;
  };
  try {
    const first = await connect();
    t.equal((await first.request(create(root))).error, 0, 'root of the case');
    await run({ t, port, tickMs: TICK_MS, root, connect });
  } finally {
    for (const client of clients) await client.drop();
  }
}
