import t from 'tap';
import { diskSpace } from './disk-space.js';

t.test('how much room there is', async (t) => {
  const { diskBytes, diskFreeBytes } = diskSpace(t.testdir());
  t.ok(diskBytes! > 0);
  t.ok(diskFreeBytes! >= 0 && diskFreeBytes! <= diskBytes!);
  t.same(diskSpace('/no/such/directory'), {}, 'nothing is better than a guess');
});
