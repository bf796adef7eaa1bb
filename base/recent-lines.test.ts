import t from 'tap';
import { constantFields, RecentLines } from './recent-lines.js';

const line = (n: number, more: object = {}) => `${JSON.stringify({ level: 30, n, ...more, msg: 'said' })}\n`;
const numbers = (recent: RecentLines) => recent.all().map((text) => JSON.parse(text).n as number);

t.test('the last lines are kept, in their order', async (t) => {
  const recent = new RecentLines({ maxLines: 3 });
  t.same(recent.all(), []);
  for (let n = 1; n <= 10; n++) {
    recent.add(line(n));
    t.same(
      numbers(recent),
      [n - 2, n - 1, n].filter((each) => each > 0),
    );
    t.equal(recent.omitted, Math.max(0, n - 3));
  }
  t.same(recent.all()[0], line(8).trimEnd(), 'as they were printed, without the end of line');
});

t.test('within their bytes, whatever these are', async (t) => {
  const recent = new RecentLines({ maxBytes: 100 });
  for (let n = 1; n <= 1000; n++) recent.add(line(n, { ä: 'ö'.repeat(n % 20) }));
  const kept = recent.all();
  t.ok(kept.reduce((sum, text) => sum + Buffer.byteLength(text), 0) <= 100);
  t.ok(kept.length > 0);
  t.equal(recent.omitted, 1000 - kept.length);
  t.equal(numbers(recent).at(-1), 1000);
});

t.test('of a line that is too long what each line has', async (t) => {
  const recent = new RecentLines();
  recent.add(line(1, { err: 'x'.repeat(20_000), part: 'store' }));
  recent.add(JSON.stringify({ msg: 'x'.repeat(20_000) }));
  const [first, second] = recent.all().map((text) => JSON.parse(text));
  t.match(first, { level: 30, msg: 'said', part: 'store', omittedBytes: Number });
  t.notOk('err' in first);
  t.same(second, { omittedBytes: 20_010 });
  t.equal(constantFields('{"level":30,"task":"a","msg":"said"}'), '{"level":30,"msg":"said"}');
});
