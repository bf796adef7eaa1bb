import t from 'tap';
import { findField } from '../../../manifests/index.js';
import { TASK_STATES } from './task-states.js';

t.test('every state of a task has its sentence; what is trouble says what to do', async (t) => {
  const found = findField('Task', ['status', 'state']);
  const states = 'field' in found ? found.field.enum : [];
  t.same(Object.keys(TASK_STATES).sort(), [...states].sort());
  for (const [state, { meaning, advice }] of Object.entries(TASK_STATES)) {
    t.match(meaning, /^[A-Z][^\n]*\.$/, state);
    t.equal(advice !== undefined, ['Degraded', 'Unallocated'].includes(state), state);
  }
  t.equal(new Set(Object.values(TASK_STATES).map(({ meaning }) => meaning)).size, states.length, 'no two say the same');
});
