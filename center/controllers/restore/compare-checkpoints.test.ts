import t from 'tap';
import { compareCheckpoints } from './compare-checkpoints.js';

const store = (number: number, mark: string, nextMark: string) => ({ number, mark, nextMark, time: 0 });
const coordination = (number: number, mark: string) => ({ number, mark, resourceVersion: 0 });
const both = { coordination: true, store: true };
const neither = { coordination: false, store: false };

t.test('which place was restored', async (t) => {
  t.strictSame(compareCheckpoints(undefined, undefined), neither, 'the first leader ever');
  t.strictSame(
    compareCheckpoints(store(0, '', 'a'), undefined),
    neither,
    'the first leader died after its first write',
  );
  t.strictSame(compareCheckpoints(store(0, '', 'a'), coordination(1, 'a')), neither);
  t.strictSame(compareCheckpoints(store(4, 'd', 'e'), coordination(4, 'd')), neither, 'died between the writes');
  t.strictSame(compareCheckpoints(store(4, 'd', 'e'), coordination(5, 'e')), neither);

  t.strictSame(compareCheckpoints(store(4, 'd', 'e'), coordination(3, 'c')), { coordination: true, store: false });
  t.strictSame(compareCheckpoints(store(4, 'd', 'e'), undefined), { coordination: true, store: false }, 'lost');
  t.strictSame(compareCheckpoints(store(4, 'd', 'e'), coordination(6, 'f')), { coordination: false, store: true });
  t.strictSame(compareCheckpoints(undefined, coordination(6, 'f')), { coordination: false, store: true });

  t.strictSame(compareCheckpoints(store(4, 'd', 'e'), coordination(4, 'x')), both, 'two histories');
  t.strictSame(compareCheckpoints(store(4, 'd', 'e'), coordination(5, 'x')), both, 'two histories');
});
