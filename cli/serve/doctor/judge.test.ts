import t from 'tap';
import type { PartFacts, StoreInspection } from '../../../center/store/inspect/index.js';
import { judgeStore, judgeTogether } from './judge-store.js';
import { judgeAcls, judgeRegistered, judgeServers } from './judge-zookeeper.js';

const MIB = 1024 * 1024;
const store = (part: Partial<PartFacts>, rest: Partial<StoreInspection> = {}): StoreInspection => ({
  ...{ engine: 'sqlite', version: '3.50.0', shown: '/srv/store.db', bytes: 3 * MIB, identity: 'ab' },
  ...{ parts: [{ part: 'state', schema: 19, newest: 19, bytes: 3 * MIB, problems: [], ...part }], ...rest },
});
const words = (inspection: StoreInspection) =>
  judgeStore(inspection).map(({ name, verdict, message }) => `${verdict} ${name}: ${message}`);

t.test('a store', async (t) => {
  const amounts = { tasks: 1, runs: 20, openRuns: 2 };
  t.same(words(store({}, { amounts, disk: { freeBytes: 50 * MIB, totalBytes: 100 * MIB } })), [
    'ok reach: /srv/store.db, SQLite 3.50.0',
    'ok size: 3 MiB: 1 task, 20 runs (2 open)',
    'ok disk: 50 MiB of 100 MiB are free; 3 MiB are the store',
    'ok schema of state: 19, the newest that this version knows',
    'ok integrity of state: every page was read, and nothing is wrong with it',
  ]);
  t.match(words(store({ schema: 18 }))[2], /^warn schema of state: 18; a center of this version brings it to 19$/);
  t.match(words(store({ schema: 20 }))[2], /^fail schema of state: 20; this version knows 19$/);
  t.match(words(store({ problems: ['Page 4: btree', 'Page 5: freelist'] }))[3], /^fail .*: Page 4: btree; Page 5: /);
  t.equal(words(store({ schema: 0, problems: ['file is not a database'] })).length, 3, 'it has no schema to speak of');
  t.match(
    words(store({ schema: 0, problems: undefined, unread: 'no rights' }))[2],
    /^fail .* not be looked at: no rights$/,
  );
  const disk = (freeBytes: number) => words(store({}, { disk: { freeBytes, totalBytes: 100 * MIB } }))[2];
  t.match(disk(9 * MIB), /^warn disk/);
  t.match(disk(MIB), /^fail disk/);
});

t.test('the store and coordination are of one installation, or not', async (t) => {
  t.match(judgeTogether('ab', 'ab'), [{ verdict: 'ok' }]);
  t.match(judgeTogether('ab', 'cd'), [{ verdict: 'fail', message: 'it belongs to store cd, this one is ab' }]);
  t.same([judgeTogether('', 'ab'), judgeTogether('ab', ''), judgeTogether(undefined, 'ab')], [[], [], []]);
});

t.test('servers', async (t) => {
  const up = (address: string, mode = 'follower') => ({ address, version: '3.9.2', mode, withoutQuorum: false });
  const down = (address: string) => ({ address, refused: 'ECONNREFUSED', withoutQuorum: false });
  const idle = (address: string) => ({ address, withoutQuorum: true });
  const verdicts = (...answers: Parameters<typeof judgeServers>[0]) =>
    judgeServers(answers).map(({ verdict }) => verdict);
  t.match(judgeServers([up('a:1', 'leader')]), [{ name: 'server a:1', message: 'ZooKeeper 3.9.2, leader' }]);
  t.same(verdicts(up('a:1'), up('b:1'), down('c:1')), ['ok', 'ok', 'warn'], 'two of three are a majority');
  t.same(verdicts(up('a:1'), down('b:1'), down('c:1')), ['ok', 'fail', 'fail']);
  t.same(verdicts(up('a:1'), down('b:1')), ['ok', 'fail'], 'one of two is none');
  t.same(verdicts(idle('a:1'), idle('b:1'), down('c:1')), ['fail', 'fail', 'fail']);
  t.match(judgeServers([{ address: 'a:1', withoutQuorum: false }]), [{ verdict: 'ok', message: /does not say what/ }]);
});

t.test('who may change it, and who is there', async (t) => {
  const acls = { looked: 9, open: [], closedToUs: [] };
  t.match(judgeAcls(acls), { verdict: 'ok', message: /any of 9 nodes$/ });
  t.match(judgeAcls({ ...acls, open: ['/x'] }), { verdict: 'warn', message: 'anybody may change 1 of 9 nodes: /x' });
  t.match(judgeAcls({ ...acls, closedToUs: ['/y'] }), { verdict: 'warn', message: /^1 of 9 nodes belong to somebody/ });
  const agents = ['a1', 'a2'];
  t.match(judgeRegistered({ agents, candidates: ['c1'], sessions: 3 }), {
    ...{ verdict: 'ok', message: '3 sessions of the installation: 2 agents (a1, a2), 1 center' },
  });
  t.match(judgeRegistered({ agents: [], candidates: [], sessions: 0 }), {
    verdict: 'warn',
    message: /no agent, 0 cent/,
  });
});
