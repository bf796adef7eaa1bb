import { CreateFlag, ErrorNumber, EventNumber, OpCode } from '../../jute/codes.js';
import type { Case } from '../case.js';
import { create, exists, getChildren, getData, item, multi, setData } from '../shapes.js';

const { runtimeInconsistency } = ErrorNumber;
const errors = (...numbers: number[]) => numbers.map((error) => ({ type: OpCode.error, error }));

export const multiCases: readonly Case[] = [
  {
    name: 'multi does all of it, with one zxid',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const reply = await c.request(
        multi(
          item.create(`${root}/a`, { data: 'x' }),
          item.check(`${root}/a`, 0),
          item.setData(`${root}/a`, 'yy', 0),
          item.create(`${root}/a/b`),
          item.remove(`${root}/a/b`, 0),
        ),
      );
      t.equal(reply.error, 0);
      t.match(reply.body, [
        { type: OpCode.create, path: `${root}/a` },
        { type: OpCode.check },
        { type: OpCode.setData, stat: { version: 1, dataLength: 2, numChildren: 0 } },
        { type: OpCode.create, path: `${root}/a/b` },
        { type: OpCode.delete },
      ]);
      const { stat } = (await c.request(exists(`${root}/a`))).body!;
      t.match(stat, { version: 1, cversion: 2, numChildren: 0 });
      t.same([stat.czxid, stat.mzxid, stat.pzxid], [reply.zxid, reply.zxid, reply.zxid]);
    },
  },
  {
    name: 'a failing operation takes everything back',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(create(`${root}/a`, { data: 'before' }));
      const before = (await c.request(exists(root))).body?.stat;
      const reply = await c.request(
        multi(
          item.create(`${root}/b`),
          item.setData(`${root}/a`, 'after'),
          item.remove(`${root}/a`),
          item.check(root, 99),
          item.create(`${root}/c`),
        ),
      );
      t.equal(reply.error, 0, 'the header has no error');
      t.same(reply.body, errors(0, 0, 0, ErrorNumber.badVersion, runtimeInconsistency));
      t.same((await c.request(exists(root))).body?.stat, before);
      const a = (await c.request(getData(`${root}/a`))).body;
      t.equal(String(a?.data), 'before');
      t.match(a?.stat, { version: 0 });
      t.same((await c.request(getChildren(root))).body?.children, ['a']);
    },
  },
  {
    name: 'the first failure is told, whatever it is',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const body = async (...items: Parameters<typeof multi>) => (await c.request(multi(...items))).body;
      t.same(
        await body(item.create(root), item.create(`${root}/x`)),
        errors(ErrorNumber.nodeExists, runtimeInconsistency),
      );
      t.same(await body(item.remove(`${root}/none`)), errors(ErrorNumber.noNode));
      t.same(await body(item.check(`${root}/none`)), errors(ErrorNumber.noNode));
      t.same(await body(item.setData('bad', '')), errors(ErrorNumber.badArguments));
      t.same(await body(item.create(`${root}/a`), item.create(`${root}/a`)), errors(0, ErrorNumber.nodeExists));
      t.same(
        await body(item.create(`${root}/a`), item.create(`${root}/a/b`), item.remove(`${root}/a`)),
        errors(0, 0, ErrorNumber.notEmpty),
      );
      t.same(await body(item.create(`${root}/q`, { flags: 99 })), errors(ErrorNumber.badArguments));
      t.same(await body(item.create(`${root}/q`, { acl: [] })), errors(ErrorNumber.invalidAcl));
      t.equal((await c.request(exists(`${root}/a`))).error, ErrorNumber.noNode);
    },
  },
  {
    name: 'an empty multi succeeds',
    run: async ({ t, connect }) => {
      const c = await connect();
      t.match(await c.request(multi()), { error: 0, body: [] });
    },
  },
  {
    name: 'sequence numbers of a failed multi are used again',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const sequential = (name: string) => item.create(`${root}/${name}`, { flags: CreateFlag.sequential });
      t.same(
        (await c.request(multi(sequential('n-'), sequential('n-'), item.check(root, 9)))).body,
        errors(0, 0, ErrorNumber.badVersion),
      );
      t.match((await c.request(multi(sequential('n-'), sequential('n-')))).body, [
        { path: `${root}/n-0000000000` },
        { path: `${root}/n-0000000001` },
      ]);
    },
  },
  {
    name: 'set, delete and create the same node in one multi',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      await c.request(create(path));
      const reply = await c.request(
        multi(item.setData(path, 'x', 0), item.remove(path, 1), item.create(path, { data: 'y' })),
      );
      t.equal(reply.error, 0);
      t.match((await c.request(getData(path))).body, { stat: { version: 0, czxid: reply.zxid } });
      t.match((await c.request(exists(root))).body?.stat, { cversion: 3, numChildren: 1 });
    },
  },
  {
    name: 'watches see each change of a multi, and nothing of a failed one',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(exists(`${root}/a`, true));
      await c.request(getData(root, true));
      await c.request(getChildren(root, true));
      const failed = await c.request(multi(item.create(`${root}/a`), item.check(root, 9)));
      t.same(failed.events, []);
      const done = await c.request(multi(item.create(`${root}/a`), item.setData(root, 'x')));
      t.same(done.events, [
        { type: EventNumber.created, path: `${root}/a` },
        { type: EventNumber.childrenChanged, path: root },
        { type: EventNumber.dataChanged, path: root },
      ]);
    },
  },
  {
    name: 'an unreadable multi changes nothing',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const reply = await c.request({
        ...multi(),
        write: (writer) => void writer.int(OpCode.setACL).bool(false).int(-1),
      });
      t.equal(reply.error, ErrorNumber.marshallingError);
      t.equal(reply.body, undefined);
      t.equal((await c.request(setData(root, 'x', 0))).error, 0);
    },
  },
  {
    name: 'ephemeral nodes of a failed multi are not owned',
    run: async ({ t, root, connect }) => {
      const [c, other] = [await connect(), await connect()];
      const flags = CreateFlag.ephemeral;
      await c.request(multi(item.create(`${root}/e`, { flags }), item.check(root, 9)));
      t.equal((await other.request(create(`${root}/e`))).error, 0);
      await c.closeSession();
      t.equal((await other.request(exists(`${root}/e`))).error, 0);
    },
  },
];
