import { ErrorNumber, Permission } from '../../jute/codes.js';
import type { AclRecord } from '../../jute/records.js';
import type { Case } from '../case.js';
import { create, exists, getAcl, getChildren, getData, item, multi, OPEN, remove, setAcl, setData } from '../shapes.js';

const { noAuth, invalidAcl } = ErrorNumber;
/** ZooKeeper's digest of `bob:secret`: printf bob:secret | openssl sha1 -binary | base64 */
const BOB = 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=';
const entry = (permissions: number, scheme: string, id: string): AclRecord => ({ permissions, scheme, id });

export const aclCases: readonly Case[] = [
  {
    name: 'getACL tells the ACL, setACL replaces it and counts aversion',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      t.match(await c.request(getAcl(root)), { error: 0, body: { acl: OPEN, stat: { aversion: 0 } } });
      const acl = [entry(Permission.all, 'world', 'anyone'), entry(Permission.read, 'digest', 'x:y')];
      t.match((await c.request(setAcl(root, acl, 0))).body?.stat, { aversion: 1, version: 0 });
      t.match((await c.request(getAcl(root))).body, { acl, stat: { aversion: 1 } });
      t.equal((await c.request(setAcl(root, OPEN, 0))).error, ErrorNumber.badVersion);
      t.equal((await c.request(setAcl(`${root}/none`, OPEN))).error, ErrorNumber.noNode);
      t.equal((await c.request(getAcl(`${root}/none`))).error, ErrorNumber.noNode);
    },
  },
  {
    name: 'ACLs that are none are refused',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const refused: (readonly AclRecord[] | null)[] = [
        [],
        null,
        [entry(31, 'world', 'everyone')],
        [entry(31, 'auth', '')],
        [entry(31, 'nonsense', 'x')],
        [entry(31, 'digest', 'no colon')],
        [entry(31, 'digest', 'a:b:c')],
        [entry(31, 'digest', 'a:')],
        [...OPEN, entry(31, 'digest', '')],
        [{ permissions: 31, scheme: null, id: 'anyone' }],
      ];
      for (const acl of refused) {
        t.equal((await c.request(create(`${root}/a`, { acl }))).error, invalidAcl, JSON.stringify(acl));
        t.equal((await c.request(setAcl(root, acl))).error, invalidAcl);
      }
      t.equal(
        (await c.request(create(`${root}/none/a`, { acl: [] }))).error,
        invalidAcl,
        'looked at before the parent',
      );
    },
  },
  {
    name: 'permissions are asked for by each operation',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      const error = async (request: Parameters<typeof c.request>[0]) => (await c.request(request)).error;
      const only = async (name: string, permissions: number) => {
        const path = `${root}/${name}`;
        await c.request(create(path));
        await c.request(create(`${path}/child`));
        await c.request(setAcl(path, [entry(permissions, 'world', 'anyone')]));
        return [
          await error(getData(path)),
          await error(getChildren(path)),
          await error(setData(path, '')),
          await error(create(`${path}/new`)),
          await error(remove(`${path}/child`)),
          await error(getAcl(path)),
          await error(multi(item.check(path))),
          await error(exists(path)),
          await error(setAcl(path, OPEN)),
        ];
      };
      const n = noAuth;
      t.same(await only('read', Permission.read), [0, 0, n, n, n, 0, 0, 0, n]);
      t.same(await only('write', Permission.write), [n, n, 0, n, n, n, 0, 0, n]);
      t.same(await only('create', Permission.create), [n, n, n, 0, n, n, 0, 0, n]);
      t.same(await only('delete', Permission.delete), [n, n, n, n, 0, n, 0, 0, n]);
      t.same(await only('admin', Permission.admin), [n, n, n, n, n, 0, 0, 0, 0]);
      t.same(await only('nothing', 0), [n, n, n, n, n, n, 0, 0, n]);
    },
  },
  {
    name: 'digest: only who knows the password may',
    run: async ({ t, root, connect }) => {
      const [bob, eve] = [await connect(), await connect()];
      t.match(await bob.auth('digest', 'bob:secret'), { error: 0, zxid: 0n });
      await bob.request(create(`${root}/a`, { acl: [entry(Permission.all, 'digest', BOB)], data: 'mine' }));
      t.equal((await bob.request(getData(`${root}/a`))).error, 0);
      t.equal((await eve.request(getData(`${root}/a`))).error, noAuth);
      await eve.auth('digest', 'bob:wrong');
      t.equal((await eve.request(getData(`${root}/a`))).error, noAuth);
      await eve.auth('digest', 'bob:secret');
      t.equal((await eve.request(getData(`${root}/a`))).error, 0, 'credentials add up');
    },
  },
  {
    name: 'auth: stands for whoever creates the node',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.auth('digest', 'bob:secret');
      await c.request(create(`${root}/a`, { acl: [entry(Permission.read, 'auth', 'ignored')] }));
      t.match((await c.request(getAcl(`${root}/a`))).body?.acl, [{ permissions: 1, scheme: 'digest' }]);
      await c.auth('digest', 'bob:secret');
      await c.request(create(`${root}/b`, { acl: [entry(Permission.all, 'auth', '')] }));
      t.same((await c.request(getAcl(`${root}/b`))).body?.acl, [entry(31, 'digest', BOB)], 'the same one once');
    },
  },
  {
    name: 'credentials end with the connection, not with the session',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.auth('digest', 'bob:secret');
      await c.request(create(`${root}/a`, { acl: [entry(31, 'auth', '')] }));
      await c.drop();
      const again = await connect({ sessionId: c.sessionId, password: c.response.password });
      t.equal((await again.request(getData(`${root}/a`))).error, noAuth);
    },
  },
  {
    name: 'digests are masked for who may read but not administer',
    run: async ({ t, root, connect }) => {
      const [bob, eve] = [await connect(), await connect()];
      await bob.auth('digest', 'bob:secret');
      const acl = [entry(Permission.all, 'digest', BOB), entry(Permission.read, 'world', 'anyone')];
      await bob.request(create(`${root}/a`, { acl }));
      t.same((await bob.request(getAcl(`${root}/a`))).body?.acl, acl);
      t.same((await eve.request(getAcl(`${root}/a`))).body?.acl, [entry(31, 'digest', 'bob:x'), acl[1]]);
    },
  },
  {
    name: 'duplicates in an ACL are dropped',
    run: async ({ t, root, connect }) => {
      const c = await connect();
      await c.request(create(`${root}/a`, { acl: [...OPEN, ...OPEN] }));
      t.same((await c.request(getAcl(`${root}/a`))).body?.acl, OPEN);
    },
  },
  {
    name: 'an unknown scheme fails and ends the connection',
    run: async ({ t, connect }) => {
      const c = await connect();
      t.match(await c.auth('nonsense', 'x'), { error: ErrorNumber.authFailed, zxid: 0n });
      await c.closed;
      t.ok(c.isClosed);
    },
  },
  {
    name: 'the configuration node cannot be written',
    run: async ({ t, connect }) => {
      const c = await connect();
      t.equal((await c.request(setData('/zookeeper/config', 'x'))).error, noAuth);
      t.match((await c.request(getAcl('/zookeeper/config'))).body, {
        acl: [entry(1, 'world', 'anyone')],
        stat: { aversion: -1 },
      });
    },
  },
];
