// What becomes of what a center and its agents have said: a row per finding, and none for what is well.
import t from 'tap';
import type { Agent, AlarmEntry, Cluster, CoordinationFacts, Diagnosis, Notifier } from '../../../manifests/index.js';
import type { Check } from './check.js';
import { judgeAgents } from './judge-agents.js';
import { judgeCenter, judgeClocks, judgeCoordination, judgeDrift, judgeStore, judgeTasks } from './judge-center.js';
import { judgeAlarms, judgeCalendars, judgeNotifiers } from './judge-objects.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();
const none = { count: 0, first: [] };

const coordination: CoordinationFacts = {
  ...{ state: 'connected', servers: 'zk1:2181', root: '/cloudtask', sessionTimeoutMs: 4000, writeMs: 3 },
  ...{ time: at(0), centerTime: at(100), candidates: ['c1', 'c2'], agents: ['eu-1'] },
  checkpoint: { coordination: 4, store: 3 },
  nodes: {
    ...{ count: 20, records: 2, largestBytes: 900, largestPath: '/cloudtask/x' },
    ...{ largestChildrenBytes: 800, largestChildrenPath: '/cloudtask/triggers' },
  },
};
const well: Diagnosis = {
  ...{ kind: 'Diagnosis', apiVersion: 'cloudtask.dev/v1', time: at(0) },
  center: {
    ...{ id: 'c1', version: '3.0.0', node: 'v20.19.0', leads: true, tzdata: '2026a', uptimeSeconds: 60 },
    ...{ residentBytes: 1e8, openStreams: 4, openStreamsMax: 10_000 },
    disk: { freeBytes: 5e9, totalBytes: 1e10, storeBytes: 1e6 },
  },
  store: {
    ...{ engine: 'postgres', answerMs: 4, time: at(200), bytes: 1e6, objects: { Task: 2 }, runs: 7, openRuns: 1 },
    ...{ events: 3, auditEntries: 1, outbox: { pending: 0, retried: 0, failed: 0 } },
    agentCertificates: [{ agent: 'eu-1', expirationTime: at(86_400_000) }],
  },
  unallocated: none,
  coordination,
  drift: {
    ...{ slots: 2, owners: none, lists: none, ownerless: none, unknown: none, broken: none },
    allocated: [{ agent: 'eu-1', slots: 2, changedTime: at(-600_000) }],
  },
};

const centerChecks = (of: Diagnosis) => [
  ...judgeCenter('http://c1', of),
  ...judgeStore(of, NOW),
  ...judgeClocks(of, NOW),
  ...judgeCoordination(of.coordination!),
  ...judgeDrift(of),
  judgeTasks(of),
];
const notOk = (checks: readonly Check[]) =>
  checks.filter(({ verdict }) => verdict !== 'ok').map(({ group, name, verdict }) => `${verdict} ${group}/${name}`);

t.test('a center that is well', async (t) => {
  t.same(notOk(centerChecks(well)), []);
  t.ok(centerChecks(well).length >= 15);
});

t.test('what a center says, and what becomes of it', async (t) => {
  const center = (extra: object) => ({ ...well, center: { ...well.center, ...extra } });
  const store = (extra: object) => ({ ...well, store: { ...well.store, ...extra } });
  const coordinated = (extra: object) => ({ ...well, coordination: { ...coordination, ...extra } });
  const nodes = (extra: object) => coordinated({ nodes: { ...coordination.nodes, ...extra } });
  const drift = (extra: object) => ({ ...well, drift: { ...well.drift!, ...extra } });
  const outbox = (pending: number, retried: number, failed: number, ago: number) =>
    store({ outbox: { pending, retried, failed, oldestTime: at(-ago) } });
  const slot = { task: 'default/a', slot: '' };
  const table: [Diagnosis, string[]][] = [
    [center({ disk: { freeBytes: 9e8, totalBytes: 1e10, storeBytes: 1 } }), ['warn Center/http://c1 disk']],
    [center({ disk: { freeBytes: 1e8, totalBytes: 1e10, storeBytes: 1 } }), ['fail Center/http://c1 disk']],
    [center({ openStreams: 9000 }), ['warn Center/http://c1 watches']],
    [store({ answerMs: 1500 }), ['warn Store/answer']],
    [store({ time: at(9000) }), ['warn Clocks/store']],
    [store({ agentCertificates: [{ agent: 'old', expirationTime: at(-1) }] }), ['warn Store/agent certificates']],
    [outbox(3, 0, 0, 3_600_000), []], // they wait for quiet hours or a group, and nothing was refused
    [outbox(3, 2, 0, 60_000), []],
    [outbox(3, 2, 0, 3_600_000), ['warn Store/outbox']],
    [outbox(0, 0, 1, 0), ['warn Store/outbox']],
    [coordinated({ state: 'disconnected' }), ['fail Coordination/session']],
    [coordinated({ error: 'expired' }), ['unknown Coordination/look']],
    [coordinated({ candidates: [] }), ['fail Coordination/leader']],
    [coordinated({ guard: 'raising' }), ['fail Coordination/restore guard']],
    [coordinated({ guard: 'open' }), []],
    [coordinated({ checkpoint: { coordination: 9, store: 3 } }), ['fail Coordination/checkpoint']],
    [coordinated({ writeMs: 700 }), ['warn Coordination/write']],
    [coordinated({ centerTime: at(2500) }), ['fail Clocks/coordination']],
    [nodes({ largestBytes: 600_000 }), ['warn Coordination/largest node']],
    [nodes({ largestChildrenBytes: 600_000 }), ['warn Coordination/largest list of nodes']],
    [drift({ owners: { count: 1, first: [{ ...slot, status: 'eu-1', record: 'eu-2' }] } }), ['warn Drift/owners']],
    [drift({ lists: { count: 1, first: [{ ...slot, agent: 'eu-1', what: 'Surplus' }] } }), ['warn Drift/lists']],
    [drift({ ownerless: { count: 1, first: [{ ...slot, owner: 'eu-1' }] } }), ['warn Drift/absent owners']],
    [drift({ unknown: { count: 1, first: [{ taskUid: 'u', slot: '' }] } }), ['warn Drift/unknown tasks']],
    [drift({ broken: { count: 1, first: [{ path: '/x' }] } }), ['fail Drift/broken records']],
    [
      { ...well, unallocated: { count: 9, first: [{ namespace: 'a', name: 'b', message: '' }] } },
      ['warn Tasks/agents'],
    ],
  ];
  for (const [diagnosis, expected] of table) {
    const checks = centerChecks(diagnosis);
    t.same(notOk(checks), expected);
    for (const check of checks) {
      if (check.verdict === 'warn' || check.verdict === 'fail') t.ok(check.todo, `${check.name} says what to do`);
    }
  }
  const { drift: _, ...away } = well;
  t.same(notOk(judgeDrift(away)), ['unknown Drift/slots']);
  const many = {
    count: 30,
    first: Array.from({ length: 20 }, (_none, i) => ({ task: `d/t${i}`, slot: '1', owner: 'x' })),
  };
  t.match(judgeDrift(drift({ ownerless: many }))[0], { todo: /"ctask why task\/NAME"/ });
  const lists = drift({ lists: { count: 1, first: [{ ...slot, agent: 'eu-1', what: 'Surplus' }] } });
  t.match(judgeDrift(lists)[0], { todo: /restart the center that leads/ });
  const shut = { ...lists, coordination: { ...well.coordination!, guard: 'raising' as const } };
  t.match(judgeDrift(shut)[0], { todo: /^nothing is moved while the restore guard is shut/ });
  t.match(judgeDrift(drift({ ownerless: many }))[0]?.message, /d\/t0 slot 1 \(x\), .*d\/t4 slot 1 \(x\) and 25 more$/);
});

t.test('what agents say', async (t) => {
  const cluster = (status: Cluster['status']): Cluster => ({
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'default' }, spec: {}, status },
  });
  const disk = { diskBytes: 1e10, diskFreeBytes: 5e9 };
  const agent = (status: Agent['status'], spec: Agent['spec'] = {}): Agent => ({
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Agent', metadata: { name: 'eu-1' }, spec },
    status: { ...{ state: 'Ready', version: '3.0.0', tasks: 2, heartbeatTime: at(-5000) }, ...disk, ...status },
  });
  const judge = (of: Agent[], status: Cluster['status'] = { tasks: 2 }) =>
    notOk(judgeAgents({ agents: of, clusters: [cluster(status)], version: '3.1.0', diagnosis: well, now: NOW }));
  const condition = (type: string, status: 'True' | 'False', reason: string) => ({
    ...{ type, status, reason, message: 'words', lastTransitionTime: at(0), observedGeneration: 1 },
  });
  const unregistered = condition('Ready', 'False', 'NotRegistered');
  const table: [string[], string[]][] = [
    [judge([agent({})]), []],
    [judge([]), ['unknown Agents/registered']],
    [judge([agent({ state: 'NotReady' })]), ['fail Agents/cluster default']],
    [judge([agent({ state: 'NotReady' })], { tasks: 0 }), ['warn Agents/cluster default']],
    [
      judge([agent({ state: 'NotReady', conditions: [{ ...unregistered, lastTransitionTime: at(-20_000) }] })]),
      ['fail Agents/cluster default', 'warn Agents/cluster default registration'],
    ],
    [
      judge([agent({ state: 'NotReady', conditions: [{ ...unregistered, lastTransitionTime: at(-5500) }] })]),
      ['fail Agents/cluster default'], // its last words
    ],
    [
      judge([agent({})], { tasks: 2, conditions: [condition('MovesStopped', 'True', 'MassLoss')] }),
      ['warn Agents/cluster default moves'],
    ],
    [judge([agent({ heartbeatTime: at(-90_000) })]), ['warn Agents/heartbeats']],
    [judge([agent({ version: '2.9.0' })]), ['warn Agents/versions']],
    [
      judge([agent({ conditions: [condition('Schedulable', 'False', 'TimeZoneDataDiffers')] })]),
      ['warn Agents/time zones'],
    ],
    [judge([agent({ spoolBytes: 1e9 })]), ['warn Agents/backlog']],
    [judge([agent({ pendingReports: 3, oldestReportTime: at(-600_000) })]), ['warn Agents/backlog']],
    [judge([agent({ refusedTasks: [{ uid: 'u', message: 'unknown zone' }] })]), ['warn Agents/refused tasks']],
    [judge([agent({ diskFreeBytes: 5e8 })]), ['warn Agents/disks']],
    [judge([agent({ diskFreeBytes: 1e8 })]), ['fail Agents/disks']],
    [judge([agent({ clockOffsetMs: 2500 } as object)]), ['fail Agents/clocks']],
    [judge([agent({ tasks: 1 })]), ['warn Agents/tasks']],
    [judge([agent({ tasks: 1, heartbeatTime: at(-600_000) })]), ['warn Agents/heartbeats']], // of before the list changed
  ];
  for (const [found, expected] of table) t.same(found, expected);
});

t.test('objects that will not do for long', async (t) => {
  const calendar = (spec: object) => ({ metadata: { name: 'c', namespace: 'd' }, spec }) as never;
  const verdict = (spec: object) => judgeCalendars([calendar(spec)], NOW)[0]?.verdict;
  t.equal(verdict({ dates: ['2026-11-01'] }), 'warn');
  t.equal(verdict({ dates: ['2026-12-01/2026-12-10'] }), 'warn');
  t.equal(verdict({ dates: ['2020-01-01', '2027-01-01'] }), 'ok');
  t.equal(verdict({ dates: ['2020-01-01', '12-25'] }), 'ok', 'of each year');
  t.equal(verdict({ dates: ['2020-01-01'], weekdays: ['Saturday'] }), 'ok');
  t.same(judgeCalendars([], NOW), []);
  const notifier = (status: Notifier['status']) =>
    ({ metadata: { name: 'n', namespace: 'd' }, spec: {}, status }) as never;
  t.equal(judgeNotifiers([notifier({})])[0]?.verdict, 'ok');
  t.match(judgeNotifiers([notifier({ lastError: '535 refused' })])[0], { verdict: 'warn', message: /535 refused/ });
});

t.test('what was told and is not over', async (t) => {
  const alarm = (about: string, commands: readonly string[] = []): AlarmEntry => ({
    ...{ event: 'CenterLost', subject: about, message: 'it is silent', since: at(-120_000), commands },
    regarding: { kind: 'Cluster', name: 'default' },
  });
  t.match(judgeAlarms([[], []], NOW), [{ group: 'Alarms', name: 'told', verdict: 'ok' }]);
  const lost = alarm('center c2', ['ctask doctor']);
  t.match(judgeAlarms([[lost], [lost, alarm('center c3')]], NOW), [
    {
      name: 'CenterLost center c2',
      verdict: 'warn',
      message: 'for 2m: it is silent',
      todo: 'look closer: "ctask doctor"',
    },
    { name: 'CenterLost center c3', verdict: 'warn', todo: 'see its events' },
  ]);
  t.match(judgeAlarms([undefined, [lost]], NOW), [{ name: 'CenterLost center c2' }], 'a cluster is gone meanwhile');
  t.match(judgeAlarms([undefined], NOW), [{ name: 'told', verdict: 'unknown', message: /older/ }]);
});
