import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { packet } from './packet.js';
import { REQUESTS_MAX, REQUESTS_MAX_BYTES, type Request, RequestBook } from './request-book.js';

const LIMIT_MS = 1000;

function request(outcomes: string[], name: string, frame = packet(0, 3)): Request {
  return {
    frame,
    write: true,
    answered: (error) => void outcomes.push(`${name} answered ${error}`),
    failed: (kind) => void outcomes.push(`${name} ${kind}`),
  };
}

t.test('requests are numbered as they are sent and answered in that order', async (t) => {
  const clock = new FakeClock();
  const book = new RequestBook(clock, LIMIT_MS, 41);
  const outcomes: string[] = [];
  for (const name of ['a', 'b', 'c']) book.add(request(outcomes, name));
  t.equal(book.takeForSending()?.readInt32BE(4), 41);
  await clock.advance(10);
  t.equal(book.takeForSending()?.readInt32BE(4), 42);
  t.same(book.answer(41, 0, Buffer.alloc(0)), { sentAt: 0, write: true });
  t.throws(() => book.answer(43, 0, Buffer.alloc(0)), /not due/);
  t.same(book.answer(42, -101, Buffer.alloc(0)), { sentAt: 10, write: true });
  t.throws(() => book.answer(43, 0, Buffer.alloc(0)), /not due/, 'nothing is sent');
  t.same(outcomes, ['a answered 0', 'b answered -101']);
  t.equal(book.size, 1);
});

t.test('each request has its own time; a late reply to one given up is matched and dropped', async (t) => {
  const clock = new FakeClock();
  const book = new RequestBook(clock, LIMIT_MS);
  const outcomes: string[] = [];
  book.add(request(outcomes, 'sent'));
  book.takeForSending();
  await clock.advance(400);
  book.add(request(outcomes, 'sent later'));
  book.takeForSending();
  book.add(request(outcomes, 'unsent'));
  await clock.advance(599);
  t.same(outcomes, []);
  await clock.advance(1);
  t.same(outcomes, ['sent unknown']);
  await clock.advance(400);
  t.same(outcomes, ['sent unknown', 'sent later unknown', 'unsent unknown']);
  book.answer(1, 0, Buffer.alloc(0));
  book.answer(2, 0, Buffer.alloc(0));
  t.equal(outcomes.length, 3);
  t.equal(book.size, 0);
});

t.test('what was sent and what was not fail apart', async (t) => {
  const book = new RequestBook(new FakeClock(), LIMIT_MS);
  const outcomes: string[] = [];
  for (const name of ['a', 'b']) book.add(request(outcomes, name));
  book.takeForSending();
  book.failSent('unknown', '');
  t.same(outcomes, ['a unknown']);
  book.failUnsent('expired', '');
  t.same(outcomes, ['a unknown', 'b expired']);
  book.close();
});

t.test('an answer that cannot be read fails its request and is told', async (t) => {
  const book = new RequestBook(new FakeClock(), LIMIT_MS);
  const outcomes: string[] = [];
  const broken = () => {
    throw new RangeError('cut off');
  };
  book.add({ ...request(outcomes, 'a'), answered: broken });
  book.takeForSending();
  t.throws(() => book.answer(1, 0, Buffer.alloc(0)), RangeError);
  t.same(outcomes, ['a unknown']);
  book.close();
});

t.test('the count and the bytes of waiting requests are limited', async (t) => {
  const book = new RequestBook(new FakeClock(), LIMIT_MS);
  const outcomes: string[] = [];
  for (let i = 0; i < REQUESTS_MAX; i++) book.add(request(outcomes, `${i}`));
  t.equal(outcomes.length, 0);
  book.add(request(outcomes, 'one more'));
  t.same(outcomes, ['one more unknown']);
  book.failUnsent('closed', '');
  const big = Buffer.alloc(REQUESTS_MAX_BYTES / 2);
  outcomes.length = 0;
  for (const name of ['a', 'b', 'c']) book.add(request(outcomes, name, big));
  t.same(outcomes, ['c unknown']);
  book.takeForSending();
  book.answer(1, 0, Buffer.alloc(0));
  book.add(request(outcomes, 'd', big));
  t.same(outcomes, ['c unknown', 'a answered 0']);
  book.failUnsent('closed', '');
  book.close();
});
