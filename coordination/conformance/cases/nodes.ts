import { CreateFlag, ErrorNumber } from '../../jute/codes.js';
import type { Case } from '../case.js';
import { create, create2, exists, getChildren, getChildren2, getData, remove, setData, sync } from '../shapes.js';

export const nodeCases: readonly Case[] = [
  {
    name: 'create, read, write and delete a node',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      t.match(await c.request(create(path, { data: 'one' })), { error: 0, body: { path } });
      const read = await c.request(getData(path));
      t.equal(String(read.body?.data), 'one');
      t.match(read.body?.stat, { version: 0, cversion: 0, aversion: 0, dataLength: 3, numChildren: 0 });
      const written = await c.request(setData(path, 'three', 0));
      t.match(written.body?.stat, { version: 1, dataLength: 5 });
      t.equal(written.body?.stat.mzxid, written.zxid, 'the reply has the zxid of the write');
      t.equal((await c.request(remove(path, 1))).error, 0);
      t.equal((await c.request(getData(path))).error, ErrorNumber.noNode);
    },
  },
  {
    name: 'a new node has its creation in all three zxids',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const made = await c.request(create2(`${root}/a`));
      t.equal(made.error, 0);
      const { czxid, mzxid, pzxid, ctime, mtime, ephemeralOwner } = made.body!.stat;
      t.same([czxid, mzxid, pzxid, ephemeralOwner], [made.zxid, made.zxid, made.zxid, 0n]);
      t.equal(ctime, mtime);
    },
  },
  {
    name: 'cversion counts creations and deletions of children, pzxid the last of them',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(create(`${root}/a`));
      await c.request(create(`${root}/b`));
      t.match((await c.request(exists(root))).body?.stat, { cversion: 2, numChildren: 2, version: 0 });
      const removed = await c.request(remove(`${root}/a`));
      const { stat } = (await c.request(exists(root))).body!;
      t.match(stat, { cversion: 3, numChildren: 1 });
      t.equal(stat.pzxid, removed.zxid);
      await c.request(setData(`${root}/b`, 'x'));
      t.equal((await c.request(exists(root))).body?.stat.pzxid, removed.zxid, 'data of a child do not count');
    },
  },
  {
    name: 'a fresh root has the built-in nodes',
    run: async ({ t, connect }) => {
      const c = await connect();
      t.same((await c.request(getChildren('/zookeeper'))).body?.children, ['config', 'quota']);
      t.match((await c.request(exists('/zookeeper'))).body?.stat, { cversion: -2, czxid: 0n, ctime: 0n });
      for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']) {
        t.equal((await c.request(remove(path))).error, ErrorNumber.badArguments, `delete ${path}`);
      }
      t.equal((await c.request(create('/'))).error, ErrorNumber.nodeExists);
      t.equal((await c.request(getData(''))).error, 0, 'the empty path is the root');
    },
  },
  {
    name: 'refused writes say why',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      const error = async (request: Parameters<typeof c.request>[0]) => (await c.request(request)).error;
      await c.request(create(path));
      t.equal(await error(create(path)), ErrorNumber.nodeExists);
      t.equal(await error(create(`${root}/none/b`)), ErrorNumber.noNode);
      t.equal(await error(setData(path, 'x', 7)), ErrorNumber.badVersion);
      t.equal(await error(setData(`${root}/none`, 'x')), ErrorNumber.noNode);
      t.equal(await error(remove(path, 7)), ErrorNumber.badVersion);
      t.equal(await error(remove(`${root}/none`)), ErrorNumber.noNode);
      t.equal(await error(remove(root)), ErrorNumber.notEmpty);
      t.equal(await error(create(path, { flags: 9 })), ErrorNumber.badArguments);
      t.equal(await error(create(path, { flags: -1 })), ErrorNumber.badArguments);
      t.equal(await error(create(`${root}/ttl`, { flags: 5 })), ErrorNumber.unimplemented);
    },
  },
  {
    name: 'a refused write takes a zxid, a refused read does not',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const before = (await c.request(exists(root))).zxid;
      t.equal((await c.request(create(root))).zxid, before + 1n);
      t.equal((await c.request(getData(`${root}/none`))).zxid, before + 1n);
      t.equal((await c.request(sync(root))).zxid, before + 1n);
    },
  },
  {
    name: 'version -1 means any, and 0 means 0',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      t.match((await c.request(setData(root, 'a', -1))).body?.stat, { version: 1 });
      t.equal((await c.request(setData(root, 'b', 0))).error, ErrorNumber.badVersion);
      t.match((await c.request(setData(root, 'b', 1))).body?.stat, { version: 2 });
    },
  },
  {
    name: 'null data are not empty data',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(create(`${root}/null`, { data: null }));
      await c.request(create(`${root}/empty`, { data: '' }));
      t.equal((await c.request(getData(`${root}/null`))).body?.data, null);
      t.equal((await c.request(getData(`${root}/empty`))).body?.data?.length, 0);
      t.match((await c.request(setData(`${root}/empty`, null))).body?.stat, { dataLength: 0 });
      t.equal((await c.request(getData(`${root}/empty`))).body?.data, null);
    },
  },
  {
    name: 'sequential names count creations, deleted ones included',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const flags = CreateFlag.sequential;
      const next = async (prefix: string) => (await c.request(create(`${root}/${prefix}`, { flags }))).body?.path;
      t.equal(await next('n-'), `${root}/n-0000000000`);
      t.equal(await next('m-'), `${root}/m-0000000001`);
      await c.request(remove(`${root}/m-0000000001`));
      t.equal(await next(''), `${root}/0000000002`);
      await c.request(create(`${root}/plain`));
      t.equal(await next('n-'), `${root}/n-0000000004`);
    },
  },
  {
    name: 'a taken sequential name is refused and does not count',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(create(`${root}/n-0000000001`));
      t.equal((await c.request(create(`${root}/n-`, { flags: 2 }))).error, ErrorNumber.nodeExists);
      await c.request(remove(`${root}/n-0000000001`));
      t.equal((await c.request(create(`${root}/n-`, { flags: 2 }))).body?.path, `${root}/n-0000000001`);
    },
  },
  {
    name: 'paths that are none are refused',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const bad = ['', 'a', 'a/b', '/a/', '//', '/a//b', '/.', '/..', `${root}/.`, `${root}/..`, `${root}/./a`];
      bad.push(
        `${root}/\u0001`,
        `${root}/a\u0000b`,
        `${root}/\u007f`,
        `${root}/\ud7ff\u{1f600}`,
        `${root}/\ufff0`,
        `${root}/`,
      );
      const errors: Record<string, number[]> = {};
      for (const path of bad) {
        const replies = [create(path), remove(path), setData(path, ''), exists(path), getData(path), getChildren(path)];
        const numbers: number[] = [];
        for (const request of replies) numbers.push((await c.request<unknown>(request)).error);
        errors[JSON.stringify(path.replace(root, '<root>'))] = numbers;
      }
      const { badArguments: a, noNode: n } = ErrorNumber;
      t.same(errors, {
        '""': [a, a, a, 0, 0, 0],
        '"a"': [a, a, a, n, n, n],
        '"a/b"': [n, n, a, n, n, n],
        '"/a/"': [n, n, a, n, n, n],
        '"//"': [a, n, a, n, n, n],
        '"/a//b"': [n, n, a, n, n, n],
        '"/."': [a, n, a, n, n, n],
        '"/.."': [a, n, a, n, n, n],
        '"<root>/."': [a, n, a, n, n, n],
        '"<root>/.."': [a, n, a, n, n, n],
        '"<root>/./a"': [n, n, a, n, n, n],
        '"<root>/\\u0001"': [a, n, a, n, n, n],
        '"<root>/a\\u0000b"': [a, a, a, a, n, n],
        '"<root>/\u007f"': [a, n, a, n, n, n],
        '"<root>/\ud7ff\u{1f600}"': [a, n, a, n, n, n],
        '"<root>/\ufff0"': [a, n, a, n, n, n],
        '"<root>/"': [a, n, a, n, n, n],
      });
    },
  },
  {
    name: 'names may have dots, spaces and letters of any language',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const names = ['...', '.a', 'a.', '..a', 'a b', 'ä', '漢字', '\u00a0', '%2f'];
      for (const name of names) t.equal((await c.request(create(`${root}/${name}`))).error, 0, name);
      t.same((await c.request(getChildren(root))).body?.children, [...names].sort());
    },
  },
  {
    name: 'getChildren and getChildren2 tell the same children',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      for (const name of ['b', 'a', 'c']) await c.request(create(`${root}/${name}`));
      t.same((await c.request(getChildren(root))).body?.children, ['a', 'b', 'c']);
      t.match((await c.request(getChildren2(root))).body, { children: ['a', 'b', 'c'], stat: { numChildren: 3 } });
      t.equal((await c.request(getChildren2(`${root}/none`))).error, ErrorNumber.noNode);
    },
  },
  {
    name: 'sync answers with its path, whether it exists or not',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      t.match(await c.request(sync(`${root}/none`)), { error: 0, body: { path: `${root}/none` } });
    },
  },
  {
    name: 'pipelined requests are answered in order and see each other',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      const replies = await Promise.all([
        c.request(create(path, { data: '0' })),
        c.request(setData(path, '1', 0)),
        c.request(getData(path)),
        c.request(setData(path, '2', 0)),
        c.request(remove(path, 1)),
        c.request(exists(path)),
      ]);
      t.same(
        replies.map((reply) => reply.error),
        [0, 0, 0, ErrorNumber.badVersion, 0, ErrorNumber.noNode],
      );
      t.equal(String(replies[2].body?.data), '1');
    },
  },
  {
    name: 'a request whose body ends early is answered with a marshalling error',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const cut = { ...create(root), write: () => undefined };
      t.equal((await c.request(cut)).error, ErrorNumber.marshallingError);
      t.equal((await c.request({ ...getData(root), write: () => undefined })).error, ErrorNumber.marshallingError);
      t.equal((await c.request(exists(root))).error, 0, 'the connection goes on');
    },
  },
  {
    name: 'trailing bytes of a request do not matter',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const shape = exists(root);
      const longer = await c.request({
        ...shape,
        write: (writer) => {
          shape.write(writer);
          writer.string('more');
        },
      });
      t.equal(longer.error, 0);
    },
  },
];
