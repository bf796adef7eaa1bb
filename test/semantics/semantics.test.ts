// What must hold in every row of docs/semantics.md, whatever the policies are.
import t from 'tap';
import { isFinal, runReasons } from '../../manifests/index.js';
import { combinations, LAST_POINT, type Outcome, outcomesOf, type Situation, situations } from './situations.js';
import { type RunStory, runsOf } from './words.js';

const EVERY_MS = 600_000;
const STARTING_DEADLINE_MS = 60_000;
const CATCH_UP_WINDOW_MS = 3_600_000;

/** From the first one after the cursor on. */
function pointsOf({ cursor }: Situation): number[] {
  const count = (LAST_POINT - cursor) / EVERY_MS;
  return Array.from({ length: count }, (_, index) => cursor + (index + 1) * EVERY_MS);
}

const lastOf = (run: RunStory) => run.reports.at(-1)!;
const isPoint = (run: RunStory): run is RunStory & { point: number } => typeof run.point === 'number';

/** What is wrong with an outcome: nothing, one hopes. */
function faultsOf(situation: Situation, { policies, told }: Outcome): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, what: string) => void (holds || faults.push(what));
  const runs = runsOf(told);
  const scheduled = runs.filter(isPoint);
  must(told.cursor === LAST_POINT, 'all time points are consumed');
  const points = pointsOf(situation);
  must(
    scheduled.map(({ point }) => point).join() === points.join(),
    'each time point has one run, and there are no others',
  );
  for (const run of runs) {
    const { state, reason } = lastOf(run);
    must(run.reports.filter((report) => isFinal(report.state)).length === 1, `${run.point} ends once`);
    must(isFinal(state), `${run.point} ends`);
    const row: { states: readonly string[] } | undefined = reason && runReasons[reason];
    must(row === undefined || row.states.includes(state), `${run.point}: ${reason} goes with ${state}`);
    must(state === 'Succeeded' || reason !== undefined, `${run.point} says why`);
  }
  const starts = told.processes.map(({ runUid, attempt }) => `${runUid}/${attempt}`);
  must(new Set(starts).size === starts.length, 'no attempt starts twice');
  const inOrder = [...told.processes].sort((a, b) => a.from - b.from);
  for (const [index, process] of inOrder.entries()) {
    must(process.attempt <= (policies.retry === 'none' ? 1 : 2), 'no more attempts than the retry policy allows');
    const before = inOrder[index - 1];
    const alone = policies.concurrency !== 'Allow' || situation.maxRunning === 1;
    if (alone && before !== undefined) must(before.to! <= process.from, 'no overlap');
  }
  for (const run of scheduled) faults.push(...startFaults(run, policies.missed));
  const caughtUp = scheduled.filter((run) => lastOf(run).trigger === 'CatchUp').length;
  must(policies.missed === 'RunAll' || caughtUp <= (policies.missed === 'Skip' ? 0 : 1), 'catches up what it may');
  const states = runs.flatMap(({ reports }) => reports.map(({ state }) => state));
  const mayWait = policies.concurrency === 'Queue' || situation.maxRunning !== undefined;
  must(mayWait || !states.includes('Queued'), 'only Queue, and an agent without a place, let runs wait');
  const reasons = runs.map((run) => lastOf(run).reason);
  must(policies.concurrency === 'Replace' || !reasons.includes('Replaced'), 'only Replace ends runs');
  must(
    policies.concurrency !== 'Allow' || !states.includes('Skipped') || reasons.includes('Suspended'),
    'Allow skips none',
  );
  return faults;
}

function startFaults(run: RunStory & { point: number }, missed: string): string[] {
  const { attempts, trigger, reason } = lastOf(run);
  const first = attempts[0];
  if (first === undefined) return reason === undefined ? [`${run.point} has neither a process nor a reason`] : [];
  const late = Date.parse(first.startTime!) - run.point;
  // Behind another run of the task (Queue), or for the end of the ones that it replaces: that voids the deadline.
  const waited = run.reports.some(
    ({ state, reason }) => !isFinal(state) && state !== 'Running' && reason === undefined,
  );
  const allowed = trigger === 'CatchUp' ? CATCH_UP_WINDOW_MS : STARTING_DEADLINE_MS;
  const faults: string[] = [];
  if (late < 0) faults.push(`${run.point} starts before its time`);
  if (late > allowed && !waited) faults.push(`${run.point} starts after its deadline`);
  if (trigger === 'CatchUp' && missed === 'Skip') faults.push(`${run.point} is caught up`);
  return faults;
}

for (const situation of situations) {
  t.test(situation.title, async (t) => {
    const outcomes = await outcomesOf(situation);
    t.equal(outcomes.length, combinations.length);
    t.equal(new Set(outcomes.map(({ policies }) => JSON.stringify(policies))).size, 4 * 3 * 3, 'every combination');
    for (const outcome of outcomes) {
      t.strictSame(faultsOf(situation, outcome), [], Object.values(outcome.policies).join(', '));
    }
  });
}

t.test('the invariants see what they are for', async (t) => {
  const [situation] = situations;
  if (situation === undefined) throw new Error('there are situations');
  const outcomes = await outcomesOf(situation);
  const allow = outcomes.find(({ policies }) => policies.concurrency === 'Allow')!;
  t.match(faultsOf(situation, { ...allow, policies: { ...allow.policies, concurrency: 'Forbid' } }), ['no overlap']);
  const { told } = allow;
  const silent = { ...told, reports: told.reports.filter(({ scheduledTime }) => scheduledTime !== LAST_POINT) };
  t.match(faultsOf(situation, { ...allow, told: silent }), ['each time point has one run, and there are no others']);
  const twice = { ...told, reports: [...told.reports, told.reports.at(-1)!] };
  t.match(faultsOf(situation, { ...allow, told: twice }), [/ends once$/]);
});
