// Who is asked for log lines, in which order, and what is said of those that give none.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { systemClock } from '../../../base/index.js';
import type { Agent, Diagnosis, ProcessLog } from '../../../manifests/index.js';
import { Api } from '../../client/api.js';
import type { AskedCenter } from '../doctor/ask-center.js';
import { collectLogs, inTroubleFirst } from './collect-logs.js';

const NOW = Date.UTC(2026, 0, 1);
const ago = (ms: number) => new Date(NOW - ms).toISOString();

const agent = (name: string, status: object = {}) =>
  ({ metadata: { name }, spec: {}, status: { state: 'Ready', heartbeatTime: ago(1000), ...status } }) as Agent;

const log = (name: string, more: Partial<ProcessLog> = {}): ProcessLog => ({
  ...{ kind: 'ProcessLog', apiVersion: 'cloudtask.dev/v1', time: ago(0), name, answer: 'Given' },
  ...{ lines: [{ level: 30, msg: 'said' }], omitted: 0, ...more },
});

t.test('agents in trouble first', async (t) => {
  const agents = [
    agent('well-2'),
    agent('well-1'),
    agent('gone', { state: 'NotReady', heartbeatTime: ago(86_400_000) }),
    agent('full', { spoolBytes: 2 ** 30 }),
    agent('refuses', { refusedTasks: [{ uid: 'u', message: 'm' }] }),
    agent('silent', { heartbeatTime: ago(120_000) }),
    agent('away', { state: 'NotReady' }),
    agent('late', { clockOffsetMs: 5000, heartbeatTime: ago(0) }),
  ];
  const order = ['away', 'gone', 'late', 'refuses', 'silent', 'full', 'well-1', 'well-2'];
  t.same(inTroubleFirst(agents, NOW), order);
});

type Answer = (of: string) => ProcessLog | undefined;

/** Servers that say what centers say: to `log` what one says of itself, to an agent's name what it says of that one; nothing is refused. */
async function collected(
  t: Test,
  agents: readonly Agent[],
  answers: readonly Answer[],
  candidates: readonly string[] = [],
) {
  const asked: string[] = [];
  const centers = await Promise.all(
    answers.map(async (answer, index): Promise<AskedCenter> => {
      const server = createServer(({ url = '' }, response) => {
        const of = /agents\/(.+)\/log$/.exec(url)?.[1] ?? 'log';
        const isList = /\/agents(\?|$)/.test(url);
        if (!isList && of !== 'log') asked.push(`${index + 1} ${of}`);
        const said = isList ? { items: agents, metadata: { resourceVersion: '1' } } : answer(of);
        response.writeHead(said === undefined ? 403 : 200, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify(said ?? { kind: 'Status', code: 403, reason: 'Forbidden', message: 'you may not' }),
        );
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.teardown(() => server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { signal } = new AbortController();
      const api = new Api({ servers: [url], timeoutMs: 10_000, clock: systemClock, signal, userAgent: 'test' });
      const diagnosis = { time: ago(0), coordination: { candidates } } as unknown as Diagnosis;
      return { server: `c${index + 1}:7070`, checks: [], api, diagnosis };
    }),
  );
  const files = new Map<string, string>();
  const missing: { what: string; why: string; names: readonly string[] }[] = [];
  await collectLogs(centers, NOW, {
    lines: async (file, what) => {
      files.set(file, what);
      return file.includes('large') ? 20 * 2 ** 20 : 100;
    },
    miss: (what, why, names = []) => void missing.push({ what, why, names }),
  });
  return { files, missing, asked };
}

t.test('one center after another, until one has the agent', async (t) => {
  const answers: Record<string, string[]> = {
    a: ['Given'],
    b: ['NotListening', 'Given'],
    c: ['Silent', 'NotListening'],
  };
  const center = (index: number) => (of: string) =>
    of === 'log' ? log(`c${index + 1}`) : log(of, { answer: (answers[of]?.[index] ?? 'NotListening') as never });
  const names = ['a', 'b', 'c', 'd'];
  const { files, missing, asked } = await collected(
    t,
    names.map((name) => agent(name)),
    [center(0), center(1)],
    ['c1', 'c3'],
  );
  t.same(
    [...files.keys()],
    ['c1', 'c2'].map((id) => `logs/centers/${id}.jsonl`).concat(['a', 'b'].map((n) => `logs/agents/${n}.jsonl`)),
  );
  t.equal(files.get('logs/centers/c2.jsonl'), 'the last log lines of center c2, asked at c2:7070');
  t.same([...asked].sort(), ['1 a', '1 b', '1 c', '1 d', '2 b', '2 c', '2 d']);
  t.match(missing, [
    { what: 'logs of 1 center', names: ['c3'] },
    { what: 'logs of 1 agent', why: /did not answer in time/, names: ['c'] },
    { what: 'logs of 1 agent', why: /no center that was asked has a connection/, names: ['d'] },
  ]);
  t.equal(missing.length, 3);
});

t.test('not more agents, and not more bytes, than fit', async (t) => {
  const many = Array.from({ length: 120 }, (_, n) => agent(`a${String(n).padStart(3, '0')}`));
  const given = await collected(t, many, [(of) => log(of)]);
  t.equal([...given.files.keys()].filter((file) => file.startsWith('logs/agents/')).length, 50);
  t.match(given.missing, [{ what: 'logs of 70 agents', why: /^50 agents or 32 MiB/ }]);
  t.equal(given.missing[0]?.names?.length, 70);
  const silent = await collected(t, many, [(of) => log(of, { answer: of === 'log' ? 'Given' : 'Silent' })]);
  t.equal(silent.asked.length, 50, 'each is waited for');
  const away = await collected(t, many, [(of) => log(of, { answer: of === 'log' ? 'Given' : 'NotListening' })]);
  t.equal(away.asked.length, 120, 'that one is away is known at once');
  const large = await collected(
    t,
    many.map(({ metadata }) => agent(`large-${metadata.name}`)),
    [(of) => log(of)],
  );
  t.equal(large.files.size, 11, 'ten at a time');
});

t.test('a center that does not tell, and remarks', async (t) => {
  const refusing = await collected(t, [agent('a')], [() => undefined]);
  t.same(refusing.asked, [], 'nothing more is asked of it');
  t.match(refusing.missing, [
    { what: 'log of the center at c1:7070', why: /you may not/ },
    { what: 'logs of agents', why: 'no center that was asked tells any' },
  ]);
  const { files } = await collected(
    t,
    [agent('a'), agent('b')],
    [
      (of) => {
        if (of === 'a') return log(of, { omitted: 3, fieldsLeftOut: true });
        return of === 'b' ? log(of, { lines: [] }) : log('../../etc/x');
      },
      () => log('../../etc/x'),
    ],
  );
  t.same([...files.keys()].slice(0, 2), ['logs/centers/__.._etc_x.jsonl', 'logs/centers/__.._etc_x-2.jsonl']);
  t.match(files.get('logs/agents/a.jsonl'), /agent a; 3 older lines it does not keep; without the fields that differ/);
  t.match(files.get('logs/agents/b.jsonl'), /agent b: it keeps none/);
});
