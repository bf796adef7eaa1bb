import t from 'tap';
import type { RunSummary } from '../../store/store-types.js';
import { decideTaskStatus, type TaskFacts } from './decide-task-status.js';

const NOW = Date.UTC(2026, 10, 22, 12);
const finished = (state: NonNullable<RunSummary['lastFinished']>['state']): RunSummary => ({
  ...{ open: 0, openStates: [], skipped: 0 },
  lastFinished: { name: 'x-1', state, time: NOW - 1000 },
});
const facts = (extra: Partial<TaskFacts> = {}): TaskFacts => ({
  generation: 1,
  suspended: false,
  slots: [{ slot: '', revision: 1, owner: 'a1' }],
  isRegistered: () => true,
  isKnown: () => true,
  runs: undefined,
  onDemand: false,
  nextTime: NOW + 5000,
  ...extra,
});

t.test('the word for columns', (t) => {
  const running: RunSummary = { open: 1, openStates: ['Running'], skipped: 0 };
  const counted = { maxRuns: 3, runs: [3, 4] };
  const cases: [string, Partial<TaskFacts>][] = [
    ['Active', {}],
    ['Active', { runs: finished('Succeeded') }],
    ['Active', { runs: finished('Skipped') }],
    ['Running', { runs: running }],
    ['Degraded', { runs: finished('Failed') }],
    ['Degraded', { runs: finished('Missed') }],
    ['Unallocated', { slots: [] }],
    ['Unallocated', { slots: [{ slot: '', revision: 1, owner: null }] }],
    ['Unallocated', { isRegistered: () => false, runs: running }],
    ['Degraded', { refusal: () => 'unknown zone' }],
    ['Degraded', { isKnown: () => false }],
    ['Unallocated', { isKnown: () => false, isRegistered: () => false }],
    ['Suspended', { suspended: true, runs: running }],
    ['Complete', { counted }],
    ['Complete', { counted, slots: [] }],
    ['Complete', { counted, runs: finished('Failed') }],
    ['Running', { counted, runs: running }],
    ['Suspended', { counted, suspended: true }],
    ['Active', { counted: { maxRuns: 3, runs: [3, 2] } }],
    ['Active', { counted: { maxRuns: 3, runs: [] } }],
  ];
  for (const [state, extra] of cases) t.equal(decideTaskStatus(facts(extra), undefined, NOW).state, state);
  t.end();
});

t.test('a transition has the time at which the status flipped, whatever reason or generation become', (t) => {
  const first = decideTaskStatus(facts(), undefined, NOW);
  const again = decideTaskStatus(facts({ generation: 2, runs: finished('Succeeded') }), first, NOW + 60_000);
  const ready = (status: typeof first) => status.conditions?.find(({ type }) => type === 'Ready');
  const degraded = (status: typeof first) => status.conditions?.find(({ type }) => type === 'Degraded');
  t.equal(ready(again)?.status, 'False', 'generation 2 is not in force yet');
  t.equal(ready(again)?.lastTransitionTime, new Date(NOW + 60_000).toISOString());
  t.equal(degraded(again)?.reason, 'LastRunOK');
  t.equal(degraded(again)?.lastTransitionTime, new Date(NOW).toISOString());
  t.equal(degraded(again)?.observedGeneration, 2);
  t.end();
});

t.test('Scheduled speaks of the schedules alone (A-06)', (t) => {
  const scheduled = (extra: Partial<TaskFacts>) =>
    decideTaskStatus(facts(extra), undefined, NOW).conditions?.find(({ type }) => type === 'Scheduled');
  t.match(scheduled({ suspended: true }), { status: 'True', reason: 'TimePointsAhead', observedGeneration: 1 });
  t.match(scheduled({ nextTime: undefined }), { status: 'False', reason: 'NoTimePointsAhead' });
  t.match(scheduled({ nextTime: undefined, onDemand: true }), { status: 'False', reason: 'NoSchedule' });
  t.match(scheduled({ nextTime: undefined, onDemand: true, waits: true }), { message: /it runs after others/ });
  t.end();
});

t.test('the same facts give the same status at any time', (t) => {
  const first = decideTaskStatus(facts(), undefined, NOW);
  t.same(decideTaskStatus(facts(), first, NOW + 1_000_000), first);
  t.end();
});

t.test('a task that its agent cannot schedule is not ready, and has no next time', (t) => {
  const status = decideTaskStatus(facts({ refusal: (agent) => `not on ${agent}` }), undefined, NOW);
  t.match(status.conditions?.[0], {
    ...{ type: 'Ready', status: 'False', reason: 'TaskRefused' },
    message: 'agent a1 cannot schedule the task: not on a1',
  });
  t.equal(status.nextTime, undefined);
  t.end();
});

t.test('no next time where nothing will fire', (t) => {
  t.equal(decideTaskStatus(facts(), undefined, NOW).nextTime, new Date(NOW + 5000).toISOString());
  t.equal(decideTaskStatus(facts({ suspended: true }), undefined, NOW).nextTime, undefined);
  t.equal(decideTaskStatus(facts({ isRegistered: () => false }), undefined, NOW).nextTime, undefined);
  const ending = facts({ suspended: true, suspension: 'suspended until T (move)', firesAt: NOW + 9000 });
  const status = decideTaskStatus(ending, undefined, NOW);
  t.match(status, { state: 'Suspended', nextTime: new Date(NOW + 9000).toISOString() });
  t.equal(
    status.conditions?.find(({ type }) => type === 'Suspended')?.message,
    'suspended until T (move); each time point is recorded as Skipped',
  );
  t.end();
});

t.test('an owner that is registered and has never reported: the task is not ready, nothing is to come', (t) => {
  const status = decideTaskStatus(facts({ isKnown: (agent) => agent !== 'a1' }), undefined, NOW);
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  t.match(ready, { status: 'False', reason: 'AgentUnknown', message: /^agent a1, .*never reported to the center$/ });
  t.equal(status.nextTime, undefined);
  const refused = decideTaskStatus(facts({ isKnown: () => false, refusal: () => 'unknown zone' }), undefined, NOW);
  t.match(refused.conditions?.[0], { type: 'Ready', reason: 'TaskRefused' }, 'what the agent says itself says more');
  t.end();
});

t.test('a task that has had its runs says so, and has no next time', async (t) => {
  const of = (runs: number[], maxRuns = 3) => decideTaskStatus(facts({ counted: { maxRuns, runs } }), undefined, NOW);
  const complete = ({ conditions }: ReturnType<typeof of>) => conditions?.find(({ type }) => type === 'Complete');
  t.match(complete(of([3])), {
    ...{ status: 'True', reason: 'MaxRuns', message: 'it has had 3 runs by its schedules (maxRuns)' },
    observedGeneration: 1,
  });
  t.equal(of([3]).nextTime, undefined);
  t.match(complete(of([3], 4)), {
    status: 'False',
    reason: 'RunsLeft',
    message: '3 of 4 runs by its schedules (maxRuns)',
  });
  t.ok(of([3], 4).nextTime, 'a larger number lets it go on');
  t.match(complete(of([3, 1])), { status: 'False', message: '1 of 3 runs by its schedules in each slot (maxRuns)' });
  t.equal(complete(decideTaskStatus(facts(), undefined, NOW)), undefined, 'nothing is said where nothing is counted');
});

t.test('the last run is one that ran; what was skipped since is counted', async (t) => {
  const runs = { ...finished('Succeeded'), skipped: 4 };
  const status = decideTaskStatus(facts({ runs }), undefined, NOW);
  t.match(status, { lastRun: { state: 'Succeeded' }, skippedRuns: 4, state: 'Active' });
  t.notOk('skippedRuns' in decideTaskStatus(facts({ runs: finished('Succeeded') }), undefined, NOW));
});
