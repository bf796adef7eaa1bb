import t from 'tap';
import { limitMark } from './limits/limit-mark.js';
import type { TreeRoot } from './platform.js';
import { type ProcessInfo, parsePsLine, parseStat } from './process-table.js';
import { membersOfTrees } from './process-tree.js';

const process = (pid: number, parent: number, more: Partial<ProcessInfo> = {}): ProcessInfo => ({
  pid,
  parent,
  group: pid,
  session: pid,
  start: String(1000 + pid),
  zombie: false,
  ...more,
});
const root = (pid: number, marks: string[] = []): TreeRoot => ({
  pid,
  processStart: String(1000 + pid),
  marks,
  known: new Map(),
});
const members = (
  processes: ProcessInfo[],
  roots: TreeRoot[],
  environments: Record<number, string[]> = {},
  limits: Record<number, string | undefined> = {},
) => {
  const traces = {
    environmentOf: (pid: number) => new Set(environments[pid]),
    limitMarkOf: (pid: number) => limits[pid],
  };
  return membersOfTrees(processes, roots, traces).map((tree) => tree.map((p) => p.pid));
};

t.test('root, group, session, descendants', (t) => {
  const processes = [
    process(1, 0),
    process(10, 1),
    process(11, 10),
    process(12, 11),
    process(13, 1, { group: 10 }),
    process(14, 1, { session: 10 }),
    process(20, 1),
  ];
  t.same(members(processes, [root(10)]), [[10, 11, 12, 13, 14]]);
  t.same(members([...processes].reverse(), [root(10), root(20)]), [[14, 13, 12, 11, 10], [20]]);
  t.end();
});

t.test('a daemon is found by its marks, all of them', (t) => {
  const environments = { 30: ['RUN=a', 'ATTEMPT=1'], 31: ['RUN=a', 'ATTEMPT=2'], 32: ['RUN=b'] };
  const processes = [process(10, 1), process(30, 1), process(31, 1), process(32, 1), process(33, 30)];
  t.same(members(processes, [root(10, ['RUN=a', 'ATTEMPT=1'])], environments), [[10, 30, 33]]);
  t.same(members(processes, [root(10)], environments), [[10]], 'without marks nobody is taken for a member');
  t.end();
});

t.test('one that cleared its environment is found by the limit, and nobody else by it', (t) => {
  const [mine, others] = [
    ['RUN=a', 'ATTEMPT=1'],
    ['RUN=a', 'ATTEMPT=2'],
  ] as const;
  const limits = { 30: limitMark(mine), 31: limitMark(others), 32: undefined };
  const processes = [process(10, 1), process(20, 1), process(30, 1), process(31, 1), process(32, 1), process(33, 30)];
  t.same(members(processes, [root(10, [...mine])], {}, limits), [[10, 30, 33]]);
  t.same(members(processes, [root(10, [...mine]), root(20, [...others])], {}, limits), [
    [10, 30, 33],
    [20, 31],
  ]);
  t.same(members(processes, [root(10)], {}, limits), [[10]]);
  // The same pid, later: whoever has it now has another limit or none.
  t.same(members(processes, [root(10, [...mine])], {}, { 30: limitMark(others) }), [[10]]);
  t.end();
});

t.test('nothing older than the root is asked for its traces', (t) => {
  const asked: number[] = [];
  const limits: number[] = [];
  membersOfTrees([process(2, 1), process(10, 1), process(30, 1)], [root(10, ['RUN=a'])], {
    environmentOf(pid) {
      asked.push(pid);
      return new Set();
    },
    limitMarkOf(pid) {
      limits.push(pid);
      return undefined;
    },
  });
  t.same([asked, limits], [[30], [30]]);
  t.end();
});

t.test('a member stays known when its parent ends, unless its pid is given to another', (t) => {
  const tree = root(10);
  t.same(members([process(10, 1), process(11, 10)], [tree]), [[10, 11]]);
  t.same(members([process(11, 1)], [tree]), [[11]]);
  t.same(members([process(11, 1, { start: '9999' })], [tree]), [[]]);
  t.end();
});

t.test('zombies are not alive; a group number given to a stranger is not the group', (t) => {
  t.same(members([process(10, 1, { zombie: true }), process(11, 1, { group: 10 })], [root(10)]), [[11]]);
  t.same(members([process(10, 1, { start: '9999' }), process(11, 10, { group: 10 })], [root(10)]), [[]]);
  t.end();
});

t.test('reads what the kernel and ps print', (t) => {
  const stat = '42 (a ) b (c) S 1 40 39 0 -1 4194304 101 0 0 0 1 2 3 4 20 0 1 0 135265 3022848 397';
  const process = { pid: 42, parent: 1, group: 40, session: 39, start: '135265', zombie: false };
  t.same(parseStat(stat), { ...process, cpuMs: 100, reapedCpuMs: 70 });
  t.equal(parseStat('nonsense'), undefined);
  t.same(parsePsLine('  501     1   500 0 Z+   Sun Nov 22 10:00:00 2026  '), {
    pid: 501,
    parent: 1,
    group: 500,
    session: 0,
    start: 'Sun Nov 22 10:00:00 2026',
    zombie: true,
  });
  t.equal(parsePsLine(''), undefined);
  t.end();
});
