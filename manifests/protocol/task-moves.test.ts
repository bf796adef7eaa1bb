import t from 'tap';
import { parseTaskMove, taskMoveText } from './task-moves.js';

t.test('a move is read as it was written', (t) => {
  const move = { namespace: 'billing', task: 'nightly-report', from: 'eu-1.example', to: 'eu-2' };
  t.same(parseTaskMove(taskMoveText(move)), move);
  for (const text of ['', 'task x moved from a to b', 'task a/b moved from c', 'a task a/b moved from c to d']) {
    t.equal(parseTaskMove(text), undefined, text);
  }
  t.end();
});
