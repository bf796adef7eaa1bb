import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { Progress } from './progress.js';

function terminal(isTTY: boolean, env: Record<string, string> = {}) {
  const clock = new FakeClock();
  let text = '';
  const stderr = {
    isTTY,
    columns: 80,
    write: async (data: string | Uint8Array) => {
      text += data;
    },
  };
  return { clock, progress: new Progress({ clock, stderr, env }), read: () => text };
}

t.test('a line that replaces itself and goes', async (t) => {
  const { clock, progress, read } = terminal(true);
  progress.show('1 of 3');
  progress.show('2 of 3');
  await clock.advance(100);
  progress.show('3 of 3');
  t.equal(read(), '\r\u001b[K1 of 3\r\u001b[K3 of 3', 'no faster than one can read');
  progress.clear();
  progress.clear();
  t.ok(read().endsWith('3 of 3\r\u001b[K'), 'gone, once');
});

t.test('nothing where nobody watches', async (t) => {
  for (const { progress, read } of [terminal(false), terminal(true, { CI: '1' }), terminal(true, { TERM: 'dumb' })]) {
    progress.show('1 of 3');
    progress.clear();
    t.equal(read(), '');
  }
});
