import t from 'tap';
import { kinds } from '../kinds/registry.js';
import { RUN_STATES } from '../kinds/run-states.js';
import { conditionTypes, type WantedCondition } from './condition-types.js';
import { type EventReason, type EventReasonRow, eventReasons } from './event-reasons.js';
import { type RunReason, runReasons } from './run-reasons.js';

const WORD = /^[A-Z][A-Za-z]+$/;
const SENTENCE = /^[A-Z`].*\.$/;

t.test('every reason of an event is explained (A-13)', async (t) => {
  const known = kinds.map(({ kind }) => kind);
  for (const [reason, { type, about, meaning, action }] of Object.entries<EventReasonRow>(eventReasons)) {
    t.match(reason, WORD);
    t.match(meaning, SENTENCE, reason);
    t.match(action, SENTENCE, reason);
    t.ok(about.length > 0 && about.every((kind) => known.includes(kind)), reason);
    t.ok(type === 'Normal' || action !== 'Nothing.', `${reason} is a warning, so there is something to do`);
  }
  // @ts-expect-error what is not in the table cannot be emitted
  const wrong: EventReason = 'SomethingElse';
  t.notOk(wrong in eventReasons);
});

t.test('every reason of a run goes with states that there are', async (t) => {
  for (const [reason, { states, meaning }] of Object.entries(runReasons)) {
    t.match(reason, WORD);
    t.match(meaning, SENTENCE, reason);
    t.ok(states.length > 0 && states.every((state) => RUN_STATES.includes(state)), reason);
  }
  const bad = RUN_STATES.filter((state) => !['Queued', 'Running', 'Succeeded', 'Pending'].includes(state));
  for (const state of bad) {
    const some = Object.values(runReasons).some(({ states }) => (states as readonly string[]).includes(state));
    t.ok(some, `${state} can be explained`);
  }
  // @ts-expect-error what is not in the table cannot be reported
  const wrong: RunReason = 'SomethingElse';
  t.notOk(wrong in runReasons);
});

t.test('a condition has one of its own reasons', async (t) => {
  for (const types of Object.values(conditionTypes)) for (const type of Object.keys(types)) t.match(type, WORD);
  const right: WantedCondition<'Task'> = { type: 'Ready', status: 'True', reason: 'Allocated', message: '' };
  // @ts-expect-error the reason of another condition
  const wrong: WantedCondition<'Task'> = { type: 'Suspended', status: 'True', reason: 'Allocated', message: '' };
  t.not(right.type, wrong.type);
});
