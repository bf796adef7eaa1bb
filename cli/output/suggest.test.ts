import t from 'tap';
import { closest } from './suggest.js';

t.test('what was probably meant', async (t) => {
  t.equal(closest('gte', ['get', 'apply', 'delete']), 'get');
  t.equal(closest('tsks', ['tasks', 'runs']), 'tasks');
  t.equal(closest('TASK', ['task']), 'task');
  t.equal(closest('xyz', ['get', 'apply']), undefined);
  t.equal(closest('xy', ['tk', 'ru']), undefined);
});
