import fc from 'fast-check';
import t from 'tap';
import { RUN_STATES, type RunState, type TaskAfter } from '../../../manifests/index.js';
import type { Cause, Dependent } from '../../store/dependencies/dependency-book.js';
import { decideStep, stateOfAll } from './decide.js';

const NOW = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;

function cause(task: string, state: RunState = 'Succeeded', extra: Partial<Cause> = {}): Cause {
  return { uid: `${task}-uid`, name: `${task}-run`, task, state, scheduledTime: null, endTime: NOW, ...extra };
}

function dependent(after: TaskAfter, extra: Partial<Dependent> = {}): Dependent {
  const spec = { run: { command: ['true'] }, after };
  return { taskUid: 'd', namespace: 'default', name: 'd', spec, going: false, used: false, arrived: {}, ...extra };
}

const step = (given: Dependent, result: Cause) => decideStep(given, result, [''], NOW);

t.test('one task: which ends are what was asked for', async (t) => {
  const asked = (on: 'Succeeded' | 'Failed' | 'Finished') =>
    RUN_STATES.filter(
      (state) => step(dependent({ tasks: [{ name: 'a', on }], match: 'Any' }), cause('a', state)) !== undefined,
    );
  t.same(asked('Succeeded'), ['Succeeded']);
  t.same(asked('Failed'), ['Failed', 'TimedOut', 'Lost']);
  t.same(asked('Finished'), ['Succeeded', 'Failed', 'TimedOut', 'Cancelled', 'Lost']);
});

t.test('Any: each result for itself; nothing is remembered', async (t) => {
  const any = dependent({ tasks: [{ name: 'a' }, { name: 'b', on: 'Failed' }], match: 'Any' });
  t.match(step(any, cause('a')), { kind: 'Start', taskUid: 'd', causes: [{ task: 'a' }], slots: [''] });
  t.match(step(any, cause('b', 'Failed')), { kind: 'Start', causes: [{ task: 'b' }] });
  t.equal(step(any, cause('b')), undefined);
});

t.test('All: the latest result of each, each once', async (t) => {
  const after: TaskAfter = { tasks: [{ name: 'a' }, { name: 'b' }] };
  t.match(step(dependent(after), cause('a')), { kind: 'Note', cause: { task: 'a' } });
  const half = dependent(after, { arrived: { a: cause('a') } });
  t.match(step(half, cause('b')), { kind: 'Start', cause: { task: 'b' }, causes: [{ task: 'a' }, { task: 'b' }] });
  t.match(step(half, cause('b', 'Failed')), { kind: 'Note' }, 'a failure is remembered');
  const failed = dependent(after, { arrived: { a: cause('a'), b: cause('b', 'Failed') } });
  t.match(step(failed, cause('a', 'Succeeded', { uid: 'a2' })), { kind: 'Note' }, 'and waited out');
  t.match(step(failed, cause('b')), { kind: 'Start' });
  t.match(step(half, cause('a', 'Failed')), { kind: 'Note' }, 'a later failure takes an earlier success back');
});

t.test('All within a bound: yesterday does not count with today', async (t) => {
  const after: TaskAfter = { tasks: [{ name: 'a' }, { name: 'b' }], within: '10m' };
  const ended = (minutes: number) =>
    dependent(after, { arrived: { a: cause('a', 'Succeeded', { endTime: NOW - minutes * MINUTE }) } });
  t.match(step(ended(10), cause('b')), { kind: 'Start' });
  t.match(step(ended(11), cause('b')), { kind: 'Note', cause: { task: 'b' } });
});

t.test('nothing: used before, going, or not waited for any more', async (t) => {
  const after: TaskAfter = { tasks: [{ name: 'a' }] };
  t.equal(step(dependent(after, { used: true }), cause('a')), undefined);
  t.equal(step(dependent(after, { going: true }), cause('a')), undefined);
  t.equal(step(dependent(after), cause('z')), undefined);
});

t.test('a suspended task gets records', async (t) => {
  const given = dependent({ tasks: [{ name: 'a' }] });
  const suspended = { ...given, spec: { ...given.spec, suspend: true, suspendReason: 'repairs' } };
  t.match(step(suspended, cause('a')), {
    kind: 'Start',
    skipped: { reason: 'Suspended', message: 'the task was suspended (repairs) then' },
  });
});

t.test('All never starts unless every latest result is as asked, and never uses one twice', async () => {
  const names = ['a', 'b', 'c'];
  const results = fc.array(fc.record({ task: fc.constantFrom(...names), ok: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(results, (given) => {
      const after: TaskAfter = { tasks: names.map((name) => ({ name })) };
      let arrived: Record<string, Cause> = {};
      const latest = new Map<string, boolean>();
      const used = new Set<string>();
      return given.every(({ task, ok }, i) => {
        const result = cause(task, ok ? 'Succeeded' : 'Failed', { uid: String(i) });
        latest.set(task, ok);
        const made = step(dependent(after, { arrived }), result);
        const due = names.every((name) => latest.get(name) === true);
        if (made?.kind === 'Note') arrived = { ...arrived, [task]: result };
        if (made?.kind !== 'Start') return !due;
        const fresh = made.causes.every(({ uid }) => !used.has(uid));
        for (const { uid } of made.causes) used.add(uid);
        arrived = {};
        latest.clear();
        return due && fresh;
      });
    }),
  );
});

t.test('several slots come to one result', async (t) => {
  const table: [RunState[], RunState | undefined][] = [
    [['Succeeded', 'Succeeded'], 'Succeeded'],
    [['Succeeded', 'TimedOut'], 'Failed'],
    [['Cancelled', 'Lost'], 'Failed'],
    [['Succeeded', 'Cancelled'], 'Cancelled'],
    [['Succeeded', 'Missed'], 'Failed'],
    [['Skipped', 'Missed'], undefined],
  ];
  for (const [states, come] of table) t.equal(stateOfAll(states), come, states.join(' '));
});
