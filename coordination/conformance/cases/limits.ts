import { ErrorNumber } from '../../jute/codes.js';
import { MAX_PACKET_BYTES } from '../../jute/packets.js';
import type { Case } from '../case.js';
import { create, exists, getData, setData, unknownOperation } from '../shapes.js';

/** Of a setData request without its path and data: header (8), three lengths or numbers (12). */
const SET_DATA_OVERHEAD = 20;

export const limitCases: readonly Case[] = [
  {
    name: 'the largest packet is accepted',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const length = MAX_PACKET_BYTES - SET_DATA_OVERHEAD - root.length;
      t.match((await c.request(setData(root, 'x'.repeat(length)))).body?.stat, { dataLength: length });
      t.equal((await c.request(getData(root))).body?.data?.length, length);
    },
  },
  {
    name: 'a larger packet ends the connection and changes nothing',
    run: async ({ t, root, connect }) => {
      const [c, other] = [await connect(), await connect()];
      const length = MAX_PACKET_BYTES - SET_DATA_OVERHEAD - root.length + 1;
      await t.rejects(c.request(setData(root, 'x'.repeat(length))));
      await c.closed;
      t.match((await other.request(exists(root))).body?.stat, { dataLength: 0 });
      const again = await connect({ sessionId: c.sessionId, password: c.response.password });
      t.equal(again.sessionId, c.sessionId, 'the session lives on');
    },
  },
  {
    name: 'a negative length ends the connection',
    run: async ({ t, connect }) => {
      const c = await connect();
      c.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0xfe]));
      await c.closed;
      t.ok(c.isClosed);
    },
  },
  {
    name: 'a packet too short for a header ends the connection',
    run: async ({ t, connect }) => {
      const c = await connect();
      c.sendBytes(Buffer.from([0, 0, 0, 2, 1, 1]));
      await c.closed;
      t.ok(c.isClosed);
    },
  },
  {
    name: 'packets may come in any pieces',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      for (c.pieceBytes = 1; c.pieceBytes < 8; c.pieceBytes++) {
        const replies = await Promise.all([c.request(exists(root)), c.ping(), c.request(exists(`${root}/none`))]);
        t.same(
          replies.map((reply) => reply.error),
          [0, 0, ErrorNumber.noNode],
        );
      }
    },
  },
  {
    name: 'an operation that ZooKeeper does not know is unimplemented and ends the connection',
    run: async ({ t, connect }) => {
      const c = await connect();
      t.match(await c.request(unknownOperation(4711)), { error: ErrorNumber.unimplemented, zxid: -1n });
      await c.closed;
      t.ok(c.isClosed);
    },
  },
  {
    name: 'many children are listed',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const names = Array.from({ length: 500 }, (_, i) => `${root}/child-${i}`);
      const replies = await Promise.all(names.map((path) => c.request(create(path))));
      t.ok(replies.every((reply) => reply.error === 0));
      t.match((await c.request(exists(root))).body?.stat, { numChildren: 500, cversion: 500 });
    },
  },
];
