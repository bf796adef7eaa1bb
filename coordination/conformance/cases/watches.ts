import { CreateFlag, ErrorNumber, EventNumber, WatchMode } from '../../jute/codes.js';
import type { Case } from '../case.js';
import {
  addWatch,
  create,
  exists,
  getChildren,
  getChildren2,
  getData,
  OPEN,
  remove,
  setAcl,
  setData,
  setWatches,
  setWatches2,
} from '../shapes.js';

const { created, deleted, dataChanged, childrenChanged } = EventNumber;

export const watchCases: readonly Case[] = [
  {
    name: 'a data watch fires once, before the reply to the write',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(getData(root, true));
      t.same((await c.request(setData(root, 'a'))).events, [{ type: dataChanged, path: root }]);
      t.same((await c.request(setData(root, 'b'))).events, []);
    },
  },
  {
    name: 'an exists watch fires on creation, deletion and data',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      t.equal((await c.request(exists(path, true))).error, ErrorNumber.noNode);
      t.same((await c.request(create(path))).events, [{ type: created, path }]);
      await c.request(exists(path, true));
      t.same((await c.request(setData(path, 'x'))).events, [{ type: dataChanged, path }]);
      await c.request(exists(path, true));
      t.same((await c.request(remove(path))).events, [{ type: deleted, path }]);
    },
  },
  {
    name: 'data and exists watches of one client on one node are one',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(exists(root, true));
      await c.request(getData(root, true));
      t.same((await c.request(setData(root, 'x'))).events, [{ type: dataChanged, path: root }]);
    },
  },
  {
    name: 'a child watch fires on creation and deletion of children, not on their data',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      await c.request(getChildren(root, true));
      t.same((await c.request(create(path))).events, [{ type: childrenChanged, path: root }]);
      await c.request(getChildren2(root, true));
      t.same((await c.request(setData(path, 'x'))).events, []);
      t.same((await c.request(setData(root, 'x'))).events, []);
      t.same((await c.request(create(`${path}/grandchild`))).events, []);
      t.same((await c.request(remove(`${path}/grandchild`))).events, []);
      t.same((await c.request(remove(path))).events, [{ type: childrenChanged, path: root }]);
    },
  },
  {
    name: 'deletion of a watched node: one event for its watchers, then one for the parent',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      await c.request(create(path));
      await c.request(getData(path, true));
      await c.request(getChildren(path, true));
      await c.request(getChildren(root, true));
      t.same((await c.request(remove(path))).events, [
        { type: deleted, path },
        { type: childrenChanged, path: root },
      ]);
      t.same((await c.request(create(path))).events, [], 'both watches of the node are used up');
    },
  },
  {
    name: 'creation: first the node, then the parent',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      await c.request(getChildren(root, true));
      await c.request(exists(path, true));
      t.same((await c.request(create(path))).events, [
        { type: created, path },
        { type: childrenChanged, path: root },
      ]);
    },
  },
  {
    name: 'refused reads leave no watch, except exists',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/a`;
      t.equal((await c.request(getData(path, true))).error, ErrorNumber.noNode);
      t.equal((await c.request(getChildren(path, true))).error, ErrorNumber.noNode);
      t.same((await c.request(create(path))).events, []);
      await c.request(setAcl(path, [{ permissions: 0, scheme: 'world', id: 'anyone' }]));
      t.equal((await c.request(getData(path, true))).error, ErrorNumber.noAuth);
      t.same((await c.request(remove(path))).events, []);
    },
  },
  {
    name: 'refused writes and setACL fire nothing',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(getData(root, true));
      await c.request(getChildren(root, true));
      t.same((await c.request(setData(root, 'x', 9))).events, []);
      t.same((await c.request(create(root))).events, []);
      t.same((await c.request(setAcl(root, OPEN))).events, []);
      t.same((await c.request(setData(root, 'x', 0))).events.length, 1);
    },
  },
  {
    name: 'who may not read a node is not told of its changes, and the watch is used up',
    run: async ({ t, root, connect }) => {
      const [c, writer] = [await connect(), await connect()];
      const path = `${root}/a`;
      await c.request(exists(path, true));
      await writer.auth('digest', 'bob:secret');
      await writer.request(create(path, { acl: [{ permissions: 31, scheme: 'auth', id: '' }] }));
      t.same((await c.request(getChildren(root, true))).events, []);
      await writer.request(remove(path));
      t.same((await c.request(exists(root))).events, [{ type: childrenChanged, path: root }], 'the parent is readable');
      await writer.request(create(path));
      t.same((await c.request(exists(root))).events, []);
    },
  },
  {
    name: 'other clients get their events, each once',
    run: async ({ t, root, connect }) => {
      const [writer, one, two] = [await connect(), await connect(), await connect()];
      await one.request(getData(root, true));
      await two.request(getData(root, true));
      await two.request(exists(root, true));
      t.same((await writer.request(setData(root, 'x'))).events, []);
      t.same(await one.takeEvents(1), [{ type: dataChanged, path: root }]);
      t.same((await two.request(exists(root))).events, [{ type: dataChanged, path: root }]);
    },
  },
  {
    name: 'watches end with the connection',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(getData(root, true));
      await c.drop();
      const again = await connect({ sessionId: c.sessionId, password: c.response.password });
      t.same((await again.request(setData(root, 'x'))).events, []);
    },
  },
  {
    name: 'ephemeral nodes fire when their session closes',
    run: async ({ t, root, connect }) => {
      const [owner, c] = [await connect(), await connect()];
      const path = `${root}/e`;
      await owner.request(create(path, { flags: CreateFlag.ephemeral }));
      await c.request(exists(path, true));
      await c.request(getChildren(root, true));
      await owner.closeSession();
      t.same(await c.takeEvents(2), [
        { type: deleted, path },
        { type: childrenChanged, path: root },
      ]);
    },
  },
  {
    name: 'the closing client sees its own events before the reply',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const path = `${root}/e`;
      await c.request(create(path, { flags: CreateFlag.ephemeral }));
      await c.request(exists(path, true));
      t.same((await c.closeSession()).events, [{ type: deleted, path }]);
    },
  },
  {
    name: 'setWatches tells at once what was missed and sets the others',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const [old, changed, gone, born] = ['old', 'changed', 'gone', 'born'].map((name) => `${root}/${name}`);
      for (const path of [old!, changed!, gone!]) await c.request(create(path));
      const relativeZxid = (await c.request(exists(root))).zxid;
      await c.request(setData(changed!, 'x'));
      await c.request(create(`${changed}/child`));
      await c.request(remove(gone!));
      await c.request(create(born!));
      const reply = await c.request(
        setWatches({
          relativeZxid,
          data: [old!, changed!, gone!],
          exist: [born!, `${root}/never`],
          child: [old!, changed!, gone!],
        }),
      );
      t.equal(reply.error, 0);
      t.equal(reply.body, undefined);
      t.same(reply.events, [
        { type: dataChanged, path: changed },
        { type: deleted, path: gone },
        { type: created, path: born },
        { type: childrenChanged, path: changed },
        { type: deleted, path: gone },
      ]);
      t.same((await c.request(setData(old!, 'x'))).events, [{ type: dataChanged, path: old }]);
      t.same((await c.request(create(`${old}/child`))).events, [{ type: childrenChanged, path: old }]);
      t.same((await c.request(create(`${root}/never`))).events, [{ type: created, path: `${root}/never` }]);
      t.same((await c.request(setData(changed!, 'y'))).events, [], 'what was told is not watched');
    },
  },
  {
    name: 'setWatches in several packets adds up',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const relativeZxid = (await c.request(exists(root))).zxid;
      await Promise.all([
        c.request(setWatches({ relativeZxid, exist: [`${root}/a`] })),
        c.request(setWatches({ relativeZxid, exist: [`${root}/b`] })),
        c.request(setWatches({ relativeZxid, child: [root] })),
      ]);
      t.same((await c.request(create(`${root}/b`))).events, [
        { type: created, path: `${root}/b` },
        { type: childrenChanged, path: root },
      ]);
      t.same((await c.request(create(`${root}/a`))).events, [{ type: created, path: `${root}/a` }]);
    },
  },
  {
    name: 'a persistent watch goes on firing, for the node and its children list',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      t.match(await c.request(addWatch(root, WatchMode.persistent)), { error: 0, body: 0 });
      t.same((await c.request(setData(root, 'a'))).events, [{ type: dataChanged, path: root }]);
      t.same((await c.request(setData(root, 'b'))).events, [{ type: dataChanged, path: root }]);
      t.same((await c.request(create(`${root}/a`))).events, [{ type: childrenChanged, path: root }]);
      t.same((await c.request(setData(`${root}/a`, 'x'))).events, []);
      t.same((await c.request(remove(`${root}/a`))).events, [{ type: childrenChanged, path: root }]);
    },
  },
  {
    name: 'a persistent recursive watch sees every node below, but no children lists',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(addWatch(root, WatchMode.persistentRecursive));
      const path = `${root}/a/b`;
      t.same((await c.request(create(`${root}/a`))).events, [{ type: created, path: `${root}/a` }]);
      t.same((await c.request(create(path))).events, [{ type: created, path }]);
      t.same((await c.request(setData(path, 'x'))).events, [{ type: dataChanged, path }]);
      t.same((await c.request(remove(path))).events, [{ type: deleted, path }]);
      t.same((await c.request(setData(root, 'x'))).events, [{ type: dataChanged, path: root }]);
    },
  },
  {
    name: 'setWatches2 takes up persistent watches',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const reply = await c.request(setWatches2({ persistent: [root], persistentRecursive: [`${root}/r`] }));
      t.match(reply, { error: 0, events: [] });
      t.same((await c.request(create(`${root}/r`))).events, [
        { type: created, path: `${root}/r` },
        { type: childrenChanged, path: root },
      ]);
      t.same((await c.request(create(`${root}/r/x`))).events, [{ type: created, path: `${root}/r/x` }]);
    },
  },
  {
    name: 'a watch mode that is none is refused',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      t.equal((await c.request(addWatch(root, 7))).error, ErrorNumber.marshallingError);
    },
  },
];
