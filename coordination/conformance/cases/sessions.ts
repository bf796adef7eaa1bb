import { CreateFlag, ErrorNumber } from '../../jute/codes.js';
import type { Case } from '../case.js';
import { RawClient } from '../raw-client.js';
import { create, exists, getChildren, setData, sync } from '../shapes.js';

const ephemeral = CreateFlag.ephemeral;

export const sessionCases: readonly Case[] = [
  {
    name: 'the time-out is kept within 2 and 20 ticks',
    run: async ({ t, tickMs, connect }) => {
      const granted = async (timeoutMs: number) => (await connect({ timeoutMs })).response.timeoutMs;
      t.equal(await granted(1), 2 * tickMs);
      t.equal(await granted(-5), 2 * tickMs);
      t.equal(await granted(7 * tickMs + 1), 7 * tickMs + 1);
      t.equal(await granted(1_000_000), 20 * tickMs);
    },
  },
  {
    name: 'the answer to connect has an id, a password of 16 bytes, and readOnly if it was asked',
    run: async ({ t, connect }) => {
      const c = await connect();
      t.not(c.sessionId, 0n);
      t.match(c.response, { protocolVersion: 0, readOnly: false });
      t.equal(c.response.password.length, 16);
      const old = await connect({ withoutReadOnly: true });
      t.equal(old.response.readOnly, undefined);
      t.not(old.sessionId, c.sessionId);
    },
  },
  {
    name: 'opening and closing a session take a zxid each',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const before = (await c.request(exists(root))).zxid;
      const other = await connect();
      t.equal((await c.request(exists(root))).zxid, before + 1n);
      t.equal((await other.closeSession()).zxid, before + 2n);
    },
  },
  {
    name: 'a session is resumed with its id and password, and keeps its ephemeral nodes',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const { zxid } = await c.request(create(`${root}/e`, { flags: ephemeral }));
      await c.drop();
      const again = await connect({ sessionId: c.sessionId, password: c.response.password, lastZxidSeen: zxid });
      t.equal(again.sessionId, c.sessionId);
      t.same(again.response.password, c.response.password);
      const seen = await again.request(exists(`${root}/e`));
      t.equal(seen.body?.stat.ephemeralOwner, c.sessionId);
      t.equal(seen.zxid, zxid, 'resuming takes no zxid');
    },
  },
  {
    name: 'resuming closes the old connection and negotiates the time-out again',
    run: async ({ t, tickMs, connect }) => {
      const c = await connect({ timeoutMs: 10 * tickMs });
      const identity = { sessionId: c.sessionId, password: c.response.password };
      const again = await connect({ ...identity, timeoutMs: 15 * tickMs });
      t.equal(again.response.timeoutMs, 15 * tickMs);
      await c.closed;
      t.equal((await again.request(sync('/'))).error, 0);
    },
  },
  {
    name: 'a wrong password or an unknown session is answered as expired',
    run: async ({ t, connect }) => {
      const c = await connect();
      const attempts = [
        { sessionId: c.sessionId, password: Buffer.alloc(16, 7) },
        { sessionId: c.sessionId, password: Buffer.alloc(3) },
        { sessionId: 0x1234567890n, password: Buffer.alloc(16) },
      ];
      for (const attempt of attempts) {
        const refused = await connect(attempt);
        t.match(refused.response, { timeoutMs: 0, sessionId: 0n });
        t.same(refused.response.password, Buffer.alloc(16));
        await refused.closed;
      }
    },
  },
  {
    name: 'a client that has seen a later zxid is refused without an answer',
    run: async ({ t, port, root, connect }) => {
      const c = await connect();
      const { zxid } = await c.request(exists(root));
      t.equal(await RawClient.connect(port, { lastZxidSeen: zxid + 1000n }), undefined);
      t.not(
        await RawClient.connect(port, { lastZxidSeen: zxid }).then(async (client) => client?.drop() ?? 'refused'),
        'refused',
      );
    },
  },
  {
    name: 'closing a session answers, deletes its ephemeral nodes and ends the connection',
    run: async ({ t, root, connect }) => {
      const [c, other] = [await connect(), await connect()];
      await c.request(create(`${root}/e1`, { flags: ephemeral }));
      await c.request(create(`${root}/e2`, { flags: ephemeral | CreateFlag.sequential }));
      await c.request(create(`${root}/p`));
      t.match(await c.closeSession(), { error: 0, body: undefined });
      await c.closed;
      t.same((await other.request(getChildren(root))).body?.children, ['p']);
      const gone = await connect({ sessionId: c.sessionId, password: c.response.password });
      t.equal(gone.sessionId, 0n);
    },
  },
  {
    name: 'the parent of an ephemeral node counts its going',
    run: async ({ t, root, connect }) => {
      const [c, other] = [await connect(), await connect()];
      await c.request(create(`${root}/e`, { flags: ephemeral }));
      const { zxid } = await c.closeSession();
      t.match((await other.request(exists(root))).body?.stat, { cversion: 2, numChildren: 0, pzxid: zxid });
    },
  },
  {
    name: 'ephemeral nodes have no children',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(create(`${root}/e`, { flags: ephemeral }));
      t.equal((await c.request(create(`${root}/e/x`))).error, ErrorNumber.noChildrenForEphemerals);
    },
  },
  {
    name: 'a session without a sign of life expires within its time-out and a tick',
    run: async ({ t, tickMs, root, connect }) => {
      const [c, other] = [await connect({ timeoutMs: 2 * tickMs }), await connect()];
      await c.request(create(`${root}/e`, { flags: ephemeral }));
      await other.request(exists(`${root}/e`, true));
      const [event] = await other.takeEvents(1);
      t.equal(event?.path, `${root}/e`);
      await c.closed;
      const gone = await connect({ sessionId: c.sessionId, password: c.response.password });
      t.equal(gone.sessionId, 0n);
    },
  },
  {
    name: 'pings keep a session alive',
    run: async ({ t, tickMs, root, connect }) => {
      const [c, silent, other] = [
        await connect({ timeoutMs: 4 * tickMs }),
        await connect({ timeoutMs: 4 * tickMs }),
        await connect(),
      ];
      await c.request(create(`${root}/kept`, { flags: ephemeral }));
      await silent.request(create(`${root}/silent`, { flags: ephemeral }));
      await other.request(exists(`${root}/silent`, true));
      let over = false;
      void other.takeEvents(1).then(() => {
        over = true;
      });
      // Each ping is answered before the next is sent; the other session ends meanwhile for the lack of them.
      while (!over) if ((await c.ping()).error !== 0) t.fail('a ping failed');
      t.equal((await other.request(exists(`${root}/kept`))).error, 0);
      t.equal((await other.request(exists(`${root}/silent`))).error, ErrorNumber.noNode);
    },
  },
  {
    name: 'a ping is answered with the last zxid',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const { zxid } = await c.request(setData(root, 'x'));
      t.match(await c.ping(), { zxid, error: 0 });
    },
  },
];
