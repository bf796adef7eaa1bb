import fc from 'fast-check';
import t from 'tap';
import { formatPath, parsePath, pathOfPointer } from './field-path.js';

t.test('paths read as people write them', async (t) => {
  t.equal(formatPath(['spec', 'schedules', 0, 'cron']), 'spec.schedules[0].cron');
  t.equal(formatPath(['metadata', 'labels', 'a.b/c']), 'metadata.labels["a.b/c"]');
  t.equal(formatPath([]), '');
  t.strictSame(pathOfPointer({ spec: { 'a/b': [{ x: 1 }] } }, '/spec/a~1b/0/x'), ['spec', 'a/b', 0, 'x']);
  t.strictSame(pathOfPointer({ labels: { 0: 'x' } }, '/labels/0'), ['labels', '0'], 'a key is no index');
});

t.test('any path survives being written and read', async () => {
  const step = fc.oneof(fc.nat(99), fc.string(), fc.constantFrom('spec', 'a.b', '[0]', '"', '\\', ''));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), (path) => {
      const read = parsePath(formatPath(path));
      return JSON.stringify(read) === JSON.stringify(path);
    }),
  );
});
