// What is sent next of what waits, by every rule and by chance: nothing about a subject is overtaken, and everything gets out.
import t from 'tap';
import { LineUp, type OutboxRow } from './line-up.js';
import { BATCH_MAX } from './notification-book.js';

const NOW = 10_000_000;
const MINUTE = 60_000;

function row(id: number, subject: string, extra: Partial<OutboxRow> = {}): OutboxRow {
  return {
    ...{ id, event_key: `k${id}`, namespace: 'default', notifier: 'ops', event: 'Failed', recipients: '[""]' },
    facts: JSON.stringify({ about: 'Agent', agent: subject, cluster: 'c', time: 0 }),
    ...{ created_time: NOW - MINUTE, due_time: NOW - MINUTE, attempts: 0, state: 'Pending' },
    ...{ batch: null, leased_until: 0, error: null, finish_time: null, ...extra },
  };
}

const next = (rows: readonly OutboxRow[], rules: Partial<ConstructorParameters<typeof LineUp>[0]> = {}) => {
  const line = new LineUp({ groupWaitMs: 0, ...rules }, NOW);
  line.add(rows);
  const found = line.next();
  if (found === undefined) return undefined;
  return 'apart' in found ? found : found.rows.map(({ id }) => id).sort((x, y) => x - y);
};

t.test('a batch that may have arrived goes again, and what is about the same waits for it', async (t) => {
  const fixed = { batch: 'f', attempts: 1 };
  t.same(next([row(1, 'a', fixed), row(2, 'a'), row(3, 'b')]), [3]);
  t.same(next([row(1, 'a', fixed), row(2, 'a')]), [1]);
  t.same(
    next([row(1, 'a', { ...fixed, leased_until: NOW + 1 }), row(2, 'a')]),
    undefined,
    'while it is being sent, too',
  );
  t.same(
    next([row(1, 'a', fixed), row(2, 'a')], { repeatable: true }),
    [1, 2],
    'of what is taken once nothing is fixed',
  );
  t.same(next([row(1, 'a', { ...fixed, leased_until: NOW + 1 }), row(2, 'a')], { repeatable: true }), undefined);
});

t.test('what waits behind such a batch waits for a few minutes', async (t) => {
  const old = { created_time: NOW - 4 * MINUTE };
  const fixed = { batch: 'f', attempts: 2, due_time: NOW + MINUTE };
  t.same(next([row(1, 'a', fixed), row(2, 'a', old)]), { apart: 'f' });
  t.same(next([row(1, 'a', { ...fixed, attempts: 1 }), row(2, 'a', old)]), undefined, 'it is tried twice');
  t.same(next([row(1, 'a', fixed), row(2, 'a')]), undefined);
  t.same(next([row(1, 'a', { ...fixed, leased_until: NOW + 1 }), row(2, 'a', old)]), undefined);
  t.same(next([row(1, 'a', { ...fixed, ...old }), row(2, 'b', old)]), [2], 'of others it is nothing');
  const line = new LineUp({ groupWaitMs: 0 }, NOW);
  line.add([row(1, 'a', { ...fixed, due_time: NOW + 10 * MINUTE }), row(2, 'a')]);
  t.equal(line.nextTime(), NOW + 2 * MINUTE, 'and is looked at then');
});

t.test('what is due takes along what came before it, and is never alone in front', async (t) => {
  const later = { due_time: NOW + MINUTE, attempts: 3 };
  t.same(next([row(1, 'a', later), row(2, 'a')]), [1, 2]);
  t.same(next([row(1, 'a', later)]), undefined);
  const lost = { event: 'Lost' };
  const only = { only: ['Lost'] as const };
  t.same(next([row(1, 'a'), row(2, 'b'), row(3, 'a', lost), row(4, 'a')], only), [1, 3]);
  t.same(next([row(1, 'a', { batch: 'f', attempts: 1 }), row(2, 'a', lost)], only), [1], 'also what nobody asked for');
  t.same(next([row(1, 'a', { batch: 'f', attempts: 1 }), row(2, 'b')], only), undefined);
  const many = Array.from({ length: BATCH_MAX + 50 }, (_, n) => row(n + 1, 'a', { attempts: n < 50 ? 9 : 0 }));
  t.equal((next(many) as number[])[0], 1);
  t.equal((next(many) as number[]).length, BATCH_MAX);
});

t.test('incidents of runs that are late, or take long, wait for nothing else about the task', async (t) => {
  const about = (event: string, ends?: string) => ({
    ...{ event, facts: JSON.stringify({ about: 'Run', namespace: 'n', task: 't', slot: '', ends }) },
  });
  const rows = [
    row(1, '', about('Failed')),
    row(2, '', about('LongerThan')),
    row(3, '', about('Late')),
    row(4, '', about('Over', 'Late')),
  ];
  const only = ['Late', 'Over'] as const;
  t.same(next(rows, { only, repeatable: true }), [3, 4]);
  t.same(next(rows.slice(0, 3), { only: ['LongerThan'], repeatable: true }), [2]);
  t.same(next(rows, { only }), [1, 2, 3, 4], 'where they are no incidents all is told in its order');
});

t.test('messages to different people are different messages, each in its order', async (t) => {
  const boss = { recipients: '["boss@example.com"]' };
  const rows = [
    row(1, 'a', { ...boss, batch: 'f', attempts: 1, due_time: NOW + MINUTE }),
    row(2, 'a'),
    row(3, 'a', boss),
  ];
  t.same(next(rows, { byRecipients: true }), [2]);
  t.same(next(rows), undefined, 'a webhook has one recipient');
  t.same(next([row(1, 'a', boss), row(2, 'b')]), [1, 2]);
});

t.test('batches of another time never wait for each other', async (t) => {
  const [f, g] = ['f', 'g'].map((batch) => ({ batch, attempts: 1 }));
  t.same(next([row(1, 'x', f), row(2, 'y', g), row(4, 'y', f), row(5, 'x', g)]), [1, 4]);
});

t.test('whatever becomes of messages, nothing is overtaken and all of it gets out', async (t) => {
  for (let seed = 1; seed <= 20; seed += 1) t.same(troubleOf(seed), [], `seed ${seed}`);
});

/** A notifier whose messages arrive, are refused, or nobody knows: what is wrong with the order of what it was told. */
function troubleOf(seed: number): string[] {
  let state = seed;
  const chance = (of: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * of);
  };
  const trouble: string[] = [];
  const messages: (readonly OutboxRow[])[] = [];
  let pending: OutboxRow[] = [];
  let [now, id] = [NOW, 0];
  for (let step = 0; step < 400; step += 1) {
    now += chance(20_000);
    for (let n = step < 200 ? chance(4) : 0; n > 0; n -= 1) {
      id += 1;
      pending.push(row(id, `s${chance(6)}`, { created_time: now }));
    }
    const line = new LineUp({ groupWaitMs: 1_000 }, now);
    line.add(pending);
    const found = line.next();
    if (found === undefined) continue;
    if ('apart' in found) {
      pending = pending.map((one) => (one.batch === found.apart ? { ...one, batch: null } : one));
      continue;
    }
    const ids = new Set(found.rows.map((one) => one.id));
    const about = (one: OutboxRow, other: OutboxRow) => one.facts === other.facts;
    for (const mine of found.rows) {
      const before = pending.find((one) => about(one, mine) && one.id < mine.id && !ids.has(one.id));
      if (before !== undefined) trouble.push(`${mine.id} goes before ${before.id}`);
      const overtaken = messages.some(
        (message) =>
          !message.some((one) => one.id === mine.id) && message.some((one) => about(one, mine) && one.id > mine.id),
      );
      if (overtaken) trouble.push(`${mine.id} comes late`);
    }
    const fate = (['arrived', 'refused', 'unknown'] as const)[chance(3)]!;
    if (fate !== 'refused') messages.push(found.rows);
    const batch = found.rows[0]!.batch ?? (fate === 'unknown' ? `b${step}` : null);
    pending = pending.flatMap((one) => {
      if (!ids.has(one.id)) return [one];
      if (fate === 'arrived') return [];
      return [{ ...one, attempts: one.attempts + 1, due_time: now + chance(30_000), batch }];
    });
  }
  return [...trouble, ...pending.map((one) => `${one.id} is left`)];
}
