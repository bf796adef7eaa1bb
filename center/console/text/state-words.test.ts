import t from 'tap';
import { agentState, clusterState, RUN_STATES } from '../../../manifests/index.js';
import { stateWords } from './state-words.js';

t.test('no state is told in a word that only programs write', async (t) => {
  const states = [
    ...RUN_STATES,
    ...agentState({ spec: { unschedulable: true }, status: { state: 'NotReady' } } as never).split(','),
    ...clusterState({} as never).split(','),
  ];
  for (const one of ['TimedOut', 'SchedulingDisabled', 'NotReady', 'NoAgents']) t.ok(states.includes(one), one);
  for (const state of states) t.match(stateWords(state), /^[A-Z][a-z]*( [a-z]+)*$/, state);
});
