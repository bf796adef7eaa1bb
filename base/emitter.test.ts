import t from 'tap';
import { Emitter } from './emitter.js';

t.test('next resolves with the first accepted event and leaves no listener', async (t) => {
  const emitter = new Emitter<{ run: { n: number } }>();
  const seen: number[] = [];
  const off = emitter.on('run', ({ n }) => seen.push(n));
  const two = emitter.next('run', ({ n }) => n === 2);
  for (const n of [1, 2, 3]) emitter.emit('run', { n });
  t.same(await two, { n: 2 });
  off();
  emitter.emit('run', { n: 4 });
  t.same(seen, [1, 2, 3]);
});

t.test('an aborted wait rejects', async (t) => {
  const abort = new AbortController();
  const wait = new Emitter<{ run: number }>().next('run', () => true, abort.signal);
  abort.abort(new Error('no more'));
  await t.rejects(wait, { message: 'no more' });
});
